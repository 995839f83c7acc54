// Multipart uploads: CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload,
// AbortMultipartUpload, ListParts, ListMultipartUploads.
#include <charconv>
#include <fmt/format.h>

#include "services/s3/listing.h"
#include "services/s3/service.h"
#include "services/s3/uploading.h"

namespace services::s3 {
namespace {

constexpr std::size_t kCompleteDocumentBytesMax = 4 << 20;

constexpr std::string_view kAlgorithmsSentence =
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, "
    "CRC32C, "
    "CRC64NVME, SHA1, SHA256]";

Result<std::uint32_t> part_number(const std::string& text) {
    std::uint32_t number = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < 1 ||
        number > objects::kPartNumberMax)
        return Error::refusal(objects::Refusal::part_number_invalid);
    return number;
}

void write_algorithm(http::Headers& headers, const objects::MultipartUpload& upload) {
    if (!upload.algorithm) return;
    headers.set("x-amz-checksum-algorithm", std::string(objects::name_of(*upload.algorithm)));
    headers.set("x-amz-checksum-type", upload.composite ? "COMPOSITE" : "FULL_OBJECT");
}

void put_checksum(json::object& to, const objects::MultipartUpload& upload, const objects::Part& part) {
    if (upload.algorithm && part.checksum)
        to[fmt::format("Checksum{}", objects::name_of(part.checksum->algorithm))] = part.checksum->value;
}

struct CreateMultipartUpload {
    static constexpr std::string_view name = "CreateMultipartUpload";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"POST", "/{Bucket}/{Key+}", "uploads"};
    struct Input {
        std::string bucket, key;
        std::optional<std::string> algorithm, type;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::optional("ChecksumAlgorithm", &Input::algorithm,
                               wire::in_header("x-amz-checksum-algorithm")),
                wire::optional("ChecksumType", &Input::type, wire::in_header("x-amz-checksum-type")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, action, input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto object_attributes = TRY(read_attributes(call.request.headers));
        objects::MultipartUpload upload{
            .key = input.key, .initiator = call.caller.arn, .attributes = std::move(object_attributes)};
        if (input.algorithm) {
            upload.algorithm = objects::algorithm_named(*input.algorithm);
            if (!upload.algorithm)
                return Error::refusal(Refusal::invalid_request, std::string(kAlgorithmsSentence));
        }
        if (input.type) {
            if (!input.algorithm)
                return Error::refusal(Refusal::invalid_request,
                                      "The x-amz-checksum-type header can only be used with the "
                                      "x-amz-checksum-algorithm header.");
            if (*input.type != "COMPOSITE" && *input.type != "FULL_OBJECT")
                return Error::refusal(Refusal::invalid_request,
                                      "Value for x-amz-checksum-type header is invalid.");
            upload.composite = *input.type == "COMPOSITE";
            if (upload.composite && upload.algorithm == objects::Algorithm::crc64nvme)
                return Error::refusal(
                    Refusal::invalid_request,
                    "The COMPOSITE checksum type cannot be used with the crc64nvme checksum "
                    "algorithm.");
        }
        upload = TRY(rooms.objects.begin_multipart(input.bucket, std::move(upload)));
        Reply reply({{"InitiateMultipartUploadResult",
                      json::object{{"Bucket", input.bucket}, {"Key", input.key}, {"UploadId", upload.id}}}});
        write_algorithm(reply.headers, upload);
        if (!upload.attributes.encryption.empty())
            reply.headers.set("x-amz-server-side-encryption", upload.attributes.encryption);
        return reply;
    }
};

struct UploadInput {
    std::string bucket, key, number, upload;
    static auto members() {
        return wire::members(wire::required("Bucket", &UploadInput::bucket),
                             wire::required("Key", &UploadInput::key),
                             wire::required("PartNumber", &UploadInput::number, wire::in_query("partNumber")),
                             wire::required("UploadId", &UploadInput::upload, wire::in_query("uploadId")));
    }
};

struct UploadPart {
    static constexpr std::string_view name = "UploadPart";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}", "partNumber&uploadId"};
    static constexpr wire::Lane lane = wire::Lane::stream;
    using Input = UploadInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, action, input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto number = TRY(part_number(input.number));
        auto upload = TRY(
            call.blocking([&] { return rooms.objects.multipart(input.bucket, input.key, input.upload); }));
        auto integrity = TRY(read_integrity(call.request.headers));
        bool stated = integrity.trailing || !integrity.expectations.checksums.empty();
        if (stated && upload.algorithm && integrity.algorithms.front() != *upload.algorithm)
            return Error::refusal(
                Refusal::invalid_request,
                fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual "
                            "checksum Type: {}",
                            checksum_header(*upload.algorithm).substr(15),
                            checksum_header(integrity.algorithms.front()).substr(15)));
        auto bytes = TRY(receive(rooms, call, upload.algorithm.value_or(objects::Algorithm::crc64nvme)));
        auto stated_checksums = std::move(integrity.expectations.checksums);
        auto part = TRY(call.blocking([&] {
            return rooms.objects.put_part(input.bucket, input.key, input.upload, number, std::move(bytes));
        }));
        Reply reply;
        reply.headers.set("ETag", quoted(part.etag));
        if (upload.algorithm && part.checksum)
            reply.headers.set(checksum_header(part.checksum->algorithm), part.checksum->value);
        else
            for (const auto& [algorithm, value] : stated_checksums)
                reply.headers.set(checksum_header(algorithm), value);
        return reply;
    }
};

