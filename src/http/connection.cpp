#include "http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "base/log.h"

namespace http {

namespace {

constexpr std::size_t kHeadPiece = 4 * 1024;
constexpr std::size_t kChunkedPiece = 64 * 1024;
constexpr std::size_t kSourcePiece = 128 * 1024;
constexpr std::size_t kJoinedBodyMax = 8 * 1024;  // a body this small is sent in one piece with its head
constexpr std::uint64_t kDrainedBytesMax = 64 * 1024;
constexpr base::Duration kSleepSlice{200};
// How long a closing connection goes on reading, so that an answer is not lost to the reset that unread bytes
// cause.
constexpr base::Duration kLingering{2'000};

bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](unsigned char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

bool is_written_by_the_connection(std::string_view name) {
    for (std::string_view own : {"Content-Length", "Transfer-Encoding", "Connection", "Date"})
        if (equal_ignoring_case(name, own)) return true;
    return false;
}

// Values may come from callers (stored metadata, response-content-type): none of them ends its line.
void append_field(std::string& head, std::string_view name, std::string_view value) {
    if (!is_field_name(name)) return;
    head.append(name).append(": ");
    for (char c : value)
        head.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
    head.append("\r\n");
}

bool has_no_body(int status) {
    return status == 204 || status == 304 || status < 200;
}

std::optional<std::uint64_t> length_of(const Response& response) {
    if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
    return std::get<StreamedBody>(response.body).length;
}

Response plain_answer(int status) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "text/plain");
    response.body = fmt::format("{} {}\n", status, reason_phrase(status));
    return response;
}

int bytes_not_acknowledged(Socket& socket) {
    int count = 0;
    return ::ioctl(socket.native_handle(), SIOCOUTQ, &count) == 0 ? count : 0;
}

}  // namespace

void InputBuffer::consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
}

