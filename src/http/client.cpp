#include "http/client.h"

#include <arpa/inet.h>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "http/parser.h"

namespace http {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kInterimAnswersMax = 8;

std::string error_text(int number) {
    return std::system_category().message(number);
}

// A connected socket that does not block; every wait has an end. Confined to one owner.
class Connected {
public:
    Connected(int fd, base::Duration stall, Clock::time_point end) : fd_(fd), stall_(stall), end_(end) {}
    ~Connected() { ::close(fd_); }
    Connected(const Connected&) = delete;
    Connected& operator=(const Connected&) = delete;

    // 0 when the peer has ended.
    Result<std::size_t> receive(std::span<std::uint8_t> out) {
        for (;;) {
            ssize_t count = ::recv(fd_, out.data(), out.size(), 0);
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return Error::failure("receive: " + error_text(errno));
            TRY(wait(POLLIN));
        }
    }

    Result<void> send(base::ByteView in) {
        while (!in.empty()) {
            ssize_t count = ::send(fd_, in.data(), in.size(), MSG_NOSIGNAL);
            if (count >= 0) {
                in = in.subspan(static_cast<std::size_t>(count));
            } else if (errno == EAGAIN) {
                TRY(wait(POLLOUT));
            } else if (errno != EINTR) {
                return Error::failure("send: " + error_text(errno));
            }
        }
        return {};
    }

    Result<void> wait(short events) {
        auto now = Clock::now();
        auto left = std::chrono::duration_cast<base::Duration>(std::min(end_, now + stall_) - now);
        pollfd waiting{fd_, events, 0};
        int ready = left.count() > 0 ? ::poll(&waiting, 1, static_cast<int>(left.count())) : 0;
        if (ready == 0) return Error::failure("timed out");
        if (ready < 0 && errno != EINTR) return Error::failure("poll: " + error_text(errno));
        return {};
    }

private:
    int fd_;
    base::Duration stall_;
    Clock::time_point end_;
};

Result<int> connect_to(const addrinfo& address, const ClientOptions& options, Clock::time_point end) {
    int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return Error::failure("socket: " + error_text(errno));
    auto give_up = [&](std::string why) {
        ::close(fd);
        return Error::failure(std::move(why));
    };
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return fd;
    if (errno != EINPROGRESS) return give_up(error_text(errno));
    auto now = Clock::now();
    auto left =
        std::chrono::duration_cast<base::Duration>(std::min(end, now + options.connect_timeout) - now);
    pollfd waiting{fd, POLLOUT, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
        return give_up("timed out");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return give_up(error_text(error));
    return fd;
}

Result<std::unique_ptr<Connected>> connect(const Url& url, const ClientOptions& options,
                                           Clock::time_point end) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    int failed = ::getaddrinfo(url.host.c_str(), fmt::to_string(url.port).c_str(), &hints, &found);
    if (failed) return Error::failure(fmt::format("find {}: {}", url.host, ::gai_strerror(failed)));
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::string why;
    for (auto* address = found; address; address = address->ai_next) {
        auto fd = connect_to(*address, options, end);
        if (fd.ok()) return std::make_unique<Connected>(*fd, options.stall_timeout, end);
        why = fd.error().detail();
    }
    return Error::failure(fmt::format("connect to {}: {}", url.authority(), why));
}

std::string tls_trouble() {
    unsigned long code = ::ERR_get_error();
    ::ERR_clear_error();
    if (code == 0) return "the peer ended the connection";
    char text[256];
    ::ERR_error_string_n(code, text, sizeof text);
    return text;
}

// TLS 1.2 or later over a Connected, with the peer's certificate and name checked. OpenSSL works on memory,
// because its own writing to a closed socket raises SIGPIPE.
class Tls {
public:
    explicit Tls(Connected& below) : below_(below) {}

    Result<void> open(const Url& url, const ClientOptions& options) {
        context_.reset(::SSL_CTX_new(::TLS_client_method()));
        INVARIANT(context_);
        ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
        ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        bool trusted =
            options.authorities.empty()
                ? ::SSL_CTX_set_default_verify_paths(context_.get()) == 1
                : ::SSL_CTX_load_verify_locations(context_.get(), options.authorities.c_str(), nullptr) == 1;
        if (!trusted) return Error::failure("trusted authorities: " + tls_trouble());
        tls_.reset(::SSL_new(context_.get()));
        INVARIANT(tls_);
        ::SSL_set_bio(tls_.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
        in6_addr numeric;
        bool is_address = ::inet_pton(AF_INET, url.host.c_str(), &numeric) == 1 ||
                          ::inet_pton(AF_INET6, url.host.c_str(), &numeric) == 1;
        if (is_address) {
            ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls_.get()), url.host.c_str());
        } else {
            ::SSL_set1_host(tls_.get(), url.host.c_str());
            ::SSL_set_tlsext_host_name(tls_.get(), url.host.c_str());
        }
        TRY(complete([&] { return ::SSL_connect(tls_.get()); }));
        return {};
    }