struct UploadPartCopy {
    static constexpr std::string_view name = "UploadPartCopy";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}", "partNumber&uploadId", "x-amz-copy-source"};
    struct Input : UploadInput {
        std::string source;
        std::optional<std::string> range;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::required("PartNumber", &Input::number, wire::in_query("partNumber")),
                wire::required("UploadId", &Input::upload, wire::in_query("uploadId")),
                wire::required("CopySource", &Input::source, wire::in_header("x-amz-copy-source")),
                wire::optional("CopySourceRange", &Input::range, wire::in_header("x-amz-copy-source-range")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return may_copy(rooms, action, TRY(read_copy_source(input.source)), input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto number = TRY(part_number(input.number));
        auto upload = TRY(rooms.objects.multipart(input.bucket, input.key, input.upload));
        auto from = TRY(read_copy_source(input.source));
        auto source = TRY(open_source(rooms, call, from));
        auto range = TRY(source_range(input, source->size()));
        auto bytes =
            TRY(copy_bytes(rooms, *source, range, upload.algorithm.value_or(objects::Algorithm::crc64nvme)));
        auto part =
            TRY(rooms.objects.put_part(input.bucket, input.key, input.upload, number, std::move(bytes)));
        json::object result{{"LastModified", base::iso8601(part.modified)}, {"ETag", quoted(part.etag)}};
        put_checksum(result, upload, part);
        Reply reply({{"CopyPartResult", std::move(result)}});
        if (TRY(rooms.objects.bucket(from.bucket)).versioning != objects::Versioning::never)
            reply.headers.set("x-amz-copy-source-version-id", source->object().version);
        return reply;
    }
    // Unlike a read's range, this one has to lie within the source, and both of its ends must be there.
    static Result<ByteRange> source_range(const Input& input, std::uint64_t size) {
        if (!input.range) return ByteRange{0, size - 1};
        auto read = read_range(*input.range, ~std::uint64_t{0});
        if (!read.ok() || !*read || (*read)->last == ~std::uint64_t{0} - 1)
            return Error::refusal(
                Refusal::invalid_argument,
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
                "and last are the zero-based offsets of the first and last bytes to copy");
        if ((*read)->last >= size)
            return Error::refusal(
                Refusal::invalid_argument,
                fmt::format("Range specified is not valid for source object of size: {}", size));
        return **read;
    }
};

struct CompleteMultipartUpload {
    static constexpr std::string_view name = "CompleteMultipartUpload";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"POST", "/{Bucket}/{Key+}", "uploadId"};
    static constexpr std::size_t body_bytes_max = kCompleteDocumentBytesMax;
    struct Input {
        std::string bucket, key, upload, body;
        std::optional<std::int64_t> size;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::required("UploadId", &Input::upload, wire::in_query("uploadId")),
                wire::required("MultipartUpload", &Input::body, wire::whole_body()),
                wire::optional("MpuObjectSize", &Input::size, wire::in_header("x-amz-mp-object-size")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, action, input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        objects::CompleteRequest request{
            .bucket = input.bucket, .key = input.key, .upload = input.upload, .actor = actor_of(call)};
        request.parts = TRY(parse_complete(input.body));
        request.conditions = TRY(read_write_conditions(call.request.headers));
        request.checksum = TRY(stated_checksum(call.request.headers));
        if (input.size) request.size = static_cast<std::uint64_t>(*input.size);
        auto object = TRY(rooms.objects.complete(request));
        auto scheme = call.request.secure ? "https" : "http";
        json::object result{
            {"Location", fmt::format("{}://{}{}", scheme, call.request.headers.get("host").value_or(""),
                                     call.request.path())},
            {"Bucket", input.bucket},
            {"Key", input.key},
            {"ETag", quoted(object.etag)}};
        if (object.checksum) {
            result[fmt::format("Checksum{}", objects::name_of(object.checksum->algorithm))] =
                object.checksum->value;
            result["ChecksumType"] = object.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
        }
        Reply reply({{"CompleteMultipartUploadResult", std::move(result)}});
        if (TRY(rooms.objects.bucket(input.bucket)).versioning == objects::Versioning::enabled)
            reply.headers.set("x-amz-version-id", object.version);
        if (!object.attributes.encryption.empty())
            reply.headers.set("x-amz-server-side-encryption", object.attributes.encryption);
        return reply;
    }
    // Of the whole object; a composite one has the number of parts behind it.
    static Result<std::optional<objects::Checksum>> stated_checksum(const http::Headers& headers) {
        for (auto algorithm :
             {objects::Algorithm::crc32, objects::Algorithm::crc32c, objects::Algorithm::crc64nvme,
              objects::Algorithm::sha1, objects::Algorithm::sha256})
            if (auto value = headers.get(checksum_header(algorithm)))
                return std::optional(objects::Checksum{.algorithm = algorithm, .value = std::string(*value)});
        return std::optional<objects::Checksum>();
    }
};

struct AbortMultipartUpload {
    static constexpr std::string_view name = "AbortMultipartUpload";
    static constexpr wire::Route route{"DELETE", "/{Bucket}/{Key+}", "uploadId"};
    struct Input {
        std::string bucket, key, upload;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::required("UploadId", &Input::upload, wire::in_query("uploadId")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, "s3:AbortMultipartUpload", input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.abort(input.bucket, input.key, input.upload));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

json::object initiator_of(const objects::MultipartUpload& upload) {
    return {{"ID", upload.initiator},
            {"DisplayName", upload.initiator.substr(upload.initiator.rfind('/') + 1)}};
}

struct ListParts {
    static constexpr std::string_view name = "ListParts";
    static constexpr std::string_view action = "s3:ListMultipartUploadParts";
    static constexpr wire::Route route{"GET", "/{Bucket}/{Key+}", "uploadId"};
    struct Input {
        std::string bucket, key, upload;
        std::optional<std::string> max_parts, marker;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::required("UploadId", &Input::upload, wire::in_query("uploadId")),
                wire::optional("MaxParts", &Input::max_parts, wire::in_query("max-parts")),
                wire::optional("PartNumberMarker", &Input::marker, wire::in_query("part-number-marker")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, action, input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto limit = TRY(page_limit("max-parts", input.max_parts));
        std::uint32_t after = 0;
        if (input.marker && !input.marker->empty()) {
            auto parsed =
                std::from_chars(input.marker->data(), input.marker->data() + input.marker->size(), after);
            if (parsed.ec != std::errc() || after > objects::kPartNumberMax)
                return Error::refusal(
                    Refusal::invalid_argument,
                    "Argument part-number-marker must be an integer between 0 and 2147483647");
        }
        auto listing = TRY(rooms.objects.list_parts(input.bucket, input.key, input.upload, after, limit));
        json::array parts;
        for (const auto& part : listing.parts) {
            json::object one{{"PartNumber", part.number},
                             {"LastModified", base::iso8601(part.modified)},
                             {"ETag", quoted(part.etag)},
                             {"Size", part.size}};
            put_checksum(one, listing.upload, part);
            parts.push_back(std::move(one));
        }
        json::object result{{"Bucket", input.bucket}, {"Key", input.key}, {"UploadId", input.upload}};
        result["Initiator"] = initiator_of(listing.upload);
        result["Owner"] = owner_of(listing.upload.owner);
        result["StorageClass"] = listing.upload.attributes.storage_class;
        if (listing.upload.algorithm) {
            result["ChecksumAlgorithm"] = objects::name_of(*listing.upload.algorithm);
            result["ChecksumType"] = listing.upload.composite ? "COMPOSITE" : "FULL_OBJECT";
        }
        result["PartNumberMarker"] = after;
        result["NextPartNumberMarker"] = listing.parts.empty() ? after : listing.parts.back().number;
        result["MaxParts"] = limit;
        result["IsTruncated"] = listing.truncated;
        result["Part[]"] = std::move(parts);
        return Reply({{"ListPartsResult", std::move(result)}});
    }
};

struct ListMultipartUploads {
    static constexpr std::string_view name = "ListMultipartUploads";
    static constexpr std::string_view action = "s3:ListBucketMultipartUploads";
    static constexpr wire::Route route{"GET", "/{Bucket}", "uploads"};
    struct Input : ListInput {
        std::string key_marker, id_marker;
        static auto members() {
            return list_members(
                "MaxUploads", "max-uploads",
                wire::optional("KeyMarker", &Input::key_marker, wire::in_query("key-marker")),
                wire::optional("UploadIdMarker", &Input::id_marker, wire::in_query("upload-id-marker")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto limit = TRY(page_limit("max-uploads", input.limit));
        auto write = TRY(KeyWriter::of(input.encoding));
        auto listing = TRY(rooms.objects.list_uploads({.bucket = input.bucket,
                                                       .prefix = input.prefix,
                                                       .delimiter = input.delimiter,
                                                       .key_marker = input.key_marker,
                                                       .id_marker = input.id_marker,
                                                       .limit = limit}));
        json::object result{{"Bucket", input.bucket},
                            {"KeyMarker", write(input.key_marker)},
                            {"UploadIdMarker", input.id_marker}};
        if (listing.truncated) {
            result["NextKeyMarker"] = write(listing.next_key);
            result["NextUploadIdMarker"] = listing.next_id;
        }
        if (!input.prefix.empty()) result["Prefix"] = write(input.prefix);
        put_page(result, input, write, "MaxUploads", limit, listing.truncated);
        json::array uploads;
        for (const auto& upload : listing.uploads) {
            json::object one{{"Key", write(upload.key)},
                             {"UploadId", upload.id},
                             {"Initiator", initiator_of(upload)},
                             {"Owner", owner_of(upload.owner)},
                             {"StorageClass", upload.attributes.storage_class},
                             {"Initiated", base::iso8601(upload.initiated)}};
            if (upload.algorithm) one["ChecksumAlgorithm"] = objects::name_of(*upload.algorithm);
            uploads.push_back(std::move(one));
        }
        result["Upload[]"] = std::move(uploads);
        put_common_prefixes(result, listing.common_prefixes, write);
        return Reply({{"ListMultipartUploadsResult", std::move(result)}});
    }
};

}  // namespace

void add_multipart_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<CreateMultipartUpload>>(rooms);
    service.add<Named<UploadPart>>(rooms);
    service.add<Named<UploadPartCopy>>(rooms);
    service.add<Named<CompleteMultipartUpload>>(rooms);
    service.add<Named<AbortMultipartUpload>>(rooms);
    service.add<Named<ListParts>>(rooms);
    service.add<Named<ListMultipartUploads>>(rooms);
}

}  // namespace services::s3
