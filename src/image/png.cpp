#include "image/png.h"

#include <csetjmp>
#include <cstring>
#include <limits>
#include <png.h>
#include <string>

namespace image {
namespace {

constexpr std::size_t kSignatureBytes = 8;
// Text and profiles are never used; this bounds what libpng may keep of each.
constexpr png_alloc_size_t kChunkBytesMax = 1 << 20;
constexpr png_uint_32 kChunksMax = 1000;
// zlib cannot shrink anything further than this.
constexpr std::uint64_t kDeflateRatioMax = 1032;

// A libpng reader and everything it owns. libpng reports trouble by jumping back to the caller, so each step
// is a plain function that holds nothing which needs a destructor.
class Reader {
public:
    explicit Reader(base::ByteView bytes) : rest_(bytes) {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, leave, ignore_warning);
        if (png_ != nullptr) info_ = png_create_info_struct(png_);
    }
    ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool read_header() {
        return info_ != nullptr && run([](Reader& self) {
                   png_set_read_fn(self.png_, &self, read);
                   png_set_chunk_malloc_max(self.png_, kChunkBytesMax);
                   png_set_chunk_cache_max(self.png_, kChunksMax);
                   // The caller's bounds decide, not libpng's own.
                   png_set_user_limits(self.png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
                   png_read_info(self.png_, self.info_);
               });
    }

    // Asks for 8-bit RGB, or RGBA where anything may be transparent.
    bool choose_output() {
        return run([](Reader& self) {
            png_set_expand(self.png_);
            png_set_scale_16(self.png_);
            png_set_gray_to_rgb(self.png_);
            png_set_interlace_handling(self.png_);
            png_read_update_info(self.png_, self.info_);
        });
    }

    // `rows` has one pointer for each row.
    bool read_rows(png_bytepp rows) {
        rows_ = rows;
        return run([](Reader& self) {
            png_read_image(self.png_, self.rows_);
            png_read_end(self.png_, nullptr);
        });
    }

    std::int64_t width() const { return png_get_image_width(png_, info_); }
    std::int64_t height() const { return png_get_image_height(png_, info_); }
    int channels() const { return png_get_channels(png_, info_); }
    std::uint64_t stored_bits_per_pixel() const {
        return std::uint64_t{png_get_bit_depth(png_, info_)} * png_get_channels(png_, info_);
    }
    Error refusal() const {
        return Error::refusal(Refusal::invalid_format, "The PNG is damaged: " + message_);
    }

private:
    bool run(void (*step)(Reader&)) {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        step(*this);
        return true;
    }

    [[noreturn]] static void leave(png_structp png, png_const_charp message) {
        static_cast<Reader*>(png_get_error_ptr(png))->message_ = message;
        png_longjmp(png, 1);
    }
    static void ignore_warning(png_structp, png_const_charp) {}

    static void read(png_structp png, png_bytep out, std::size_t count) {
        auto& self = *static_cast<Reader*>(png_get_io_ptr(png));
        if (count > self.rest_.size()) png_error(png, "the file ends early");
        std::memcpy(out, self.rest_.data(), count);
        self.rest_ = self.rest_.subspan(count);
    }

    base::ByteView rest_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    png_bytepp rows_ = nullptr;
    std::string message_;
};

// Every PNG begins with its IHDR chunk: length, name, width, height (PNG specification, 11.2.2). Its numbers
// are checked before libpng sees anything.
Result<void> check_size(base::ByteView bytes, const Bounds& bounds) {
    constexpr std::size_t kWidthAt = 16;
    if (bytes.size() < kWidthAt + 8 || base::text(bytes).substr(12, 4) != "IHDR")
        return Error::refusal(Refusal::invalid_format, "The PNG is cut short.");
    return within(bounds, png_get_uint_32(bytes.data() + kWidthAt),
                  png_get_uint_32(bytes.data() + kWidthAt + 4));
}

bool can_hold_its_pixels(const Reader& reader, std::size_t bytes) {
    auto bits = static_cast<std::uint64_t>(reader.width() * reader.height()) * reader.stored_bits_per_pixel();
    return bytes * kDeflateRatioMax >= bits / 8;
}

// Alpha over white. `rgb` may be `rgba`, because a pixel shrinks: what is written has been read.
void blend_over_white(const std::uint8_t* rgba, std::uint8_t* rgb, std::size_t pixels) {
    for (std::size_t i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
        unsigned alpha = rgba[3];
        for (int channel = 0; channel < 3; ++channel)
            rgb[channel] =
                static_cast<std::uint8_t>((rgba[channel] * alpha + 255u * (255u - alpha) + 127) / 255);
    }
}

}  // namespace

bool looks_like_png(base::ByteView bytes) {
    return bytes.size() >= kSignatureBytes && png_sig_cmp(bytes.data(), 0, kSignatureBytes) == 0;
}

Result<Header> read_png_header(base::ByteView bytes, const Bounds& bounds) {
    TRY(check_size(bytes, bounds));
    Reader reader(bytes);
    if (!reader.read_header()) return reader.refusal();
    return Header{Format::png, static_cast<int>(reader.width()), static_cast<int>(reader.height())};
}

Result<Picture> decode_png(base::ByteView bytes, const Bounds& bounds) {
    TRY(check_size(bytes, bounds));
    Reader reader(bytes);
    if (!reader.read_header()) return reader.refusal();
    if (!can_hold_its_pixels(reader, bytes.size()))
        return Error::refusal(Refusal::invalid_format, "The PNG is cut short.");
    if (!reader.choose_output()) return reader.refusal();

    auto channels = static_cast<std::size_t>(reader.channels());
    auto width = static_cast<std::size_t>(reader.width());
    auto height = static_cast<std::size_t>(reader.height());
    std::vector<std::uint8_t> pixels(width * height * channels);
    std::vector<png_bytep> rows(height);
    for (std::size_t y = 0; y < height; ++y)
        rows[y] = pixels.data() + y * width * channels;
    if (!reader.read_rows(rows.data())) return reader.refusal();
    if (channels == 4) {
        blend_over_white(pixels.data(), pixels.data(), width * height);
        pixels.resize(width * height * 3);
    }
    return Picture{static_cast<int>(width), static_cast<int>(height), std::move(pixels)};
}

}  // namespace image