    // 0 when the peer has said that it ended; a bare end of the connection is a failure, for it may be an
    // attack.
    Result<std::size_t> receive(std::span<std::uint8_t> out) {
        std::size_t count = 0;
        bool open = TRY(complete([&] { return ::SSL_read_ex(tls_.get(), out.data(), out.size(), &count); }));
        return open ? count : 0;
    }

    Result<void> send(base::ByteView in) {
        if (in.empty()) return {};
        std::size_t count = 0;
        if (!TRY(complete([&] { return ::SSL_write_ex(tls_.get(), in.data(), in.size(), &count); })))
            return Error::failure("TLS: the peer ended the connection");
        return {};
    }

private:
    // Carries bytes between OpenSSL and the socket until the step is done. False if the peer has closed the
    // TLS.
    template <class Step>
    Result<bool> complete(Step step) {
        for (;;) {
            int result = step();
            int error = result > 0 ? SSL_ERROR_NONE : ::SSL_get_error(tls_.get(), result);
            TRY(flush());
            if (error == SSL_ERROR_NONE) return true;
            if (error == SSL_ERROR_ZERO_RETURN) return false;
            if (error != SSL_ERROR_WANT_READ) return Error::failure("TLS: " + certificate_trouble());
            std::array<std::uint8_t, 16 * 1024> space;
            std::size_t count = TRY(below_.receive(space));
            if (count == 0) return Error::failure("TLS: the connection ended early");
            ::BIO_write(::SSL_get_rbio(tls_.get()), space.data(), static_cast<int>(count));
        }
    }

    Result<void> flush() {
        std::array<std::uint8_t, 16 * 1024> space;
        for (;;) {
            int count = ::BIO_read(::SSL_get_wbio(tls_.get()), space.data(), static_cast<int>(space.size()));
            if (count <= 0) return {};
            TRY(below_.send({space.data(), static_cast<std::size_t>(count)}));
        }
    }

    std::string certificate_trouble() {
        long verdict = ::SSL_get_verify_result(tls_.get());
        std::string text = tls_trouble();
        if (verdict != X509_V_OK) text = ::X509_verify_cert_error_string(verdict);
        return text;
    }

    Connected& below_;
    std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_{nullptr, &::SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&::SSL_free)> tls_{nullptr, &::SSL_free};
};

// One request on its own connection.
class Conversation {
public:
    Conversation(const Url& url, const ClientOptions& options, Clock::time_point end)
        : url_(url), options_(options), end_(end) {}

    Result<ResponseHead> open(const ClientRequest& request, std::string_view method) {
        connection_ = TRY(connect(url_, options_, end_));
        if (url_.secure) {
            tls_ = std::make_unique<Tls>(*connection_);
            TRY(tls_->open(url_, options_));
        }
        bodiless_ = method == "HEAD";
        TRY(send(head_of(request, method) + request.body));
        for (std::size_t i = 0; i < kInterimAnswersMax; ++i) {
            head_ = TRY(read_head());
            if (head_.status >= 200) return head_;
        }
        return Error::failure("too many interim answers");
    }

    Result<void> read_body(const BodySink& sink) {
        if (bodiless_ || head_.status == 204 || head_.status == 304) return {};
        if (head_.chunked) return read_chunks(sink);
        std::uint64_t left = head_.content_length.value_or(std::numeric_limits<std::uint64_t>::max());
        if (head_.content_length && left > options_.body_bytes_max)
            return Error::refusal(Refusal::body_too_large);
        while (left > 0) {
            if (pending_.empty() && TRY(fill()) == 0) {
                if (!head_.content_length) return {};
                return Error::failure("the answer ended early");
            }
            std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left, pending_.size()));
            TRY(deliver(sink, {pending_.data(), count}));
            pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
            left -= count;
        }
        return {};
    }

