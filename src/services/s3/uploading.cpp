#include "services/s3/uploading.h"

#include <algorithm>

namespace services::s3 {
namespace {

// Of a body in memory at once.
constexpr std::size_t kPieceBytes = 256 * 1024;

// Fills the buffer as far as the body goes.
Result<std::size_t> fill(http::BodyReader& body, std::span<std::uint8_t> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        auto count = TRY(body.read(buffer.subspan(filled)));
        if (count == 0) break;
        filled += count;
    }
    return filled;
}

}  // namespace

Result<objects::Upload> pour(Rooms& rooms, Call& call, http::BodyReader& body,
                             std::vector<objects::Algorithm> algorithms,
                             std::optional<std::uint64_t> length) {
    auto upload = TRY(call.blocking([&] { return rooms.objects.begin(std::move(algorithms)); }));
    // Grows to a whole piece only if the body fills it, so that many small uploads take little memory.
    base::Bytes buffer(std::min<std::uint64_t>(length.value_or(kPieceBytes) + 1, kPieceBytes));
    while (true) {
        auto count = TRY(fill(body, buffer));
        if (count > 0) TRY(call.blocking([&] { return upload.write(base::ByteView(buffer).first(count)); }));
        if (count < buffer.size()) return upload;
    }
}

Result<objects::Finished> receive(Rooms& rooms, Call& call, std::optional<objects::Algorithm> wanted) {
    auto integrity = TRY(read_integrity(call.request.headers, wanted));
    auto length = call.request.content_length;
    if (length.value_or(0) > objects::kPutBytesMax + kPieceBytes)
        return Error::refusal(objects::Refusal::object_too_large);
    auto upload = TRY(pour(rooms, call, *call.body, integrity.algorithms, length));
    TRY(read_trailer(integrity, *call.trailers));
    return call.blocking([&] { return upload.finish(integrity.expectations); });
}

Result<objects::Finished> copy_bytes(Rooms& rooms, objects::Reader& source, ByteRange range,
                                     objects::Algorithm algorithm) {
    auto upload = TRY(rooms.objects.begin({algorithm}));
    base::Bytes buffer(kPieceBytes);
    for (std::uint64_t done = 0; done < range.length();) {
        auto want = std::min<std::uint64_t>(buffer.size(), range.length() - done);
        auto count = TRY(source.read(range.first + done, std::span(buffer).first(want)));
        TRY(upload.write(base::ByteView(buffer).first(count)));
        done += count;
    }
    return upload.finish({});
}

Result<std::shared_ptr<objects::Reader>> open_source(Rooms& rooms, const Call& call,
                                                     const CopySource& source) {
    auto reader = rooms.objects.open(source.bucket, source.key, source.version);
    if (!reader.ok() && reader.error().is(objects::Refusal::delete_marker_named))
        return Error::refusal(
            Refusal::invalid_request,
            "The source of a copy request may not specifically refer to a delete marker by version "
            "id.");
    if (!reader.ok()) return reader;
    auto conditions = read_conditions(call.request.headers, "x-amz-copy-source-");
    if (objects::judge(conditions, (*reader)->object()) != objects::Verdict::go_on)
        return Error::refusal(objects::Refusal::precondition_failed);
    return reader;
}

Permissions may_copy(const Rooms& rooms, std::string_view action, const CopySource& source,
                     const std::string& bucket, const std::string& key) {
    auto out = TRY(on_object(rooms, source.version.empty() ? "s3:GetObject" : "s3:GetObjectVersion",
                             source.bucket, source.key));
    auto target = TRY(on_object(rooms, action, bucket, key));
    out.insert(out.end(), target.begin(), target.end());
    return out;
}

}  // namespace services::s3
