#include <algorithm>

#include "http/form_data.h"

namespace {

class Pieces final : public http::BodyReader {
public:
    Pieces(std::string_view left, std::size_t piece) : left_(left), piece_(piece) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        auto count = std::min({out.size(), left_.size(), piece_});
        std::copy_n(left_.begin(), count, out.begin());
        left_.remove_prefix(count);
        return count;
    }

private:
    std::string_view left_;
    std::size_t piece_;
};

// What is read of a form, and whether it was one.
std::string read_form(std::string_view body, std::size_t piece, std::size_t read_size) {
    Pieces pieces(body, piece);
    http::FormReader reader(pieces, "b");
    std::string out;
    for (;;) {
        auto part = reader.next();
        if (!part.ok()) return out + "malformed";
        if (!*part) return out + "end";
        out += (*part)->name + '=' + (*part)->filename.value_or("") + ':';
        std::vector<std::uint8_t> space(read_size);
        for (;;) {
            auto count = reader.read(space);
            if (!count.ok()) return out + "malformed";
            if (*count == 0) break;
            out.append(reinterpret_cast<const char*>(space.data()), *count);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body(reinterpret_cast<const char*>(data), size);
    if (auto boundary = http::form_boundary(body)) INVARIANT(!boundary->empty());
    // However the bytes come and go, they are the same form.
    auto whole = read_form(body, 1 << 20, 1 << 16);
    INVARIANT(read_form(body, 1, 7) == whole);
    INVARIANT(read_form(body, 5, 1) == whole);
    return 0;
}

std::vector<std::string> seeds() {
    return {
        "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nphotos/${filename}\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: "
        "image/jpeg\r\n\r\nbytes\r\n--not\r\n--b--\r\n",
        "multipart/form-data; boundary=\"b\"",
    };
}
