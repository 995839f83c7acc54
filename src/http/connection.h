// One client's connection: its coroutine, its deadlines and the life of its requests. Only for this room's
// .cpp files.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/fiber.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/stream.h"

namespace http {

// What all connections of a server share.
struct ServerState {
    ServerOptions options;
    Handler handler;
    std::atomic<bool> stopping = false;
};

// Bytes that have come and are not yet used: one contiguous piece that grows as it must.
class InputBuffer {
public:
    base::ByteView bytes() const { return {space_.data() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    void consume(std::size_t count);
    // Room for at least `count` more; what is filled of it is then told to commit().
    std::span<std::uint8_t> prepare(std::size_t count);
    void commit(std::size_t count) { end_ += count; }
    void release_if_empty();  // gives the memory back between requests

private:
    std::vector<std::uint8_t> space_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// Confined to one io thread: run() in the connection's coroutine, the rest between its steps.
class Connection final : private Exchange, private BodyReader {
public:
    Connection(std::unique_ptr<Stream> stream, ServerState& server, std::string remote_address, bool secure);

    // Serves requests until either side closes.
    void run(Yield yield);

    using Clock = std::chrono::steady_clock;
    void check_deadline(Clock::time_point now);
    void abort();          // every wait ends now
    void abort_if_idle();  // unless a request is being served

private:
    const Request& request() const override { return head_.request; }
    BodyReader& body() override { return *this; }
    Result<void> run_in(base::Pool& pool, std::function<void()> work) override;
    bool sleep(base::Duration duration) override;
    Result<std::size_t> read(std::span<std::uint8_t> out) override;

    bool serve_one();
    bool read_head();
    Response handled();
    void refuse(int status);

    Result<std::size_t> receive_body(std::span<std::uint8_t> out);
    Result<std::size_t> read_sized(std::span<std::uint8_t> out);
    Result<std::size_t> read_chunked(std::span<std::uint8_t> out);
    bool body_may_be_drained() const;
    bool drain_body();

    bool send(Response& response, bool& keep_alive);
    bool send_streamed(std::string head, StreamedBody& body, bool chunked);
    void close_politely(bool all_was_read);
    bool peer_is_gone();

    template <class Operation>
    std::size_t timed(base::Duration timeout, Operation operation);
    std::size_t read_some(std::span<std::uint8_t> out, base::Duration timeout);
    bool write(std::span<asio::const_buffer> pieces);
    bool write(std::string_view text);

    std::unique_ptr<Stream> stream_;
    ServerState& server_;
    const std::string remote_address_;
    const bool secure_;
    Yield* yield_ = nullptr;

    Clock::time_point deadline_ = Clock::time_point::max();
    error_code error_;  // of the last wait
    bool timed_out_ = false;
    bool writing_ = false;
    int unacknowledged_ = 0;  // bytes the peer had not taken when the write began or last moved on
    base::Duration write_timeout_{0};
    bool aborted_ = false;
    bool idle_ = true;

    InputBuffer input_;
    RequestHead head_;

    // Of the present request's body.
    std::uint64_t body_left_ = 0;  // without chunks
    std::unique_ptr<ChunkedDecoder> chunks_;
    bool body_done_ = true;
    bool continue_owed_ = false;
    std::optional<Refusal> body_trouble_;
    Clock::duration window_waited_{0};
    std::uint64_t window_bytes_ = 0;
};

}  // namespace http
