// Operations and the services that hold them. An operation is one struct that is its own description:
//
//   struct DescribeCollection {
//       static constexpr std::string_view name = "DescribeCollection";
//       struct Input {
//           std::string collection_id;
//           static auto members() { return wire::members(wire::required("CollectionId",
//           &Input::collection_id)); }
//       };
//       static std::string resource(const Input& input, const wire::Call& call) {
//           return call.arn("rekognition", "collection/" + input.collection_id);
//       }
//       static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input);
//   };
//   void add_collection_operations(wire::Service& service, Rooms& rooms) {
//   service.add<DescribeCollection>(rooms); }
//
// Optional parts of the struct:
//   static constexpr std::string_view action = "s3:GetObject";     the IAM action, where it is not
//   service:name static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}"};  REST protocols: where it
//   lives static constexpr wire::Lane lane = wire::Lane::pictures;        where run() runs; default
//   Lane::disk static constexpr std::size_t body_bytes_max = ...;              default: the service's struct
//   Output { ... members() };                                what it answers, described like its Input
//                                                                   (wire/answer.h)
//   static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input&, const Call&)
//                                                                   instead of resource(): for several
//                                                                   resources, condition keys, resource
//                                                                   policies, or no permission at all
#pragma once

#include <boost/json.hpp>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "wire/call.h"
#include "wire/fault.h"
#include "wire/members.h"
#include "wire/route.h"

namespace wire {

enum class Protocol { json_1_0, json_1_1, rest_json, rest_xml, query };

// Where an operation runs. All but `stream` run in a bounded pool of that name.
enum class Lane {
    disk,        // store commits and reads
    pictures,    // decoding and networks: as many threads as cores
    invocation,  // waits for a function
    stream,      // in the connection's coroutine, with the body unread: Call::body, Call::blocking
};

// What an operation answers.
struct Reply {
    Reply() = default;
    Reply(json::object members) : body(std::move(members)) {}  // the plain case: status 200 and members
    static Reply refused(Fault fault) {
        Reply out;
        out.fault = std::move(fault);
        return out;
    }

    int status = 200;
    // The answer's members. A list becomes <member> elements in the query protocol, or, in any XML, repeated
    // elements without a wrapper where its name ends in "[]".
    json::object body;
    http::Headers headers;
    // Bytes as they are, or a stream, instead of `body`; its Content-Type stands in `headers`.
    std::optional<std::variant<std::string, http::StreamedBody>> raw;
    std::optional<std::uint64_t> head_content_length;
    // An error with more to it than a refusal can carry (DynamoDB's CancellationReasons).
    std::optional<Fault> fault;
};

// An operation with its decoded input, ready to run.
class Prepared {
public:
    virtual ~Prepared() = default;
    virtual Result<std::vector<Permission>> permissions(const Call& call) const = 0;
    virtual Result<Reply> run(Call& call) = 0;
};

// A member that does not travel in the body.
struct PlacedMember {
    std::string_view name;
    Place place;
    std::string_view place_name;
    bool is_list;
};

// One entry of a service's table.
struct Operation {
    std::string name;
    std::string action;
    Lane lane = Lane::disk;
    std::size_t body_bytes_max = 0;
    std::optional<Route> route;
    std::vector<PlacedMember> placed;
    // Empty for an operation that AWS has and this service lacks.
    std::function<Result<std::unique_ptr<Prepared>>(const json::object& input, bool scalars_are_text)>
        prepare;
    std::function<json::array()> describe;
    std::function<json::array()> describe_output;  // empty where the struct has no Output

    bool implemented() const { return static_cast<bool>(prepare); }
};

struct ServiceDescription {
    std::string name;  // "rekognition": IAM prefix and signing name too, unless given below
    Protocol protocol;
    std::string target_prefix = {};  // json: X-Amz-Target up to the operation: "RekognitionService."
    std::string api_version = {};    // query: the Version parameter
    std::string xml_namespace = {};
    std::string fault_namespace = {};  // json: stands before the code in __type
    // Rekognition writes its own errors with Code, Message and Logref beside __type.
    bool long_fault_members = false;
    bool crc32_header = false;       // DynamoDB's X-Amz-Crc32
    bool anonymous_allowed = false;  // a request without a signature reaches the resource's own policy
    std::size_t body_bytes_max = 1 << 20;
    base::Duration clock_window{5 * 60'000};
    std::string validation_code = "ValidationException";
    // The fault of a refusal of the service's own rooms; nothing for one that is not theirs.
    std::optional<Fault> (*fault_of)(const Error&) = nullptr;
    // What a browser is told about an answer, where a page of another origin sent the request (an Origin
    // header): further header fields. `path` begins with the bucket that the host may name. May block.
    std::function<Result<http::Headers>(const http::Request& request, std::string_view path)> cross_origin =
        {};
    // Hosts whose left part is a bucket: "s3.localhost" for bucket.s3.localhost. Empty: path style only.
    std::vector<std::string> virtual_hosts = {};
};

template <class Op, class Rooms>
concept Described = requires(Rooms& rooms, Call& call, const typename Op::Input& input) {
    { Op::name } -> std::convertible_to<std::string_view>;
    requires Structure<typename Op::Input>;
    { Op::run(rooms, call, input) } -> std::same_as<Result<Reply>>;
};

// What a request is, before its operation has looked at it.
struct Incoming {
    const http::Request& request;
    const std::vector<http::QueryParameter>& query;
    const Labels& labels;
    std::string_view body;
};

// A service: its operations, how they are found in requests, and how answers are written. Built at start,
// then immutable: any thread may call it.
class Service {
public:
    explicit Service(ServiceDescription description) : description_(std::move(description)) {}
    const ServiceDescription& description() const { return description_; }
    const std::vector<Operation>& operations() const { return operations_; }