std::span<std::uint8_t> InputBuffer::prepare(std::size_t count) {
    if (space_.size() - end_ < count) {
        if (begin_ != end_) std::memmove(space_.data(), space_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (space_.size() - end_ < count) space_.resize(end_ + count);
    }
    return {space_.data() + end_, space_.size() - end_};
}

void InputBuffer::release_if_empty() {
    if (empty() && space_.size() > kHeadPiece) space_ = {};
}

Connection::Connection(std::unique_ptr<Stream> stream, ServerState& server, std::string remote_address,
                       bool secure)
    : stream_(std::move(stream)),
      server_(server),
      remote_address_(std::move(remote_address)),
      secure_(secure) {}

void Connection::run(Yield yield) {
    yield_ = &yield;
    timed(server_.options.header_timeout, [&](error_code& error) {
        stream_->handshake(yield, error);
        return std::size_t{0};
    });
    if (error_) return;
    while (serve_one())
        input_.release_if_empty();
}

void Connection::check_deadline(Clock::time_point now) {
    if (now < deadline_) return;
    // A slow reader's socket accepts nothing for long, and yet the peer takes bytes: that is progress.
    if (writing_) {
        int left = bytes_not_acknowledged(stream_->socket());
        if (left < unacknowledged_) {
            unacknowledged_ = left;
            deadline_ = now + write_timeout_;
            return;
        }
    }
    timed_out_ = true;
    deadline_ = Clock::time_point::max();
    error_code ignored;
    stream_->socket().cancel(ignored);
}

void Connection::abort() {
    aborted_ = true;
    error_code ignored;
    stream_->socket().cancel(ignored);
}

void Connection::abort_if_idle() {
    if (idle_) abort();
}

// Runs one wait; afterwards error_ says how it ended and timed_out_ whether its time was up.
template <class Operation>
std::size_t Connection::timed(base::Duration timeout, Operation operation) {
    timed_out_ = false;
    error_ = aborted_ ? asio::error::operation_aborted : error_code{};
    if (aborted_) return 0;
    deadline_ = Clock::now() + timeout;
    std::size_t count = operation(error_);
    deadline_ = Clock::time_point::max();
    if (!error_) timed_out_ = false;
    return count;
}

std::size_t Connection::read_some(std::span<std::uint8_t> out, base::Duration timeout) {
    return timed(timeout, [&](error_code& error) {
        return stream_->read_some(asio::buffer(out.data(), out.size()), *yield_, error);
    });
}

bool Connection::write(std::span<asio::const_buffer> pieces) {
    while (!pieces.empty()) {
        write_timeout_ = server_.options.body_stall_timeout;
        unacknowledged_ = std::numeric_limits<int>::max();  // measured when the time is up first
        writing_ = true;
        std::size_t count = timed(
            write_timeout_, [&](error_code& error) { return stream_->write_some(pieces, *yield_, error); });
        writing_ = false;
        if (error_) return false;
        while (!pieces.empty() && count >= pieces.front().size()) {
            count -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
        if (!pieces.empty()) pieces.front() += count;
    }
    return true;
}

bool Connection::write(std::string_view text) {
    asio::const_buffer piece(text.data(), text.size());
    return write({&piece, 1});
}

// --- A request's life
// -----------------------------------------------------------------------------------------

bool Connection::serve_one() {
    if (!read_head()) return false;
    Response response = handled();
    bool keep_alive =
        head_.keep_alive && !response.close && !body_trouble_ && body_may_be_drained() && !server_.stopping;
    if (!send(response, keep_alive)) return false;
    if (keep_alive && drain_body()) return true;
    close_politely(body_done_ && input_.empty());
    return false;
}

Response Connection::handled() {
    try {
        return server_.handler(*this);
    } catch (const std::exception& trouble) {
        base::log().error("handler threw error={}", trouble.what());
        Response response = plain_answer(500);
        response.close = true;
        return response;
    }
}

// Waits for the next request's head. False if there is none, or after refusing it.
bool Connection::read_head() {
    idle_ = input_.empty();
    if (idle_) {
        auto space = input_.prepare(kHeadPiece);
        input_.commit(read_some(space, server_.options.idle_timeout));
        if (error_ || server_.stopping) return false;
        idle_ = false;
    }
    auto end = Clock::now() + server_.options.header_timeout;
    std::size_t searched = 0;
    for (;;) {
        // An empty line before a request is skipped, as RFC 9112 2.2 asks.
        while (input_.bytes().size() >= 2 && base::text(input_.bytes().first(2)) == "\r\n")
            input_.consume(2);
        auto bytes = input_.bytes();
        // What does not begin with a method's letter, such as a TLS greeting, never becomes a request.
        if (!bytes.empty() && bytes.front() != '\r' && !std::isalpha(bytes.front()))
            return refuse(400), false;
        if (auto length = head_length(bytes, std::min(searched, bytes.size()))) {
            if (*length > server_.options.header_bytes_max) return refuse(431), false;
            auto head = parse_request_head(bytes.first(*length));
            if (!head.ok()) {
                auto why = head.error().as<HeadRefusal>();
                refuse(why == HeadRefusal::unsupported_version    ? 505
                       : why == HeadRefusal::unsupported_encoding ? 501
                                                                  : 400);
                return false;
            }
            input_.consume(*length);
            head_ = std::move(*head);
            break;
        }
        searched = bytes.size();
        if (searched >= server_.options.header_bytes_max) return refuse(431), false;
        auto space = input_.prepare(kHeadPiece);
        auto left = std::chrono::duration_cast<base::Duration>(end - Clock::now());
        if (left.count() <= 0) return refuse(408), false;
        input_.commit(read_some(space, left));
        if (timed_out_) return refuse(408), false;
        if (error_) return false;
    }
    head_.request.remote_address = remote_address_;
    head_.request.secure = secure_;
    body_left_ = head_.chunked ? 0 : head_.request.content_length.value_or(0);
    body_done_ = !head_.chunked && body_left_ == 0;
    chunks_ = head_.chunked ? std::make_unique<ChunkedDecoder>() : nullptr;
    continue_owed_ = head_.expects_continue;
    body_trouble_.reset();
    window_waited_ = {};
    window_bytes_ = 0;
    return true;
}

void Connection::refuse(int status) {
    head_ = {};
    Response response = plain_answer(status);
    bool keep_alive = false;
    if (send(response, keep_alive)) close_politely(false);
}

// --- The request's body
// ---------------------------------------------------------------------------------------

Result<std::size_t> Connection::read(std::span<std::uint8_t> out) {
    if (body_trouble_) return Error::refusal(*body_trouble_);
    if (continue_owed_) {
        continue_owed_ = false;
        // A client that did not wait needs no permission (RFC 9110 10.1.1). One whose body is empty waits all
        // the same: botocore does, and given the final answer instead it may misread the next one (seen
        // with 1.29).
        if (input_.empty()) write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (body_done_ || out.empty()) return std::size_t{0};
    auto count = chunks_ ? read_chunked(out) : read_sized(out);
    if (!count.ok()) body_trouble_ = count.error().as<Refusal>();
    return count;
}

Result<std::size_t> Connection::read_sized(std::span<std::uint8_t> out) {
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), body_left_)));
    std::size_t count = std::min(out.size(), input_.bytes().size());
    if (count > 0) {
        std::memcpy(out.data(), input_.bytes().data(), count);
        input_.consume(count);
    } else {
        count = TRY(receive_body(out));
    }
    body_left_ -= count;
    body_done_ = body_left_ == 0;
    return count;
}

