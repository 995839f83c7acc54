#include "base/digest.h"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/result.h"

namespace base {
namespace {

const EVP_MD* algorithm(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5:
            return EVP_md5();
        case DigestKind::sha1:
            return EVP_sha1();
        case DigestKind::sha256:
            return EVP_sha256();
    }
    unreachable();
}

// Eight tables, so that eight bytes are folded in per step ("slicing by eight", Kounavis and Berry 2005).
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

Tables make_tables(std::uint64_t reflected_polynomial) {
    Tables tables{};
    for (std::uint64_t byte = 0; byte < 256; ++byte) {
        std::uint64_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = value & 1 ? value >> 1 ^ reflected_polynomial : value >> 1;
        tables[0][byte] = value;
    }
    for (std::size_t slice = 1; slice < 8; ++slice)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            std::uint64_t before = tables[slice - 1][byte];
            tables[slice][byte] = before >> 8 ^ tables[0][before & 255];
        }
    return tables;
}

const Tables& tables_of(ChecksumKind kind) {
    static const Tables crc32 = make_tables(0xEDB88320u);
    static const Tables crc32c = make_tables(0x82F63B78u);
    static const Tables crc64nvme = make_tables(0x9A6C9329AC4BC9B5u);
    switch (kind) {
        case ChecksumKind::crc32:
            return crc32;
        case ChecksumKind::crc32c:
            return crc32c;
        case ChecksumKind::crc64nvme:
            return crc64nvme;
    }
    unreachable();
}

}  // namespace

struct Digest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
    INVARIANT(EVP_DigestInit_ex(state_->context, algorithm(kind), nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(ByteView bytes) {
    EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

Bytes Digest::finish() {
    Bytes out(EVP_MAX_MD_SIZE);
    unsigned length = 0;
    EVP_DigestFinal_ex(state_->context, out.data(), &length);
    out.resize(length);
    return out;
}

Bytes digest(DigestKind kind, ByteView bytes) {
    Digest whole(kind);
    whole.update(bytes);
    return whole.finish();
}

Bytes hmac(DigestKind kind, ByteView key, ByteView bytes) {
    Bytes out(EVP_MAX_MD_SIZE);
    unsigned length = 0;
    HMAC(algorithm(kind), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), out.data(),
         &length);
    out.resize(length);
    return out;
}

void Checksum::update(ByteView bytes) {
    const Tables& tables = tables_of(kind_);
    std::uint64_t mask = kind_ == ChecksumKind::crc64nvme ? ~std::uint64_t{0} : 0xFFFFFFFFu;
    std::uint64_t crc = state_ & mask;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t block = 0;
        for (std::size_t j = 0; j < 8; ++j)
            block |= static_cast<std::uint64_t>(bytes[i + j]) << (8 * j);
        block ^= crc;
        crc = 0;
        for (std::size_t j = 0; j < 8; ++j)
            crc ^= tables[7 - j][block >> (8 * j) & 255];
    }
    for (; i < bytes.size(); ++i)
        crc = crc >> 8 ^ tables[0][(crc ^ bytes[i]) & 255];
    state_ = crc;
}

Bytes Checksum::finish() const {
    std::size_t length = kind_ == ChecksumKind::crc64nvme ? 8 : 4;
    std::uint64_t mask = length == 8 ? ~std::uint64_t{0} : 0xFFFFFFFFu;
    std::uint64_t value = (state_ & mask) ^ mask;
    Bytes out(length);
    for (std::size_t i = 0; i < length; ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * (length - 1 - i)));
    return out;
}

}  // namespace base
