// Bytes on their way to becoming an object or a part: stored and digested while they come.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "objects/checksum.h"
#include "store/blobs.h"

namespace objects {

// What the sender says of the bytes; compared when they are complete.
struct Expectations {
    std::optional<std::string> md5_base64;            // the Content-MD5 header
    std::map<Algorithm, std::string> checksums = {};  // base64
    std::optional<std::uint64_t> size = {};
};

// Bytes that are on disk, but not yet anybody's: dropped, they are removed.
struct Finished {
    std::uint64_t size = 0;
    std::string md5_hex;
    std::map<Algorithm, std::string> checksums;  // base64
    std::optional<Checksum> kept;                // the one that stays with the object
    store::BlobId blob;
    std::shared_ptr<void> removal;  // removes the blob unless it was taken over
    std::shared_ptr<bool> taken;
};

// Confined to one owner. Destroyed unfinished, it leaves nothing.
class Upload {
public:
    Upload(store::Blobs& blobs, std::unique_ptr<store::BlobWriter> writer, std::vector<Algorithm> algorithms);
    // Refusal::object_too_large beyond kPutBytesMax.
    Result<void> write(base::ByteView bytes);
    // Refusal::digest_malformed, digest_mismatch; then the bytes are gone.
    Result<Finished> finish(const Expectations& expectations);
    std::uint64_t size() const { return size_; }

private:
    Result<void> check(const Expectations& expectations, const Finished& finished) const;

    store::Blobs& blobs_;
    std::unique_ptr<store::BlobWriter> writer_;
    base::Digest md5_;
    std::vector<std::pair<Algorithm, Hasher>> hashers_;
    std::uint64_t size_ = 0;
};

}  // namespace objects
