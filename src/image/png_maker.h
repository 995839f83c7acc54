// Small PNG files of every kind, for the tests and fuzzers of this room.
#pragma once

#include <cstdlib>
#include <png.h>
#include <vector>

#include "base/bytes.h"

namespace image {

enum class PngType { grey, grey16, grey_alpha, palette, rgb, rgb16, rgba };

class PngMaker {
public:
    PngMaker(int width, int height) : width_(width), height_(height) {}

    // Every pixel opaque and of the same grey.
    base::Bytes solid(PngType type, std::uint8_t grey, bool interlaced) const {
        return make(type, grey, 255, interlaced, true);
    }
    base::Bytes transparent(std::uint8_t grey, std::uint8_t alpha) const {
        return make(PngType::rgba, grey, alpha, false, true);
    }
    // A file that ends where its pixels should begin.
    base::Bytes header_only() const { return make(PngType::rgb, 0, 255, false, false); }

private:
    base::Bytes make(PngType type, std::uint8_t grey, std::uint8_t alpha, bool interlaced, bool whole) const {
        base::Bytes out;
        auto* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
        auto* info = png_create_info_struct(png);
        png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
        png_set_write_fn(
            png, &out,
            [](png_structp writer, png_bytep bytes, std::size_t count) {
                auto& to = *static_cast<base::Bytes*>(png_get_io_ptr(writer));
                to.insert(to.end(), bytes, bytes + count);
            },
            nullptr);
        bool is_16_bit = type == PngType::grey16 || type == PngType::rgb16;
        png_set_IHDR(png, info, static_cast<png_uint_32>(width_), static_cast<png_uint_32>(height_),
                     is_16_bit ? 16 : 8, colour_type(type),
                     interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
        png_color palette[2] = {{1, 2, 3}, {grey, grey, grey}};
        if (type == PngType::palette) png_set_PLTE(png, info, palette, 2);
        png_write_info(png, info);
        if (whole) {
            auto row = row_of(type, grey, alpha);
            std::vector<png_bytep> rows(static_cast<std::size_t>(height_), row.data());
            png_write_image(png, rows.data());
            png_write_end(png, info);
        }
        png_destroy_write_struct(&png, &info);
        return out;
    }

    static int colour_type(PngType type) {
        switch (type) {
            case PngType::grey:
            case PngType::grey16:
                return PNG_COLOR_TYPE_GRAY;
            case PngType::grey_alpha:
                return PNG_COLOR_TYPE_GRAY_ALPHA;
            case PngType::palette:
                return PNG_COLOR_TYPE_PALETTE;
            case PngType::rgb:
            case PngType::rgb16:
                return PNG_COLOR_TYPE_RGB;
            case PngType::rgba:
                return PNG_COLOR_TYPE_RGB_ALPHA;
        }
        std::abort();
    }

    base::Bytes row_of(PngType type, std::uint8_t grey, std::uint8_t alpha) const {
        base::Bytes pixel;
        switch (type) {
            case PngType::grey:
                pixel = {grey};
                break;
            case PngType::grey16:
                pixel = {grey, grey};
                break;
            case PngType::grey_alpha:
                pixel = {grey, alpha};
                break;
            case PngType::palette:
                pixel = {1};
                break;
            case PngType::rgb:
                pixel = {grey, grey, grey};
                break;
            case PngType::rgb16:
                pixel = {grey, grey, grey, grey, grey, grey};
                break;
            case PngType::rgba:
                pixel = {grey, grey, grey, alpha};
                break;
        }
        base::Bytes row;
        for (int x = 0; x < width_; ++x)
            row.insert(row.end(), pixel.begin(), pixel.end());
        return row;
    }

    int width_;
    int height_;
};

}  // namespace image