    template <class Op, class Rooms>
    requires Described<Op, Rooms>
    void add(Rooms& rooms) {
        Operation entry;
        entry.name = Op::name;
        entry.action = description_.name + ':' + std::string(Op::name);
        if constexpr (requires { Op::action; }) entry.action = Op::action;
        if constexpr (requires { Op::lane; }) entry.lane = Op::lane;
        if constexpr (requires { Op::route; }) entry.route = Op::route;
        entry.body_bytes_max = description_.body_bytes_max;
        if constexpr (requires { Op::body_bytes_max; }) entry.body_bytes_max = Op::body_bytes_max;
        entry.placed = placed_members<typename Op::Input>();
        entry.describe = [] { return wire::describe<typename Op::Input>(); };
        if constexpr (requires { typename Op::Output; })
            entry.describe_output = [] { return wire::describe<typename Op::Output>(); };
        entry.prepare = [&rooms, action = entry.action](
                            const json::object& source,
                            bool scalars_are_text) -> Result<std::unique_ptr<Prepared>> {
            auto input = TRY(Decoder(scalars_are_text).decode<typename Op::Input>(source));
            std::unique_ptr<Prepared> out =
                std::make_unique<PreparedOperation<Op, Rooms>>(rooms, action, std::move(input));
            return out;
        };
        insert(std::move(entry));
    }

    // Operations that AWS has and this service lacks: refused by name.
    void lacks(std::initializer_list<std::string_view> names);
    void lacks(std::string_view name, const Route& route);

    // The operation that a request names. `form` is the body of a query-protocol request. Refusals:
    // Trouble::unknown_operation, Trouble::not_implemented (with the name).
    struct Found {
        const Operation* operation;
        Labels labels;
    };
    Result<Found> find(const http::Request& request, const std::vector<http::QueryParameter>& query,
                       std::string_view form) const;

    // As sent, behind the bucket that the host names.
    std::string path_of(const http::Request& request) const;
    // "photos" for the Host photos.s3.localhost; nothing for a host that names no bucket.
    std::optional<std::string> bucket_of_host(const http::Request& request) const;

    // Decodes the request's members. Refusals: Trouble::malformed_body, Trouble::validation.
    Result<std::unique_ptr<Prepared>> prepare(const Operation& operation, const Incoming& incoming) const;

    http::Response write(const Operation& operation, const http::Request& request,
                         std::string_view request_id, Reply reply) const;
    http::Response write(const http::Request& request, std::string_view request_id, const Fault& fault) const;
    // The fault of any error: the service's own refusals, troubles, and for the rest an internal error
    // without detail.
    Fault fault_of(const Error& error) const;

private:
    template <class Op, class Rooms>
    class PreparedOperation final : public Prepared {
    public:
        PreparedOperation(Rooms& rooms, std::string action, typename Op::Input input)
            : rooms_(rooms), action_(std::move(action)), input_(std::move(input)) {}

        Result<std::vector<Permission>> permissions(const Call& call) const override {
            if constexpr (requires { Op::permissions(rooms_, input_, call); })
                return Op::permissions(rooms_, input_, call);
            else
                return std::vector<Permission>{{.action = action_, .resource = Op::resource(input_, call)}};
        }
        Result<Reply> run(Call& call) override { return Op::run(rooms_, call, input_); }

    private:
        Rooms& rooms_;
        std::string action_;
        typename Op::Input input_;
    };

    template <Structure Input>
    static std::vector<PlacedMember> placed_members() {
        std::vector<PlacedMember> out;
        auto add = [&](const auto& member) {
            using Value = std::remove_cvref_t<decltype(std::declval<Input>().*(member.pointer))>;
            if (member.limits.place != Place::body)
                out.push_back(
                    {member.name, member.limits.place, member.limits.place_name, IsList<Value>::value});
        };
        std::apply([&](const auto&... member) { (add(member), ...); }, Input::members());
        return out;
    }

    void insert(Operation operation);

    ServiceDescription description_;
    std::vector<Operation> operations_;
};

}  // namespace wire
