// PostObject: an upload from a browser's form, whose policy is signed.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
#include <algorithm>
#include <fmt/format.h>

#include "http/form_data.h"
#include "services/s3/post_policy.h"
#include "services/s3/service.h"
#include "services/s3/uploading.h"

namespace services::s3 {
namespace {

constexpr std::size_t kFieldBytesMax = 20 * 1024;  // of all fields before the file

Error translated(Error error) {
    return error.is(http::FormRefusal::malformed) ? Error::refusal(Refusal::malformed_post) : error;
}
Error argument_invalid(std::string message) {
    return Error::refusal(Refusal::invalid_argument, std::move(message));
}
Error field_missing(std::string_view name) {
    return argument_invalid(fmt::format(
        "Bucket POST must contain a field named '{}'.  If it is specified, please check the order "
        "of the fields.",
        name));
}

// The file in a form, as a body. One that grows beyond `max` is refused while it comes.
class FileBody final : public http::BodyReader {
public:
    FileBody(http::FormReader& form, std::uint64_t max) : form_(form), left_(max) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        auto count = form_.read(out);
        if (!count.ok()) return translated(std::move(count).error());
        if (*count > left_) return Error::refusal(objects::Refusal::object_too_large);
        left_ -= *count;
        return count;
    }

private:
    http::FormReader& form_;
    std::uint64_t left_;
};

// The value of the part that comes next; what all of them hold is counted in `left`.
Result<std::string> read_value(http::FormReader& form, std::size_t& left) {
    std::string out;
    std::uint8_t piece[4096];
    while (auto count = TRY(form.read(piece))) {
        if (count > left) return Error::refusal(Refusal::post_fields_too_large);
        left -= count;
        out.append(reinterpret_cast<const char*>(piece), count);
    }
    return out;
}

// Reads the form up to its file, whose bytes come next.
Result<http::Headers> read_fields(http::FormReader& form) {
    http::Headers fields;
    std::size_t left = kFieldBytesMax;
    while (auto part = TRY(form.next())) {
        if (http::equal_ignoring_case(part->name, "file")) {
            auto filename = part->filename.value_or("");
            auto slash = filename.find_last_of("/\\");
            if (slash != std::string::npos) filename.erase(0, slash + 1);
            auto key = fields.get("key");
            if (!key) return field_missing("key");
            constexpr std::string_view kVariable = "${filename}";
            std::string named(*key);
            if (auto at = named.find(kVariable); at != named.npos)
                named.replace(at, kVariable.size(), filename);
            fields.set("key", std::move(named));
            return fields;
        }
        if (part->name.size() > left) return Error::refusal(Refusal::post_fields_too_large);
        left -= part->name.size();
        // A condition is about one value.
        if (fields.has(part->name))
            return argument_invalid(fmt::format("POST form has the field '{}' twice.", part->name));
        fields.add(part->name, TRY(read_value(form, left)));
    }
    return argument_invalid("POST requires exactly one file upload per request.");
}

// The signature in the form: version 4, or version 2, which boto3 makes unless told otherwise. Nothing in a
// form without a policy: then everybody must be allowed.
Result<std::optional<wire::DocumentSignature>> read_signature(const http::Headers& fields) {
    bool version_4 =
        fields.has("x-amz-credential") || fields.has("x-amz-signature") || fields.has("x-amz-algorithm");
    bool version_2 = fields.has("awsaccesskeyid") || fields.has("signature");
    if (!version_4 && !version_2 && !fields.has("policy")) return std::optional<wire::DocumentSignature>();
    auto wanted = version_4 ? std::vector{"policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                          "x-amz-signature"}
                            : std::vector{"policy", "AWSAccessKeyId", "signature"};
    for (const auto* name : wanted)
        if (!fields.has(name)) return field_missing(name);

    wire::DocumentSignature out{.access_key = std::string(fields.get("awsaccesskeyid").value_or("")),
                                .session_token = {},
                                .date = {},
                                .region = {},
                                .service = {},
                                .signature = std::string(fields.get("signature").value_or(""))};
    if (version_4) {
        if (*fields.get("x-amz-algorithm") != "AWS4-HMAC-SHA256")
            return argument_invalid("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        if (!base::from_basic_iso8601(*fields.get("x-amz-date")))
            return argument_invalid("X-Amz-Date must be formated via ISO8601 Long format");
        out = TRY(wire::read_document_signature(*fields.get("x-amz-credential"),
                                                std::string(*fields.get("x-amz-signature"))));
    }
    out.session_token = fields.get("x-amz-security-token").value_or("");
    return std::optional(std::move(out));
}

struct PostObject {
    static constexpr std::string_view name = "PostObject";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"POST", "/{Bucket}", "", "content-type=multipart/form-data"};
    static constexpr wire::Lane lane = wire::Lane::stream;
    struct Input {
        std::string bucket;
        static auto members() { return wire::members(wire::required("Bucket", &Input::bucket)); }
    };
    // Asked further down, when the form has said who calls and for which key.
    static Permissions permissions(Rooms&, const Input&, const Call&) { return std::vector<Permission>{}; }

    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto boundary = http::form_boundary(call.request.headers.get("content-type").value_or(""));
        if (!boundary) return Error::refusal(Refusal::malformed_post);
        http::FormReader form(*call.body, *boundary);
        auto read = read_fields(form);
        if (!read.ok()) return translated(std::move(read).error());
        const auto& fields = *read;
        auto limits = TRY(admit(rooms, call, input.bucket, fields));

        auto bucket = TRY(call.blocking([&] { return rooms.objects.bucket(input.bucket); }));
        auto headers = fields;
        if (auto acl = fields.get("acl")) headers.set("x-amz-acl", std::string(*acl));
        auto attributes = TRY(read_attributes(headers));
        if (auto tags = fields.get("tagging")) attributes.tags = TRY(parse_tagging(*tags));
        TRY(objects::check_attributes(attributes));
        objects::PutRequest request{.bucket = input.bucket,
                                    .key = std::string(*fields.get("key")),
                                    .attributes = std::move(attributes),
                                    .conditions = {},
                                    .event = "ObjectCreated:Post",
                                    .actor = actor_of(call)};
        if (request.key.empty()) return argument_invalid("User key must have a length greater than 0.");
        if (!base::is_utf8(request.key)) return Error::refusal(Refusal::invalid_uri);
        if (request.key.size() > objects::kKeyBytesMax) return Error::refusal(objects::Refusal::key_too_long);

        auto integrity = TRY(read_integrity(fields));
        FileBody file(form, limits.max);
        auto upload = TRY(pour(rooms, call, file, integrity.algorithms, call.request.content_length));
        if (upload.size() < limits.min) return Error::refusal(Refusal::upload_too_small);
        auto bytes = TRY(call.blocking([&] { return upload.finish(integrity.expectations); }));
        auto object = TRY(call.blocking([&] { return rooms.objects.put(request, std::move(bytes)); }));
        auto reply = answer(call, fields, input.bucket, object);
        write_checksum(reply.headers, object.checksum);
        if (bucket.versioning == objects::Versioning::enabled)
            reply.headers.set("x-amz-version-id", object.version);
        if (!object.attributes.encryption.empty())
            reply.headers.set("x-amz-server-side-encryption", object.attributes.encryption);
        return reply;
    }

    // Who calls, whether the form keeps their policy, and whether they may put the object: how large it may
    // be.
    static Result<PostPolicy::SizeRange> admit(Rooms& rooms, Call& call, const std::string& bucket,
                                               const http::Headers& fields) {
        PostPolicy::SizeRange limits{0, objects::kPutBytesMax};
        if (auto signature = TRY(read_signature(fields))) {
            auto text = *fields.get("policy");
            TRY(call.sign_in(*signature, text));
            auto policy = TRY(parse_post_policy(text));
            TRY(check_post(policy, fields, bucket, call.now));
            if (policy.size) limits = {policy.size->min, std::min(policy.size->max, limits.max)};
        }
        std::map<std::string, std::vector<std::string>> context;
        if (auto acl = fields.get("acl")) context["s3:x-amz-acl"] = {std::string(*acl)};
        for (auto name : {"x-amz-storage-class", "x-amz-server-side-encryption"})
            if (auto value = fields.get(name)) context["s3:" + std::string(name)] = {std::string(*value)};
        auto wanted = TRY(call.blocking([&] {
            return on_object(rooms, action, bucket, std::string(*fields.get("key")), std::move(context));
        }));
        for (const auto& permission : wanted)
            TRY(call.authorise(permission));
        return limits;
    }

    // Where the object is, in the form that the form asks for.
    static Reply answer(const Call& call, const http::Headers& fields, const std::string& bucket,
                        const objects::Object& object) {
        auto path = std::string(call.request.path());  // "/bucket", or "/" where the host names it
        if (!path.ends_with('/')) path += '/';
        auto place = fmt::format("{}://{}{}{}", call.request.secure ? "https" : "http",
                                 call.request.headers.get("host").value_or(""), path,
                                 base::percent_encode(object.key, "/"));
        Reply reply;
        reply.status = 204;
        auto status = fields.get("success_action_status").value_or("");
        auto redirect = fields.get("success_action_redirect");
        if (!redirect) redirect = fields.get("redirect");
        if (redirect && (redirect->starts_with("http://") || redirect->starts_with("https://"))) {
            reply.status = 303;
            place = fmt::format("{}{}bucket={}&key={}&etag={}", *redirect,
                                redirect->find('?') == redirect->npos ? '?' : '&', bucket,
                                base::percent_encode(object.key), base::percent_encode(quoted(object.etag)));
        } else if (status == "200") {
            reply.status = 200;
            reply.raw = std::string();
        } else if (status == "201") {
            reply = Reply({{"PostResponse", json::object{{"Location", place},
                                                         {"Bucket", bucket},
                                                         {"Key", object.key},
                                                         {"ETag", quoted(object.etag)}}}});
            reply.status = 201;
        }
        reply.headers.set("Location", place);
        reply.headers.set("ETag", quoted(object.etag));
        return reply;
    }
};

}  // namespace

void add_post_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<PostObject>>(rooms);
}

}  // namespace services::s3
