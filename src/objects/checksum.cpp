#include "objects/checksum.h"

#include <array>

namespace objects {
namespace {

struct Known {
    Algorithm algorithm;
    std::string_view name;
    std::size_t bytes;
};
constexpr Known kKnown[] = {{Algorithm::crc32, "CRC32", 4},
                            {Algorithm::crc32c, "CRC32C", 4},
                            {Algorithm::crc64nvme, "CRC64NVME", 8},
                            {Algorithm::sha1, "SHA1", 20},
                            {Algorithm::sha256, "SHA256", 32}};

const Known& known(Algorithm algorithm) {
    for (const auto& one : kKnown)
        if (one.algorithm == algorithm) return one;
    base::unreachable();
}

std::variant<base::Checksum, base::Digest> start(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::crc32:
            return base::Checksum(base::ChecksumKind::crc32);
        case Algorithm::crc32c:
            return base::Checksum(base::ChecksumKind::crc32c);
        case Algorithm::crc64nvme:
            return base::Checksum(base::ChecksumKind::crc64nvme);
        case Algorithm::sha1:
            return base::Digest(base::DigestKind::sha1);
        case Algorithm::sha256:
            return base::Digest(base::DigestKind::sha256);
    }
    base::unreachable();
}

// Polynomials with their bits reversed, as these CRCs shift to the right.
std::uint64_t polynomial(Algorithm algorithm) {
    if (algorithm == Algorithm::crc32) return 0xEDB88320u;
    if (algorithm == Algorithm::crc32c) return 0x82F63B78u;
    return 0x9A6C9329AC4BC9B5u;
}

// A linear map over GF(2): column i is the image of bit i.
using Matrix = std::array<std::uint64_t, 64>;

std::uint64_t times(const Matrix& matrix, std::uint64_t vector) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; vector != 0; vector >>= 1, ++i)
        if (vector & 1) sum ^= matrix[i];
    return sum;
}

Matrix squared(const Matrix& matrix) {
    Matrix out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = times(matrix, matrix[i]);
    return out;
}

std::uint64_t big_endian(base::ByteView bytes) {
    std::uint64_t value = 0;
    for (auto byte : bytes)
        value = value << 8 | byte;
    return value;
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
    return known(algorithm).name;
}

std::size_t checksum_bytes(Algorithm algorithm) {
    return known(algorithm).bytes;
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
    std::string upper(name);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    for (const auto& one : kKnown)
        if (one.name == upper) return one.algorithm;
    return std::nullopt;
}

Hasher::Hasher(Algorithm algorithm) : state_(start(algorithm)) {}

void Hasher::update(base::ByteView bytes) {
    std::visit([&](auto& state) { state.update(bytes); }, state_);
}

base::Bytes Hasher::finish() {
    return std::visit([](auto& state) { return state.finish(); }, state_);
}

// Appending n bytes to a message multiplies its CRC by x^(8n); the CRCs' initial and final complements cancel
// out. The power is put together from the squares of "one zero bit".
base::Bytes combine_crc(Algorithm algorithm, base::ByteView first, base::ByteView second,
                        std::uint64_t second_bytes) {
    INVARIANT(is_crc(algorithm));
    std::size_t bits = checksum_bytes(algorithm) * 8;
    Matrix shift{};
    shift[0] = polynomial(algorithm);
    for (std::size_t i = 1; i < bits; ++i)
        shift[i] = std::uint64_t{1} << (i - 1);
    for (int i = 0; i < 3; ++i)
        shift = squared(shift);
    std::uint64_t value = big_endian(first);
    for (auto left = second_bytes; left != 0; left >>= 1) {
        if (left & 1) value = times(shift, value);
        shift = squared(shift);
    }
    value ^= big_endian(second);
    base::Bytes out(bits / 8);
    for (std::size_t i = out.size(); i-- > 0; value >>= 8)
        out[i] = static_cast<std::uint8_t>(value);
    return out;
}

}  // namespace objects
