// GetObject, HeadObject, GetObjectAttributes.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

// Up to this the bytes are read at once; above they are streamed.
constexpr std::uint64_t kReadAtOnceMax = 64 * 1024;

// Query words that replace a header of the answer, for callers who are known.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOverrides = {
    {{"response-content-type", "Content-Type"},
     {"response-content-language", "Content-Language"},
     {"response-expires", "Expires"},
     {"response-cache-control", "Cache-Control"},
     {"response-content-disposition", "Content-Disposition"},
     {"response-content-encoding", "Content-Encoding"}}};

struct ReadInput {
    std::string bucket, key;
    std::string version;
    std::optional<std::string> range, part_number, checksum_mode;
    static auto members() {
        return wire::members(
            wire::required("Bucket", &ReadInput::bucket), wire::required("Key", &ReadInput::key),
            wire::optional("VersionId", &ReadInput::version, wire::in_query("versionId")),
            wire::optional("Range", &ReadInput::range, wire::in_header("range")),
            wire::optional("PartNumber", &ReadInput::part_number, wire::in_query("partNumber")),
            wire::optional("ChecksumMode", &ReadInput::checksum_mode,
                           wire::in_header("x-amz-checksum-mode")));
    }
};

Permissions may_read(Rooms& rooms, const ReadInput& input, const Call&) {
    return on_object(rooms, input.version.empty() ? "s3:GetObject" : "s3:GetObjectVersion", input.bucket,
                     input.key);
}

// A delete marker is not found, and says so in a header; named by its version, it cannot be read.
Reply marker_fault(const objects::Object& marker, const ReadInput& input, bool head) {
    wire::Fault fault{404, "NoSuchKey", "The specified key does not exist.", {{"Key", input.key}}};
    if (!input.version.empty())
        fault = {405,
                 "MethodNotAllowed",
                 "The specified method is not allowed against this resource.",
                 {{"Method", head ? "HEAD" : "GET"}, {"ResourceType", "DeleteMarker"}}};
    fault.headers.set("x-amz-delete-marker", "true");
    fault.headers.set("x-amz-version-id", marker.version);
    if (!input.version.empty()) fault.headers.set("Last-Modified", base::http_date(marker.modified));
    return Reply::refused(std::move(fault));
}

