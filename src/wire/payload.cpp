#include "wire/payload.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/digest.h"

namespace wire {
namespace {

constexpr std::size_t kLineBytesMax = 4096;  // of a chunk's head or a trailer
constexpr std::size_t kTrailersMax = 16;
constexpr std::size_t kBufferBytes = 64 * 1024;

std::optional<std::uint64_t> number(std::string_view text, int radix) {
    std::uint64_t out = 0;
    if (text.empty() || text.size() > 16) return std::nullopt;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, radix);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// A body that is sent as it is, with its SHA-256 checked if one is stated.
class PlainPayload final : public Payload {
public:
    PlainPayload(http::BodyReader& body, std::optional<std::uint64_t> length, std::string sha256)
        : body_(body), length_(length), sha256_(std::move(sha256)) {}

    std::optional<std::uint64_t> length() const override { return length_; }
    const http::Headers& trailers() const override { return trailers_; }

    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        std::size_t count = TRY(body_.read(out));
        if (sha256_.empty()) return count;
        if (count > 0) {
            digest_.update(out.first(count));
        } else if (!checked_) {
            checked_ = true;
            if (base::hex(digest_.finish()) != sha256_) return Error::refusal(Trouble::digest_mismatch);
        }
        return count;
    }

private:
    http::BodyReader& body_;
    std::optional<std::uint64_t> length_;
    std::string sha256_;
    base::Digest digest_{base::DigestKind::sha256};
    bool checked_ = false;
    http::Headers trailers_;
};

// Signs chunk after chunk, each over the signature before it. Without a key nothing is checked.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
class ChunkSigner {
public:
    ChunkSigner(const Authorization& authorization, std::string_view secret_key)
        : key_(signing_key(secret_key, authorization.date, authorization.region, authorization.service)),
          date_(base::basic_iso8601(authorization.time)),
          scope_(authorization.scope()),
          previous_(authorization.signature) {}

    bool fits_chunk(std::string_view sha256, std::string_view signature) {
        return fits(fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", date_, scope_, previous_,
                                base::sha256_hex(""), sha256),
                    signature);
    }
    bool fits_trailer(std::string_view trailer, std::string_view signature) {
        return fits(fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", date_, scope_, previous_,
                                base::sha256_hex(trailer)),
                    signature);
    }

private:
    bool fits(const std::string& text, std::string_view signature) {
        previous_ = base::hex(base::hmac(base::DigestKind::sha256, key_, base::view(text)));
        return base::equal_in_constant_time(previous_, signature);
    }

    base::Bytes key_;
    std::string date_, scope_, previous_;
};

// aws-chunked: "SIZE[;chunk-signature=HEX]" lines, each before so many bytes; a chunk of size 0 ends, then
// trailers.
class ChunkedPayload final : public Payload {
public:
    ChunkedPayload(http::BodyReader& body, std::uint64_t length, std::optional<ChunkSigner> signer,
                   std::vector<std::string> promised)
        : body_(body), length_(length), signer_(std::move(signer)), promised_(std::move(promised)) {}

    std::optional<std::uint64_t> length() const override { return length_; }
    const http::Headers& trailers() const override { return trailers_; }

    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        while (!ended_ && !out.empty()) {
            if (left_ > 0) return copy(out);
            if (inside_) TRY(end_chunk());
            TRY(begin_chunk());
        }
        return std::size_t{0};
    }

