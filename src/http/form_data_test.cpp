#include "http/form_data.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace http {
namespace {

// A body that comes `piece` bytes at a time.
class Slow final : public BodyReader {
public:
    Slow(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        auto count = std::min({out.size(), bytes_.size() - at_, piece_});
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
        at_ += count;
        return count;
    }

private:
    std::string bytes_;
    std::size_t piece_;
    std::size_t at_ = 0;
};

// "name=value" or "name(filename)=value" of each part; "malformed" where it stops being a form.
std::vector<std::string> parts_of(const std::string& bytes, std::size_t piece = 1 << 20,
                                  std::string_view boundary = "b") {
    Slow body(bytes, piece);
    FormReader form(body, boundary);
    std::vector<std::string> out;
    for (;;) {
        auto part = form.next();
        if (!part.ok()) {
            EXPECT_TRUE(part.error().is(FormRefusal::malformed));
            out.emplace_back("malformed");
            return out;
        }
        if (!*part) return out;
        auto text = (*part)->name;
        if ((*part)->filename) text += '(' + *(*part)->filename + ')';
        text += '=';
        std::uint8_t space[5];
        for (;;) {
            auto count = form.read(space);
            if (!count.ok()) {
                out.emplace_back("malformed");
                return out;
            }
            if (*count == 0) break;
            text.append(reinterpret_cast<const char*>(space), *count);
        }
        out.push_back(text);
    }
}

std::string part(const std::string& disposition, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
}
using Parts = std::vector<std::string>;

TEST(FormData, is_read_in_whatever_pieces_it_comes) {
    auto bytes = part("name=\"key\"", "a/${filename}") + part("name=empty", "") +
                 part("name=\"file\"; filename=\"a.jpg\"", std::string("\r\n--a\r\n--\0-b\r\n", 14) + "--") +
                 "--b--\r\n";
    Parts expected{"key=a/${filename}",
                   "empty=", "file(a.jpg)=" + std::string("\r\n--a\r\n--\0-b\r\n", 14) + "--"};
    for (std::size_t piece : {1, 2, 3, 7, 50, 10'000})
        EXPECT_EQ(parts_of(bytes, piece), expected) << piece;
}

TEST(FormData, has_names_as_browsers_write_them) {
    EXPECT_EQ(parts_of(part("name=\"a;b\"; filename=\"c \\\" d\"", "x") + "--b--"), (Parts{"a;b(c \" d)=x"}));
    EXPECT_EQ(parts_of(part("filename=\"C:\\dir\\a.jpg\"; name=\"file\"", "x") + "--b--"),
              (Parts{"file(C:\\dir\\a.jpg)=x"}));
    EXPECT_EQ(parts_of("to be passed over\r\n--b  \r\ncontent-type: "
                       "a/b\r\nCONTENT-disposition:form-data;name=n\r\n\r\nx\r\n"
                       "--b--\r\nand this too"),
              (Parts{"n=x"}));
}

TEST(FormData, that_ends_early_or_is_none_is_refused) {
    EXPECT_EQ(parts_of(""), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b"), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--bc\r\n"), (Parts{"malformed"}));
    EXPECT_EQ(parts_of(part("name=a", "x")), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nno end"), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b\r\n\r\nno head\r\n--b--"), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
              (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"), (Parts{"malformed"}));
    EXPECT_EQ(parts_of("--b\r\nX: " + std::string(kPartHeadBytesMax, 'x') + part("name=a", "x")),
              (Parts{"malformed"}));
    EXPECT_EQ(parts_of(std::string(kPreambleBytesMax, 'x') + "\r\n" + part("name=a", "x") + "--b--"),
              (Parts{"malformed"}));
}

TEST(FormData, names_its_boundary_in_the_content_type) {
    EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
    EXPECT_FALSE(form_boundary("multipart/form-data"));
    EXPECT_FALSE(form_boundary("multipart/form-data; boundary="));
    EXPECT_FALSE(form_boundary("multipart/mixed; boundary=abc"));
    EXPECT_FALSE(form_boundary("multipart/form-data; boundary=" + std::string(kBoundaryBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace http
