#include "http/form_data.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"

namespace http {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

Error malformed() {
    return Error::refusal(FormRefusal::malformed);
}

// The value of a parameter behind a header's first ';'. In quotes a backslash keeps a quote from ending it,
// and stands for itself before anything else: old browsers send paths of Windows.
std::optional<std::string> parameter(std::string_view header, std::string_view wanted) {
    auto at = header.find(';');
    while (at != std::string_view::npos) {
        header.remove_prefix(at + 1);
        auto equals = header.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        auto name = base::trimmed(header.substr(0, equals));
        header.remove_prefix(equals + 1);
        while (!header.empty() && (header.front() == ' ' || header.front() == '\t'))
            header.remove_prefix(1);
        std::string value;
        if (header.starts_with('"')) {
            std::size_t i = 1;
            for (; i < header.size() && header[i] != '"'; ++i) {
                if (header[i] == '\\' && i + 1 < header.size() && header[i + 1] == '"') ++i;
                value += header[i];
            }
            if (i == header.size()) return std::nullopt;
            header.remove_prefix(i + 1);
        } else {
            value = base::trimmed(header.substr(0, header.find(';')));
        }
        if (equal_ignoring_case(name, wanted)) return value;
        at = header.find(';');
    }
    return std::nullopt;
}

bool is_of_type(std::string_view header, std::string_view type) {
    return equal_ignoring_case(base::trimmed(header.substr(0, header.find(';'))), type);
}

// The part that a head describes.
Result<FormPart> part_of(std::string_view head) {
    while (!head.empty()) {
        auto end = head.find("\r\n");
        auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        auto colon = line.find(':');
        if (colon == std::string_view::npos) return malformed();
        if (!equal_ignoring_case(base::trimmed(line.substr(0, colon)), "Content-Disposition")) continue;
        auto value = line.substr(colon + 1);
        auto name = parameter(value, "name");
        if (!is_of_type(value, "form-data") || !name) return malformed();
        return FormPart{std::move(*name), parameter(value, "filename")};
    }
    return malformed();
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
    if (!is_of_type(content_type, "multipart/form-data")) return std::nullopt;
    auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) return std::nullopt;
    if (boundary->find_first_of("\r\n") != std::string::npos) return std::nullopt;
    return boundary;
}

// A line break stands before every delimiter; the first one's is not sent.
FormReader::FormReader(BodyReader& body, std::string_view boundary)
    : body_(body), delimiter_("\r\n--" + std::string(boundary)), buffer_("\r\n") {}

Result<void> FormReader::fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    auto held = buffer_.size();
    buffer_.resize(held + kPiece);
    auto count = body_.read({reinterpret_cast<std::uint8_t*>(buffer_.data()) + held, kPiece});
    buffer_.resize(held + (count.ok() ? *count : 0));
    if (!count.ok()) return std::move(count).error();
    if (*count == 0) return malformed();
    return {};
}

void FormReader::consume(std::size_t count) {
    begin_ += count;
    clear_ -= std::min(clear_, count);
}

Result<std::size_t> FormReader::read(std::span<std::uint8_t> out) {
    while (clear_ == 0 && !at_delimiter_) {
        auto bytes = buffered();
        auto found = bytes.find(delimiter_);
        at_delimiter_ = found == 0;
        if (found != std::string_view::npos)
            clear_ = found;
        else if (bytes.size() >= delimiter_.size())
            clear_ = bytes.size() - delimiter_.size() + 1;
        else
            TRY(fill());
    }
    auto count = std::min(out.size(), clear_);
    std::copy_n(buffered().begin(), count, out.begin());
    consume(count);
    return count;
}

Result<void> FormReader::skip_to_delimiter(std::size_t bytes_max) {
    std::uint8_t space[4096];
    for (std::size_t skipped = 0; skipped <= bytes_max;) {
        auto count = TRY(read(space));
        if (count == 0) return {};
        skipped += count;
    }
    return malformed();
}

// What stands between a delimiter's line and the empty line.
Result<std::string> FormReader::read_head() {
    for (;;) {
        auto bytes = buffered();
        if (bytes.starts_with("\r\n")) return malformed();  // a part without a name
        auto end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos ? bytes.size() >= kPartHeadBytesMax + 4 : end > kPartHeadBytesMax)
            return malformed();
        if (end != std::string_view::npos) {
            std::string head(bytes.substr(0, end));
            consume(end + 4);
            return head;
        }
        TRY(fill());
    }
}

Result<std::optional<FormPart>> FormReader::next() {
    if (ended_) return std::optional<FormPart>();
    TRY(skip_to_delimiter(begun_ ? std::numeric_limits<std::size_t>::max() - 4096 : kPreambleBytesMax));
    begun_ = true;
    consume(delimiter_.size());
    at_delimiter_ = false;
    // Blanks may follow a boundary, and two hyphens follow the last.
    for (;;) {
        while (buffered().starts_with(' ') || buffered().starts_with('\t'))
            consume(1);
        auto bytes = buffered();
        if (bytes.starts_with("--")) {
            ended_ = true;
            return std::optional<FormPart>();
        }
        if (bytes.starts_with("\r\n")) break;
        if (bytes.size() >= 2) return malformed();
        TRY(fill());
    }
    consume(2);
    auto head = TRY(read_head());
    return std::optional(TRY(part_of(head)));
}

}  // namespace http
