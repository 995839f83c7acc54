// The checksums that S3 keeps with an object, of a whole and of parts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace objects {

enum class Algorithm { crc32, crc32c, crc64nvme, sha1, sha256 };

std::string_view name_of(Algorithm algorithm);                    // "CRC32"
std::optional<Algorithm> algorithm_named(std::string_view name);  // in any case
inline bool is_crc(Algorithm algorithm) {
    return algorithm == Algorithm::crc32 || algorithm == Algorithm::crc32c ||
           algorithm == Algorithm::crc64nvme;
}
std::size_t checksum_bytes(Algorithm algorithm);

struct Checksum {
    Algorithm algorithm = Algorithm::crc64nvme;
    std::string value;       // base64; of a composite one, followed by "-N"
    bool composite = false;  // the checksum of the parts' checksums
    bool operator==(const Checksum&) const = default;
};

// Confined to one owner.
class Hasher {
public:
    explicit Hasher(Algorithm algorithm);
    void update(base::ByteView bytes);
    base::Bytes finish();  // once

private:
    std::variant<base::Checksum, base::Digest> state_;
};

// The CRC of two stretches of bytes together, from the CRC of each and the length of the second.
base::Bytes combine_crc(Algorithm algorithm, base::ByteView first, base::ByteView second,
                        std::uint64_t second_bytes);

}  // namespace objects
