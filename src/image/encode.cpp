#include "image/encode.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>

namespace image {
namespace {

struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf escape;
};

// A libjpeg compressor, its output and everything it owns. longjmp passes over compress() alone.
class Compressor {
public:
    Compressor() {
        info_.err = jpeg_std_error(&errors_.base);
        errors_.base.error_exit = [](j_common_ptr common) {
            std::longjmp(reinterpret_cast<ErrorManager*>(common->err)->escape, 1);
        };
    }
    ~Compressor() {
        jpeg_destroy_compress(&info_);
        std::free(out_);
    }
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;

    bool run(const Picture& picture, int quality) {
        if (setjmp(errors_.escape) != 0) return false;
        compress(picture, quality);
        return true;
    }
    base::ByteView output() const { return {out_, out_bytes_}; }

private:
    void compress(const Picture& picture, int quality) {
        jpeg_create_compress(&info_);
        jpeg_mem_dest(&info_, &out_, &out_bytes_);
        info_.image_width = static_cast<JDIMENSION>(picture.width);
        info_.image_height = static_cast<JDIMENSION>(picture.height);
        info_.input_components = 3;
        info_.in_color_space = JCS_RGB;
        jpeg_set_defaults(&info_);
        jpeg_set_quality(&info_, quality, TRUE);
        jpeg_start_compress(&info_, TRUE);
        while (info_.next_scanline < info_.image_height) {
            // libjpeg's row type is not const, but it only reads.
            auto* row = const_cast<JSAMPROW>(picture.at(0, static_cast<int>(info_.next_scanline)));
            jpeg_write_scanlines(&info_, &row, 1);
        }
        jpeg_finish_compress(&info_);
    }

    ErrorManager errors_{};
    jpeg_compress_struct info_{};
    unsigned char* out_ = nullptr;
    unsigned long out_bytes_ = 0;
};

}  // namespace

Result<base::Bytes> encode_jpeg(const Picture& picture, int quality) {
    Compressor compressor;
    if (!compressor.run(picture, quality)) return Error::failure("libjpeg could not encode a picture");
    auto output = compressor.output();
    return base::Bytes(output.begin(), output.end());
}

}  // namespace image