Result<std::size_t> Connection::read_chunked(std::span<std::uint8_t> out) {
    for (;;) {
        auto progress = TRY(chunks_->decode(input_.bytes(), out));
        input_.consume(progress.consumed);
        body_done_ = chunks_->done();
        if (progress.produced > 0 || body_done_) return progress.produced;
        input_.commit(TRY(receive_body(input_.prepare(kChunkedPiece))));
    }
}

// Bytes of the body from the socket, at least one. The time counts only while we wait for the client, not
// while it waits for us.
Result<std::size_t> Connection::receive_body(std::span<std::uint8_t> out) {
    const auto& options = server_.options;
    auto began = Clock::now();
    std::size_t count = read_some(out, options.body_stall_timeout);
    if (error_) return Error::refusal(Refusal::body_truncated);
    window_waited_ += Clock::now() - began;
    window_bytes_ += count;
    if (window_waited_ >= options.body_rate_window) {
        double seconds = std::chrono::duration<double>(window_waited_).count();
        if (static_cast<double>(window_bytes_) <
            static_cast<double>(options.body_bytes_per_second_min) * seconds)
            return Error::refusal(Refusal::body_too_slow);
        window_waited_ = {};
        window_bytes_ = 0;
    }
    return count;
}

bool Connection::body_may_be_drained() const {
    if (body_done_) return true;
    // The client waits for a permission that has not come: whether it sends the body now is its choice.
    if (continue_owed_) return false;
    return chunks_ || body_left_ <= kDrainedBytesMax;
}

bool Connection::drain_body() {
    std::vector<std::uint8_t> space;
    for (std::uint64_t drained = 0; !body_done_;) {
        if (drained > kDrainedBytesMax) return false;
        space.resize(16 * 1024);
        auto count = read(space);
        if (!count.ok()) return false;
        drained += *count;
    }
    return true;
}

// --- The answer
// -----------------------------------------------------------------------------------------------

// `keep_alive` is the wish, and afterwards what the answer said.
bool Connection::send(Response& response, bool& keep_alive) {
    auto length = length_of(response);
    bool to_head = head_.request.method == "HEAD";
    bool bodiless = to_head || has_no_body(response.status);
    bool chunked = !bodiless && !length && !head_.http_1_0;
    if (!bodiless && !length && head_.http_1_0) keep_alive = false;

    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    for (const auto& [name, value] : response.headers)
        if (!is_written_by_the_connection(name)) append_field(head, name, value);
    append_field(head, "Date", base::http_date(base::SystemClock().now()));
    append_field(head, "Connection", keep_alive ? "keep-alive" : "close");
    if (to_head && response.head_content_length) length = response.head_content_length;
    if (chunked) append_field(head, "Transfer-Encoding", "chunked");
    if (length && !has_no_body(response.status))
        append_field(head, "Content-Length", fmt::to_string(*length));
    head += "\r\n";

    bool sent = false;
    if (bodiless) {
        sent = write(head);
    } else if (auto* text = std::get_if<std::string>(&response.body)) {
        bool joined = text->size() <= kJoinedBodyMax;
        if (joined) head += *text;
        asio::const_buffer pieces[] = {asio::buffer(head),
                                       joined ? asio::const_buffer() : asio::buffer(*text)};
        sent = write(pieces);
    } else {
        sent = send_streamed(std::move(head), std::get<StreamedBody>(response.body), chunked);
    }
    return sent;
}