private:
    std::string head_of(const ClientRequest& request, std::string_view method) const {
        std::string head = fmt::format("{} {} HTTP/1.1\r\n", method, url_.target);
        for (const auto& [name, value] : request.headers) {
            bool own = false;
            for (std::string_view added : {"Host", "Content-Length", "Connection"})
                own = own || equal_ignoring_case(name, added);
            if (!own) head += fmt::format("{}: {}\r\n", name, value);
        }
        std::string host(request.headers.get("Host").value_or(url_.authority()));
        head += fmt::format("Host: {}\r\nConnection: close\r\n", host);
        if (!request.body.empty() || method == "POST" || method == "PUT")
            head += fmt::format("Content-Length: {}\r\n", request.body.size());
        return head + "\r\n";
    }

    Result<ResponseHead> read_head() {
        for (;;) {
            if (auto length = head_length(pending_)) {
                auto head = parse_response_head(base::ByteView(pending_).first(*length));
                if (!head.ok()) return Error::failure("the answer is not HTTP/1.1");
                pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(*length));
                return std::move(*head);
            }
            if (pending_.size() > kHeadBytesMax) return Error::failure("the answer's head is too long");
            if (TRY(fill()) == 0) return Error::failure("the connection ended before an answer");
        }
    }

    Result<void> read_chunks(const BodySink& sink) {
        ChunkedDecoder decoder;
        std::vector<std::uint8_t> space(kPiece);
        for (;;) {
            auto progress = decoder.decode(pending_, space);
            if (!progress.ok()) return Error::failure("the answer's chunks are malformed");
            pending_.erase(pending_.begin(),
                           pending_.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
            TRY(deliver(sink, {space.data(), progress->produced}));
            if (decoder.done()) return {};
            if (progress->produced == 0 && TRY(fill()) == 0) return Error::failure("the answer ended early");
        }
    }

    Result<void> deliver(const BodySink& sink, base::ByteView bytes) {
        if (bytes.empty()) return {};
        delivered_ += bytes.size();
        if (delivered_ > options_.body_bytes_max) return Error::refusal(Refusal::body_too_large);
        if (Clock::now() > end_) return Error::failure("timed out");
        return sink(bytes);
    }

    Result<std::size_t> fill() {
        std::size_t before = pending_.size();
        pending_.resize(before + kPiece);
        std::span<std::uint8_t> space(pending_.data() + before, kPiece);
        auto count = tls_ ? tls_->receive(space) : connection_->receive(space);
        pending_.resize(before + (count.ok() ? *count : 0));
        return count;
    }

    Result<void> send(std::string_view text) {
        return tls_ ? tls_->send(base::view(text)) : connection_->send(base::view(text));
    }

    const Url& url_;
    const ClientOptions& options_;
    const Clock::time_point end_;
    std::unique_ptr<Connected> connection_;
    std::unique_ptr<Tls> tls_;
    base::Bytes pending_;
    ResponseHead head_;
    bool bodiless_ = false;
    std::uint64_t delivered_ = 0;
};

bool is_redirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where `location` leads from `from`; nothing if nowhere that may be followed.
std::optional<Url> redirected(const Url& from, std::string_view location) {
    location = location.substr(0, location.find('#'));
    if (location.starts_with("/") && !location.starts_with("//")) {
        Url url = from;
        url.target = location;
        return url;
    }
    auto url = parse_url(location);
    if (url && from.secure && !url->secure) return std::nullopt;
    return url;
}

}  // namespace

std::string Url::authority() const {
    std::string name = host.find(':') == std::string::npos ? host : '[' + host + ']';
    return port == (secure ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::optional<Url> parse_url(std::string_view text) {
    Url url;
    if (text.starts_with("https://")) {
        url.secure = true;
        url.port = 443;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return std::nullopt;
    }
    bool strange =
        std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c == 0x7F || c == '#'; });
    if (strange) return std::nullopt;
    auto path = std::min(text.find_first_of("/?"), text.size());
    auto authority = text.substr(0, path);
    url.target = text.substr(path);
    if (url.target.empty() || url.target.front() != '/') url.target = "/" + url.target;
    if (authority.starts_with('[')) {
        auto end = authority.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        url.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
    } else {
        auto end = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, end);
        authority.remove_prefix(end);
    }
    if (url.host.empty() || url.host.find_first_of("@[]") != std::string::npos) return std::nullopt;
    if (authority.empty()) return url;
    authority.remove_prefix(1);
    auto [end, error] = std::from_chars(authority.data(), authority.data() + authority.size(), url.port);
    if (error != std::errc() || end != authority.data() + authority.size() || url.port == 0)
        return std::nullopt;
    return url;
}

Result<ClientResponse> ask(const ClientRequest& request, const ClientOptions& options, const BodySink& sink) {
    auto end = Clock::now() + options.total_timeout;
    auto url = parse_url(request.url);
    if (!url) return Error::failure("not an http or https address: " + request.url);
    bool follows = request.method == "GET" || request.method == "HEAD";
    ClientRequest asked = request;
    for (std::size_t redirections = 0;; ++redirections) {
        Conversation conversation(*url, options, end);
        auto head = TRY(conversation.open(asked, request.method));
        ClientResponse response{head.status, head.headers, {}};
        auto location = head.headers.get("Location");
        if (follows && is_redirection(head.status) && location) {
            if (redirections == options.redirects_max) return Error::failure("too many redirections");
            auto next = redirected(*url, *location);
            if (!next)
                return Error::failure("a redirection leads where it may not: " + std::string(*location));
            if (next->authority() != url->authority()) {
                asked.headers.erase("Authorization");
                asked.headers.erase("Host");
            }
            url = std::move(next);
            continue;
        }
        bool to_sink = sink && head.status >= 200 && head.status < 300;
        TRY(conversation.read_body(to_sink ? sink : [&](base::ByteView bytes) -> Result<void> {
            response.body += base::text(bytes);
            return {};
        }));
        return response;
    }
}

Result<ClientResponse> ask(const ClientRequest& request, const ClientOptions& options) {
    return ask(request, options, nullptr);
}

}  // namespace http
