#include "image/exif.h"

#include <algorithm>

namespace image {
namespace {

constexpr std::size_t kEntryBytes = 12;
constexpr unsigned kTagOrientation = 0x0112;
constexpr unsigned kTypeShort = 3;

// The TIFF structure within EXIF, in the byte order that it states. Reading past its end gives 0.
class Tiff {
public:
    Tiff(base::ByteView bytes, bool little_endian) : bytes_(bytes), little_endian_(little_endian) {}

    unsigned two(std::size_t at) const {
        return little_endian_ ? byte(at) | byte(at + 1) << 8 : byte(at) << 8 | byte(at + 1);
    }
    unsigned four(std::size_t at) const {
        return little_endian_ ? two(at) | two(at + 2) << 16 : two(at) << 16 | two(at + 2);
    }

private:
    unsigned byte(std::size_t at) const { return at < bytes_.size() ? bytes_[at] : 0u; }

    base::ByteView bytes_;
    bool little_endian_;
};

}  // namespace

int exif_orientation(base::ByteView app1) {
    constexpr std::string_view kExif("Exif\0\0", 6);
    if (!base::text(app1).starts_with(kExif)) return 1;
    auto bytes = app1.subspan(kExif.size());
    auto order = base::text(bytes).substr(0, 2);
    if (order != "II" && order != "MM") return 1;
    Tiff tiff(bytes, order == "II");
    if (tiff.two(2) != 42) return 1;
    std::size_t directory = tiff.four(4);
    std::size_t entries = tiff.two(directory);
    for (std::size_t i = 0; i < entries; ++i) {
        std::size_t entry = directory + 2 + i * kEntryBytes;
        if (entry >= bytes.size()) return 1;
        if (tiff.two(entry) != kTagOrientation) continue;
        unsigned value = tiff.two(entry + 8);
        bool valid = tiff.two(entry + 2) == kTypeShort && value >= 1 && value <= 8;
        return valid ? static_cast<int>(value) : 1;
    }
    return 1;
}

}  // namespace image
