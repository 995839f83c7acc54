#include "objects/upload.h"

#include "base/log.h"
#include "objects/object.h"

namespace objects {

Upload::Upload(store::Blobs& blobs, std::unique_ptr<store::BlobWriter> writer,
               std::vector<Algorithm> algorithms)
    : blobs_(blobs), writer_(std::move(writer)), md5_(base::DigestKind::md5) {
    for (auto algorithm : algorithms)
        hashers_.emplace_back(algorithm, Hasher(algorithm));
}

Result<void> Upload::write(base::ByteView bytes) {
    size_ += bytes.size();
    if (size_ > kPutBytesMax) return Error::refusal(Refusal::object_too_large);
    md5_.update(bytes);
    for (auto& [algorithm, hasher] : hashers_)
        hasher.update(bytes);
    return writer_->write(bytes);
}

Result<Finished> Upload::finish(const Expectations& expectations) {
    Finished out;
    out.size = size_;
    auto md5 = md5_.finish();
    out.md5_hex = base::hex(md5);
    for (auto& [algorithm, hasher] : hashers_)
        out.checksums[algorithm] = base::base64(hasher.finish());
    if (!hashers_.empty()) {
        auto first = hashers_.front().first;
        out.kept = Checksum{.algorithm = first, .value = out.checksums[first]};
    }
    TRY(check(expectations, out));
    out.blob = TRY(writer_->commit());
    out.taken = std::make_shared<bool>(false);
    out.removal =
        std::shared_ptr<void>(nullptr, [&blobs = blobs_, blob = out.blob, taken = out.taken](void*) {
            if (*taken) return;
            if (auto removed = blobs.remove(blob); !removed.ok())
                base::log().warn("blob not removed blob={} why={}", blob.str(), removed.error().detail());
        });
    return out;
}

Result<void> Upload::check(const Expectations& expectations, const Finished& finished) const {
    if (expectations.size && *expectations.size != finished.size)
        return Error::refusal(
            Refusal::request_malformed,
            "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    if (expectations.md5_base64) {
        auto md5 = base::from_base64(*expectations.md5_base64);
        if (!md5 || md5->size() != 16)
            return Error::refusal(Refusal::digest_malformed, "The Content-MD5 you specified was invalid.");
        if (base::hex(*md5) != finished.md5_hex)
            return Error::refusal(Refusal::digest_mismatch,
                                  "The Content-MD5 you specified did not match what we received.");
    }
    for (const auto& [algorithm, value] : expectations.checksums) {
        auto found = finished.checksums.find(algorithm);
        INVARIANT(found != finished.checksums.end());
        if (found->second != value)
            return Error::refusal(Refusal::digest_mismatch,
                                  "The " + std::string(name_of(algorithm)) +
                                      " you specified did not match the calculated checksum.");
    }
    return {};
}

}  // namespace objects