std::optional<Reply> refused_by_condition(const Call& call, const objects::Object& object) {
    switch (objects::judge(read_conditions(call.request.headers), object)) {
        case objects::Verdict::go_on:
            return std::nullopt;
        case objects::Verdict::not_modified: {
            wire::Fault fault{304, "NotModified", "Not Modified"};
            fault.headers.set("ETag", quoted(object.etag));
            fault.headers.set("Last-Modified", base::http_date(object.modified));
            return Reply::refused(std::move(fault));
        }
        case objects::Verdict::precondition_failed:
            return Reply::refused(
                {412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"});
    }
    base::unreachable();
}

// The bytes that a part number names; the whole object is part 1 of itself if it was uploaded at once.
Result<ByteRange> part_range(const objects::Object& object, const std::string& part_number) {
    std::uint32_t number = 0;
    auto parsed = std::from_chars(part_number.data(), part_number.data() + part_number.size(), number);
    if (parsed.ptr != part_number.data() + part_number.size() || number < 1 ||
        number > objects::kPartNumberMax)
        return Error::refusal(objects::Refusal::part_number_invalid);
    std::uint64_t begin = 0;
    for (const auto& part : object.parts) {
        if (part.number == number || (!object.multipart() && number == 1))
            return ByteRange{begin, begin + std::max<std::uint64_t>(part.size, 1) - 1};
        begin += part.size;
    }
    return Error::refusal(Refusal::invalid_part_number);
}

// Everything of an answer but its bytes; `range` is what of the bytes is asked for.
struct Head {
    Reply reply;
    ByteRange range;
    std::uint64_t length = 0;
};
Result<Head> head_of(Rooms& rooms, const Call& call, const ReadInput& input, const objects::Object& object) {
    Head out{.reply = {}, .range = {0, object.size - 1}, .length = object.size};
    auto bucket = TRY(rooms.objects.bucket(input.bucket));
    auto& headers = out.reply.headers;
    write_object(headers, object, bucket.versioning != objects::Versioning::never);

    std::optional<ByteRange> part;
    if (input.part_number) {
        if (input.range)
            return Error::refusal(Refusal::invalid_request,
                                  "Cannot specify both Range header and partNumber query parameter");
        part = TRY(part_range(object, *input.part_number));
        if (object.multipart()) headers.set("x-amz-mp-parts-count", std::to_string(object.parts.size()));
    } else if (input.range) {
        part = TRY(read_range(*input.range, object.size));
    }
    if (part && object.size > 0) {
        out.range = *part;
        out.length = part->length();
        out.reply.status = 206;
        headers.set("Content-Range", fmt::format("bytes {}-{}/{}", part->first, part->last, object.size));
    } else if (input.checksum_mode && http::equal_ignoring_case(*input.checksum_mode, "ENABLED")) {
        write_checksum(headers, object.checksum);
    }

    auto query = http::parse_query(call.request.query());
    for (const auto& [word, header] : kOverrides)
        for (const auto& parameter : query.value_or(std::vector<http::QueryParameter>{})) {
            if (parameter.name != word) continue;
            if (call.caller.anonymous())
                return Error::refusal(
                    Refusal::invalid_request,
                    "Request specific response headers cannot be used for anonymous GET requests.");
            headers.set(header, parameter.value);
        }
    return out;
}

// Sends a range of an object; each piece is read in the disk pool.
class ObjectSource final : public http::BodySource {
public:
    ObjectSource(std::shared_ptr<objects::Reader> reader, ByteRange range,
                 std::function<Result<void>(std::function<void()>)> run_blocking)
        : reader_(std::move(reader)),
          range_(range),
          left_(range.length()),
          run_blocking_(std::move(run_blocking)) {}

    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        out = out.first(std::min<std::uint64_t>(out.size(), left_));
        if (out.empty()) return std::size_t{0};
        Result<std::size_t> count = std::size_t{0};
        TRY(run_blocking_([&] { count = reader_->read(range_.last + 1 - left_, out); }));
        if (!count.ok()) return count;
        left_ -= *count;
        return count;
    }

private:
    std::shared_ptr<objects::Reader> reader_;
    ByteRange range_;
    std::uint64_t left_;
    std::function<Result<void>(std::function<void()>)> run_blocking_;
};

struct GetObject {
    static constexpr std::string_view name = "GetObject";
    static constexpr wire::Route route{"GET", "/{Bucket}/{Key+}"};
    static constexpr wire::Lane lane = wire::Lane::stream;
    using Input = ReadInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call& call) {
        return may_read(rooms, input, call);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        return call.blocking([&] { return answer(rooms, call, input); });
    }
    static Result<Reply> answer(Rooms& rooms, Call& call, const Input& input) {
        auto object = rooms.objects.find(input.bucket, input.key, input.version);
        if (!object.ok()) return hide_missing_key(rooms, call, input.bucket, std::move(object).error());
        if (object->delete_marker) return marker_fault(*object, input, false);
        auto reader = TRY(rooms.objects.open(input.bucket, input.key, input.version));
        if (auto refused = refused_by_condition(call, reader->object())) return std::move(*refused);
        auto head = TRY(head_of(rooms, call, input, reader->object()));
        if (head.length <= kReadAtOnceMax) {
            std::string bytes(head.length, '\0');
            TRY(reader->read(head.range.first,
                             {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
            head.reply.raw = std::move(bytes);
        } else {
            head.reply.raw = http::StreamedBody{
                std::make_unique<ObjectSource>(std::move(reader), head.range, call.run_blocking),
                head.length};
        }
        return std::move(head.reply);
    }
};

struct HeadObject {
    static constexpr std::string_view name = "HeadObject";
    static constexpr std::string_view action = "s3:GetObject";
    static constexpr wire::Route route{"HEAD", "/{Bucket}/{Key+}"};
    using Input = ReadInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call& call) {
        return may_read(rooms, input, call);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto object = rooms.objects.find(input.bucket, input.key, input.version);
        if (!object.ok()) return hide_missing_key(rooms, call, input.bucket, std::move(object).error());
        if (object->delete_marker) return marker_fault(*object, input, true);
        if (auto refused = refused_by_condition(call, *object)) return std::move(*refused);
        auto head = TRY(head_of(rooms, call, input, *object));
        head.reply.head_content_length = head.length;
        return std::move(head.reply);
    }
};

struct GetObjectAttributes {
    static constexpr std::string_view name = "GetObjectAttributes";
    static constexpr wire::Route route{"GET", "/{Bucket}/{Key+}", "attributes"};
    struct Input {
        std::string bucket, key, version;
        std::optional<std::string> attributes, max_parts, part_marker;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::optional("VersionId", &Input::version, wire::in_query("versionId")),
                wire::optional("ObjectAttributes", &Input::attributes,
                               wire::in_header("x-amz-object-attributes")),
                wire::optional("MaxParts", &Input::max_parts, wire::in_header("x-amz-max-parts")),
                wire::optional("PartNumberMarker", &Input::part_marker,
                               wire::in_header("x-amz-part-number-marker")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        bool version = !input.version.empty();
        auto out =
            TRY(on_object(rooms, version ? "s3:GetObjectVersion" : "s3:GetObject", input.bucket, input.key));
        out.push_back(out.front());
        out.back().action = version ? "s3:GetObjectVersionAttributes" : "s3:GetObjectAttributes";
        return out;
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto found = rooms.objects.find(input.bucket, input.key, input.version);
        if (!found.ok()) return hide_missing_key(rooms, call, input.bucket, std::move(found).error());
        const auto& object = *found;
        if (object.delete_marker)
            return marker_fault(object, {.bucket = input.bucket, .key = input.key, .version = input.version},
                                false);
        auto wanted = [&](std::string_view attribute) {
            return input.attributes &&
                   ("," + *input.attributes + ",").find("," + std::string(attribute) + ",") !=
                       std::string::npos;
        };
        if (!input.attributes || input.attributes->empty())
            return Error::refusal(Refusal::invalid_argument,
                                  "x-amz-object-attributes header must be specified");
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        json::object result;
        if (wanted("ETag")) result["ETag"] = object.etag;
        if (wanted("Checksum") && object.checksum) result["Checksum"] = checksum(*object.checksum);
        if (wanted("ObjectParts") && object.multipart()) result["ObjectParts"] = TRY(parts(object, input));
        if (wanted("StorageClass")) result["StorageClass"] = object.attributes.storage_class;
        if (wanted("ObjectSize")) result["ObjectSize"] = object.size;
        Reply reply({{"GetObjectAttributesResponse", std::move(result)}});
        reply.headers.set("Last-Modified", base::http_date(object.modified));
        if (bucket.versioning != objects::Versioning::never)
            reply.headers.set("x-amz-version-id", object.version);
        return reply;
    }
    static json::object checksum(const objects::Checksum& checksum) {
        auto value = checksum.value.substr(0, checksum.value.find('-'));
        return {{fmt::format("Checksum{}", objects::name_of(checksum.algorithm)), value},
                {"ChecksumType", checksum.composite ? "COMPOSITE" : "FULL_OBJECT"}};
    }
    static Result<json::object> parts(const objects::Object& object, const Input& input) {
        auto limit = TRY(page_limit("max-parts", input.max_parts));
        std::uint32_t after = 0;
        if (input.part_marker)
            std::from_chars(input.part_marker->data(), input.part_marker->data() + input.part_marker->size(),
                            after);
        json::array list;
        std::uint32_t last = after;
        bool truncated = false;
        for (const auto& part : object.parts) {
            if (part.number <= after) continue;
            if (list.size() == limit) {
                truncated = true;
                break;
            }
            json::object one{{"PartNumber", part.number}, {"Size", part.size}};
            if (part.checksum)
                one[fmt::format("Checksum{}", objects::name_of(part.checksum->algorithm))] =
                    part.checksum->value;
            last = part.number;
            list.push_back(std::move(one));
        }
        json::object out{{"PartsCount", object.parts.size()},
                         {"PartNumberMarker", after},
                         {"MaxParts", limit},
                         {"IsTruncated", truncated}};
        if (truncated) out["NextPartNumberMarker"] = last;
        // AWS lists the parts only of objects that were uploaded with checksums of their parts.
        if (object.checksum && object.checksum->composite) out["Part[]"] = std::move(list);
        return out;
    }
};

}  // namespace

void add_read_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<GetObject>>(rooms);
    service.add<Named<HeadObject>>(rooms);
    service.add<Named<GetObjectAttributes>>(rooms);
}

}  // namespace services::s3
