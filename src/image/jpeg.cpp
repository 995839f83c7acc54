#include "image/jpeg.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <string>

// After jpeglib.h, which it builds on.
#include <jerror.h>

#include "image/exif.h"
#include "image/orientation.h"

namespace image {
namespace {

// A progressive picture refines itself scan by scan; a hostile one has thousands that change nothing.
constexpr int kScansMax = 200;

// libjpeg reports trouble by calling back, and expects the call not to return.
struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf escape;
    std::string message;
};

[[noreturn]] void leave(j_common_ptr common) {
    auto* manager = reinterpret_cast<ErrorManager*>(common->err);
    char message[JMSG_LENGTH_MAX];
    common->err->format_message(common, message);
    manager->message = message;
    std::longjmp(manager->escape, 1);
}

// libjpeg goes on after lost data and paints grey. These warnings mean that picture data is missing or
// damaged; the others (stray bytes between markers, an odd version number) do no harm.
void refuse_lost_data(j_common_ptr common, int level) {
    if (level >= 0) return;  // a trace
    switch (common->err->msg_code) {
        case JWRN_ARITH_BAD_CODE:
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_JPEG_EOF:
        case JWRN_MUST_RESYNC:
            leave(common);
        default:
            return;
    }
}

void ignore_message(j_common_ptr) {}

void prepare(ErrorManager& manager) {
    jpeg_std_error(&manager.base);
    manager.base.error_exit = leave;
    manager.base.emit_message = refuse_lost_data;
    manager.base.output_message = ignore_message;
}

void limit_scans(j_common_ptr common) {
    auto* info = reinterpret_cast<j_decompress_ptr>(common);
    if (info->input_scan_number > kScansMax) {
        common->err->msg_code = JERR_BAD_PROGRESSION;
        leave(common);
    }
}

// A libjpeg decompressor and everything it owns. Each step is a plain call that reports success: longjmp
// passes over their frames, so these hold nothing that needs a destructor.
class Decompressor {
public:
    explicit Decompressor(base::ByteView bytes) : bytes_(bytes) {
        prepare(errors_);
        info_.err = &errors_.base;
        created_ = run([](Decompressor& self) {
            jpeg_create_decompress(&self.info_);
            self.progress_.progress_monitor = limit_scans;
            self.info_.progress = &self.progress_;
        });
    }
    ~Decompressor() {
        if (created_) jpeg_destroy_decompress(&info_);
    }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    bool read_header() {
        return created_ && run([](Decompressor& self) {
                   jpeg_mem_src(&self.info_, self.bytes_.data(), self.bytes_.size());
                   jpeg_save_markers(&self.info_, JPEG_APP0 + 1, 0xffff);
                   jpeg_read_header(&self.info_, TRUE);
               });
    }

    bool start() {
        return run([](Decompressor& self) { jpeg_start_decompress(&self.info_); });
    }

    // All rows, `row_bytes` apart.
    bool read_rows(std::uint8_t* rows, std::size_t row_bytes) {
        rows_ = rows;
        row_bytes_ = row_bytes;
        return run([](Decompressor& self) {
            while (self.info_.output_scanline < self.info_.output_height) {
                JSAMPROW row = self.rows_ + self.info_.output_scanline * self.row_bytes_;
                jpeg_read_scanlines(&self.info_, &row, 1);
            }
            jpeg_finish_decompress(&self.info_);
        });
    }

    jpeg_decompress_struct& info() { return info_; }
    Error refusal() const {
        return Error::refusal(Refusal::invalid_format, "The JPEG is damaged: " + errors_.message);
    }

private:
    bool run(void (*step)(Decompressor&)) {
        if (setjmp(errors_.escape) != 0) return false;
        step(*this);
        return true;
    }

    base::ByteView bytes_;
    ErrorManager errors_{};
    jpeg_progress_mgr progress_{};
    jpeg_decompress_struct info_{};
    std::uint8_t* rows_ = nullptr;
    std::size_t row_bytes_ = 0;
    bool created_ = false;
};

int orientation_of(const jpeg_decompress_struct& info) {
    for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
        int orientation = exif_orientation({marker->data, marker->data_length});
        if (orientation != 1) return orientation;
    }
    return 1;
}

// Whether the file is long enough for its own size: with Huffman codes every 8x8 block of the first component
// costs at least one bit. A header that promises much and holds little is refused before memory is spent on
// it.
bool can_hold_its_blocks(const jpeg_decompress_struct& info, std::size_t bytes) {
    if (info.arith_code) return true;
    auto blocks = [](std::size_t pixels, int sampling, int sampling_max) {
        std::size_t block = std::size_t{DCTSIZE} * static_cast<std::size_t>(sampling_max);
        return (pixels * static_cast<std::size_t>(sampling) + block - 1) / block;
    };
    const auto& first = info.comp_info[0];
    return bytes * 8 >= blocks(info.image_width, first.h_samp_factor, info.max_h_samp_factor) *
                            blocks(info.image_height, first.v_samp_factor, info.max_v_samp_factor);
}

// CMYK to RGB without a colour profile: ink times black. Files of Adobe's programs store ink inverted. `rgb`
// may be `cmyk`, because a pixel shrinks: what is written has been read.
void to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels, bool inverted) {
    for (std::size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
        for (int channel = 0; channel < 3; ++channel) {
            unsigned paper = inverted ? cmyk[channel] : 255u - cmyk[channel];
            unsigned light = inverted ? cmyk[3] : 255u - cmyk[3];
            rgb[channel] = static_cast<std::uint8_t>((paper * light + 127) / 255);
        }
    }
}

}  // namespace

bool looks_like_jpeg(base::ByteView bytes) {
    return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

Result<Header> read_jpeg_header(base::ByteView bytes, const Bounds& bounds) {
    Decompressor decompressor(bytes);
    if (!decompressor.read_header()) return decompressor.refusal();
    const auto& info = decompressor.info();
    TRY(within(bounds, info.image_width, info.image_height));
    Header header{Format::jpeg, static_cast<int>(info.image_width), static_cast<int>(info.image_height)};
    if (turns_sideways(orientation_of(info))) std::swap(header.width, header.height);
    return header;
}

Result<Picture> decode_jpeg(base::ByteView bytes, const Bounds& bounds) {
    Decompressor decompressor(bytes);
    if (!decompressor.read_header()) return decompressor.refusal();
    auto& info = decompressor.info();
    TRY(within(bounds, info.image_width, info.image_height));
    if (!can_hold_its_blocks(info, bytes.size()))
        return Error::refusal(Refusal::invalid_format, "The JPEG is cut short.");
    // Finishing forgets the markers.
    int orientation = orientation_of(info);
    bool is_cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    if (!decompressor.start()) return decompressor.refusal();

    std::size_t pixels = std::size_t{info.output_width} * info.output_height;
    std::vector<std::uint8_t> stored(pixels * (is_cmyk ? 4 : 3));
    if (!decompressor.read_rows(stored.data(), stored.size() / info.output_height))
        return decompressor.refusal();
    if (is_cmyk) {
        to_rgb(stored.data(), stored.data(), pixels, info.saw_Adobe_marker != 0);
        stored.resize(pixels * 3);
    }
    Picture picture{static_cast<int>(info.output_width), static_cast<int>(info.output_height),
                    std::move(stored)};
    return upright(std::move(picture), orientation);
}

}  // namespace image
