// multipart/form-data (RFC 7578), read piece by piece: what a browser sends of a form that has a file in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace http {

enum class FormRefusal { malformed };

inline constexpr std::size_t kBoundaryBytesMax = 70;        // RFC 2046 5.1.1
inline constexpr std::size_t kPartHeadBytesMax = 8 * 1024;  // of one part's header fields
inline constexpr std::size_t kPreambleBytesMax = 8 * 1024;  // before the first part

// The boundary that a Content-Type names; nothing if it is not multipart/form-data, or names none that can
// be.
std::optional<std::string> form_boundary(std::string_view content_type);

struct FormPart {
    std::string name;
    std::optional<std::string> filename;  // as the browser gave it, perhaps with a path; files have one
};

// Confined to one owner, as the body under it.
class FormReader {
public:
    FormReader(BodyReader& body, std::string_view boundary);

    // The next part, after passing over what is left of the one before; nothing after the last.
    // FormRefusal::malformed, and what the body refuses.
    Result<std::optional<FormPart>> next();
    // Bytes of the part; 0 at its end.
    Result<std::size_t> read(std::span<std::uint8_t> out);

private:
    // More bytes into the buffer; FormRefusal::malformed at the end of the body.
    Result<void> fill();
    Result<void> skip_to_delimiter(std::size_t bytes_max);
    void consume(std::size_t count);
    Result<std::string> read_head();
    std::string_view buffered() const { return std::string_view(buffer_).substr(begin_); }

    BodyReader& body_;
    const std::string delimiter_;  // "\r\n--BOUNDARY"
    std::string buffer_;           // from begin_ on: what was received and not yet given
    std::size_t begin_ = 0;
    std::size_t clear_ = 0;      // of buffered(): begins no delimiter
    bool at_delimiter_ = false;  // buffered() begins with one
    bool begun_ = false;
    bool ended_ = false;
};

}  // namespace http
