// Beast 1.81 asserts that a final chunk's framing has at least 5 bytes, which an empty body that comes byte
// by byte
// ("0", CR, LF) breaks; the code below the assertion is right for it (parser_test.cpp, parser_fuzz.cpp).
#define BOOST_DISABLE_ASSERTS

#include "http/parser.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

namespace http {

namespace beast = boost::beast::http;

namespace {

std::string to_string(boost::beast::string_view text) {
    return std::string(text.data(), text.size());
}

template <class Fields>
Headers headers_of(const Fields& fields) {
    Headers headers;
    for (const auto& field : fields)
        headers.add(to_string(field.name_string()), to_string(field.value()));
    return headers;
}

template <bool is_request>
Result<void> parse(beast::parser<is_request, beast::empty_body>& parser, base::ByteView head) {
    parser.body_limit(boost::none);
    parser.header_limit(std::numeric_limits<std::uint32_t>::max());  // bounded by who gathered the head
    boost::system::error_code error;
    std::size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error == beast::error::bad_version) return Error::refusal(HeadRefusal::unsupported_version);
    if (error || !parser.is_header_done() || used != head.size())
        return Error::refusal(HeadRefusal::malformed);
    // Beast takes "chunked, gzip" and "gzip" for a body without chunks, which is how requests are smuggled.
    auto encoding = headers_of(parser.get()).joined("Transfer-Encoding");
    if (encoding && !equal_ignoring_case(*encoding, "chunked"))
        return Error::refusal(HeadRefusal::unsupported_encoding);
    return {};
}

// "http://host:1/path?query" becomes "/path?query", and its host stands for the Host header (RFC 9112 3.2.2).
Result<void> make_origin_form(Request& request) {
    if (request.target.front() == '/') return {};
    auto scheme = request.target.find("://");
    bool known =
        scheme != std::string::npos && (equal_ignoring_case(request.target.substr(0, scheme), "http") ||
                                        equal_ignoring_case(request.target.substr(0, scheme), "https"));
    if (!known) return Error::refusal(HeadRefusal::malformed);
    auto host = scheme + 3;
    auto path = std::min(request.target.find_first_of("/?", host), request.target.size());
    request.headers.set("Host", request.target.substr(host, path - host));
    request.target.erase(0, path);
    if (request.target.empty() || request.target.front() != '/') request.target = "/" + request.target;
    return {};
}

}  // namespace

std::optional<std::size_t> head_length(base::ByteView bytes, std::size_t searched) {
    std::size_t from = searched < 3 ? 0 : searched - 3;
    auto end = base::text(bytes).find("\r\n\r\n", from);
    if (end == std::string_view::npos) return std::nullopt;
    return end + 4;
}

Result<RequestHead> parse_request_head(base::ByteView head) {
    beast::request_parser<beast::empty_body> parser;
    TRY(parse(parser, head));
    const auto& message = parser.get();
    RequestHead out;
    out.request.method = to_string(message.method_string());
    out.request.target = to_string(message.target());
    out.request.headers = headers_of(message);
    out.chunked = parser.chunked();
    if (auto length = parser.content_length()) out.request.content_length = *length;
    out.keep_alive = parser.keep_alive();
    out.http_1_0 = message.version() == 10;
    out.expects_continue =
        !out.http_1_0 && equal_ignoring_case(out.request.headers.get("Expect").value_or(""), "100-continue");
    if (out.request.target.empty() || (out.http_1_0 && out.chunked))
        return Error::refusal(HeadRefusal::malformed);
    TRY(make_origin_form(out.request));
    // Two Host fields are how one request is shown to two servers as two different ones.
    auto hosts = message.count(beast::field::host);
    if (hosts > 1 || (hosts == 0 && !out.http_1_0)) return Error::refusal(HeadRefusal::malformed);
    return out;
}

Result<ResponseHead> parse_response_head(base::ByteView head) {
    beast::response_parser<beast::empty_body> parser;
    TRY(parse(parser, head));
    ResponseHead out;
    out.status = static_cast<int>(parser.get().result_int());
    out.headers = headers_of(parser.get());
    out.chunked = parser.chunked();
    if (auto length = parser.content_length()) out.content_length = *length;
    out.keep_alive = parser.keep_alive();
    return out;
}

struct ChunkedDecoder::State {
    beast::request_parser<beast::buffer_body> parser;
};

// Beast decodes chunks only behind a head, so the decoder starts with a fixed one.
ChunkedDecoder::ChunkedDecoder() : state_(std::make_unique<State>()) {
    constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    state_->parser.body_limit(boost::none);
    boost::system::error_code error;
    state_->parser.put(boost::asio::buffer(kHead.data(), kHead.size()), error);
    INVARIANT(!error && state_->parser.is_header_done());
}

ChunkedDecoder::~ChunkedDecoder() = default;

bool ChunkedDecoder::done() const {
    return state_->parser.is_done();
}

Result<ChunkedDecoder::Progress> ChunkedDecoder::decode(base::ByteView in, std::span<std::uint8_t> out) {
    auto& parser = state_->parser;
    auto& body = parser.get().body();
    body.data = out.data();
    body.size = out.size();
    body.more = true;
    std::size_t consumed = 0;
    while (!parser.is_done() && consumed < in.size()) {
        boost::system::error_code error;
        consumed += parser.put(boost::asio::buffer(in.data() + consumed, in.size() - consumed), error);
        if (error == beast::error::need_more || error == beast::error::need_buffer) break;
        if (error) return Error::refusal(Refusal::body_malformed);
    }
    Progress progress{consumed, out.size() - body.size};
    // Nothing came of a full buffer: the framing itself is longer than any honest one.
    if (progress.consumed == 0 && progress.produced == 0 && !out.empty() && in.size() >= kFramingBytesMax)
        return Error::refusal(Refusal::body_malformed);
    return progress;
}

}  // namespace http
