#include <cstdlib>
#include <string>
#include <vector>

#include "image/exif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    int orientation = image::exif_orientation({data, size});
    if (orientation < 1 || orientation > 8) std::abort();
    return 0;
}

std::vector<std::string> seeds() {
    using namespace std::string_literals;
    return {"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s,
            "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"s};
}
