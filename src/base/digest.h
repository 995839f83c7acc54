// Digests and checksums that the AWS protocols use: MD5, SHA-1, SHA-256, HMAC, CRC-32, CRC-32C, CRC-64/NVME.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"

namespace base {

enum class DigestKind { md5, sha1, sha256 };

// A digest of bytes that come piece by piece. Confined to one owner.
class Digest {
public:
    explicit Digest(DigestKind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;

    void update(ByteView bytes);
    Bytes finish();  // once

private:
    struct State;
    std::unique_ptr<State> state_;
};

Bytes digest(DigestKind kind, ByteView bytes);
Bytes hmac(DigestKind kind, ByteView key, ByteView bytes);
inline std::string sha256_hex(std::string_view text) {
    return hex(digest(DigestKind::sha256, view(text)));
}

enum class ChecksumKind { crc32, crc32c, crc64nvme };

// A cyclic redundancy check of bytes that come piece by piece, as S3's x-amz-checksum-* headers hold it
// (big-endian).
class Checksum {
public:
    explicit Checksum(ChecksumKind kind) : kind_(kind) {}
    void update(ByteView bytes);
    Bytes finish() const;

private:
    ChecksumKind kind_;
    std::uint64_t state_ = ~std::uint64_t{0};
};

}  // namespace base