// False if the answer is not whole; the connection must then end in a way that the client notices.
bool Connection::send_streamed(std::string head, StreamedBody& body, bool chunked) {
    std::vector<std::uint8_t> space(kSourcePiece);
    std::uint64_t left = body.length.value_or(std::numeric_limits<std::uint64_t>::max());
    auto give_up = [&] {
        error_code ignored;
        stream_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
        return false;
    };
    while (left > 0) {
        auto count = body.source->read(space);
        if (!count.ok()) {
            base::log().error("answer cut short error={}", count.error().detail());
            return give_up();
        }
        if (*count == 0) break;
        std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(*count, left));
        left -= size;
        std::string frame = chunked ? fmt::format("{:x}\r\n", size) : std::string();
        asio::const_buffer pieces[] = {asio::buffer(head), asio::buffer(frame),
                                       asio::buffer(space.data(), size),
                                       asio::buffer("\r\n", chunked ? 2 : 0)};
        if (!write(pieces)) return give_up();
        head.clear();
    }
    if (body.length && left > 0) {
        base::log().error("answer cut short error=\"the body's source ended early\"");
        return give_up();
    }
    if (chunked) head += "0\r\n\r\n";
    return head.empty() || write(head);
}

void Connection::close_politely(bool all_was_read) {
    auto end = Clock::now() + kLingering;
    timed(kLingering, [&](error_code& error) {
        stream_->finish(*yield_, error);
        return std::size_t{0};
    });
    if (all_was_read) return;
    std::vector<std::uint8_t> space(16 * 1024);
    for (;;) {
        auto left = std::chrono::duration_cast<base::Duration>(end - Clock::now());
        if (left.count() <= 0) return;
        timed(left, [&](error_code& error) {
            return stream_->socket().async_read_some(asio::buffer(space), (*yield_)[error]);
        });
        if (error_) return;
    }
}

// --- What a handler may wait for
// ------------------------------------------------------------------------------

Result<void> Connection::run_in(base::Pool& pool, std::function<void()> work) {
    bool accepted = false;
    std::optional<std::string> thrown;
    // The io thread must not end before the work does, even when nothing else is left for it.
    auto executor = asio::prefer(stream_->socket().get_executor(), asio::execution::outstanding_work.tracked);
    asio::async_initiate<Yield, void()>(
        [&](auto handler) {
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            auto finish = [executor, resume]() mutable {
                asio::post(executor, [resume = std::move(resume)] { std::move (*resume)(); });
            };
            // The references stay good: this coroutine sleeps until `finish` has been called.
            accepted = pool.submit([&work, &thrown, finish]() mutable {
                try {
                    work();
                } catch (const std::exception& trouble) {
                    thrown = trouble.what();
                }
                finish();
            });
            if (!accepted) finish();
        },
        *yield_);
    if (!accepted) return Error::refusal(Refusal::busy);
    if (thrown) return Error::failure("work in a pool threw: " + *thrown);
    return {};
}

bool Connection::sleep(base::Duration duration) {
    auto end = Clock::now() + duration;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(
        stream_->socket().get_executor());
    for (;;) {
        if (aborted_ || server_.stopping || peer_is_gone()) return false;
        auto now = Clock::now();
        if (now >= end) return true;
        timer.expires_at(std::min<Clock::time_point>(end, now + kSleepSlice));
        error_code ignored;
        timer.async_wait((*yield_)[ignored]);
    }
}

bool Connection::peer_is_gone() {
    char byte;
    ssize_t count = ::recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace http