private:
    Result<std::size_t> copy(std::span<std::uint8_t> out) {
        TRY(fill());
        std::size_t count = std::min<std::uint64_t>({left_, out.size(), end_ - begin_});
        std::copy_n(buffer_.begin() + begin_, count, out.begin());
        if (signer_) digest_.update(out.first(count));
        begin_ += count;
        left_ -= count;
        delivered_ += count;
        return count;
    }

    Result<void> begin_chunk() {
        std::string line = TRY(read_line());
        auto semicolon = line.find(';');
        auto size = number(std::string_view(line).substr(0, semicolon), 16);
        if (!size || *size > length_ - delivered_) return Error::refusal(Trouble::body_truncated);
        signature_.clear();
        if (signer_) {
            constexpr std::string_view kName = "chunk-signature=";
            if (semicolon == std::string::npos || line.compare(semicolon + 1, kName.size(), kName) != 0)
                return Error::refusal(Trouble::signature_mismatch);
            signature_ = line.substr(semicolon + 1 + kName.size());
        }
        left_ = *size;
        inside_ = true;
        digest_ = base::Digest(base::DigestKind::sha256);
        if (left_ > 0) return {};
        if (delivered_ != length_) return Error::refusal(Trouble::body_truncated);
        TRY(check_chunk_signature());
        TRY(read_trailers());
        ended_ = true;
        return {};
    }

    Result<void> end_chunk() {
        inside_ = false;
        TRY(check_chunk_signature());
        if (!TRY(read_line()).empty()) return Error::refusal(Trouble::body_truncated);
        return {};
    }

    Result<void> check_chunk_signature() {
        if (signer_ && !signer_->fits_chunk(base::hex(digest_.finish()), signature_))
            return Error::refusal(Trouble::signature_mismatch);
        return {};
    }

    Result<void> read_trailers() {
        std::string signed_text, signature;
        for (std::size_t count = 0;; ++count) {
            // A client may close right after the last chunk's line.
            std::string line = TRY(read_line(true));
            if (line.empty()) break;
            auto colon = line.find(':');
            if (colon == std::string::npos || count >= kTrailersMax)
                return Error::refusal(Trouble::malformed_trailer);
            std::string name = line.substr(0, colon), value = line.substr(colon + 1);
            value.erase(0, value.find_first_not_of(" \t"));
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            if (name == "x-amz-trailer-signature") {
                signature = value;
                continue;
            }
            if (std::find(promised_.begin(), promised_.end(), name) == promised_.end() || trailers_.has(name))
                return Error::refusal(Trouble::malformed_trailer);
            signed_text += name + ':' + value + '\n';
            trailers_.add(name, value);
        }
        if (trailers_.size() != promised_.size()) return Error::refusal(Trouble::malformed_trailer);
        if (signer_ && !signed_text.empty() && !signer_->fits_trailer(signed_text, signature))
            return Error::refusal(Trouble::signature_mismatch);
        return {};
    }

    // Up to CRLF, which is taken off.
    Result<std::string> read_line(bool end_is_empty = false) {
        std::string line;
        while (true) {
            if (begin_ == end_ && !TRY(fill_some())) {
                if (end_is_empty && line.empty()) return line;
                return Error::refusal(Trouble::body_truncated);
            }
            char c = static_cast<char>(buffer_[begin_++]);
            if (c == '\n' && !line.empty() && line.back() == '\r') {
                line.pop_back();
                return line;
            }
            if (line.size() >= kLineBytesMax) return Error::refusal(Trouble::body_truncated);
            line.push_back(c);
        }
    }

    Result<void> fill() {
        if (begin_ == end_ && !TRY(fill_some())) return Error::refusal(Trouble::body_truncated);
        return {};
    }
    Result<bool> fill_some() {
        begin_ = 0;
        end_ = TRY(body_.read(buffer_));
        return end_ > 0;
    }

    http::BodyReader& body_;
    const std::uint64_t length_;
    std::optional<ChunkSigner> signer_;
    const std::vector<std::string> promised_;
    base::Bytes buffer_ = base::Bytes(kBufferBytes);
    std::size_t begin_ = 0, end_ = 0;
    std::uint64_t left_ = 0, delivered_ = 0;
    bool inside_ = false, ended_ = false;
    base::Digest digest_{base::DigestKind::sha256};
    std::string signature_;
    http::Headers trailers_;
};

// "x-amz-checksum-crc32, x-amz-other" in lower case.
std::vector<std::string> promised_trailers(const http::Request& request) {
    std::vector<std::string> out;
    std::string name;
    for (char c : request.headers.joined("x-amz-trailer").value_or("") + ',') {
        if (c == ',' && !name.empty()) out.push_back(std::exchange(name, {}));
        if (c != ',' && c != ' ')
            name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<Payload>> open_payload(const http::Request& request, http::BodyReader& body,
                                              const Authorization* authorization,
                                              std::string_view secret_key) {
    std::string marker(request.headers.get("x-amz-content-sha256").value_or(""));
    std::unique_ptr<Payload> out;
    if (!marker.starts_with("STREAMING-")) {
        bool stated = !marker.empty() && marker != "UNSIGNED-PAYLOAD";
        if (stated && (marker.size() != 64 || !base::from_hex(marker)))
            return Error::refusal(
                Trouble::validation,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a "
                "valid sha256 value.");
        out = std::make_unique<PlainPayload>(body, request.content_length, stated ? marker : "");
        return out;
    }
    bool is_signed = marker == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" ||
                     marker == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    if (!is_signed && marker != "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        return Error::refusal(Trouble::not_implemented,
                              "not implemented: x-amz-content-sha256 " + marker.substr(0, 64));
    auto length = number(request.headers.get("x-amz-decoded-content-length").value_or(""), 10);
    if (!length) return Error::refusal(Trouble::missing_length);
    std::optional<ChunkSigner> signer;
    if (is_signed && authorization) {
        if (authorization->kind != SignatureKind::v4_header)
            return Error::refusal(Trouble::incomplete_signature);
        signer.emplace(*authorization, secret_key);
    }
    out = std::make_unique<ChunkedPayload>(
        body, *length, std::move(signer),
        marker.ends_with("TRAILER") ? promised_trailers(request) : std::vector<std::string>());
    return out;
}

}  // namespace wire
