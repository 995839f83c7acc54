#include "http/server.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <unordered_set>

#include "base/log.h"
#include "http/connection.h"

namespace http {

namespace {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr base::Duration kTick{200};         // how exactly deadlines are kept
constexpr base::Duration kAcceptPause{100};  // after an accept failed, mostly for want of descriptors

Error failure(std::string_view what, const error_code& error) {
    return Error::failure(fmt::format("{}: {}", what, error.message()));
}

std::string address_text(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

// How many connections there are, and the wait for the last of them. Callable from any thread.
class Census {
public:
    std::size_t count() const {
        std::lock_guard lock(mutex_);
        return count_;
    }
    bool enter(std::size_t max) {
        std::lock_guard lock(mutex_);
        if (count_ >= max) return false;
        ++count_;
        return true;
    }
    void leave() {
        std::lock_guard lock(mutex_);
        if (--count_ == 0) empty_.notify_all();
    }
    void wait_until_empty(base::Duration timeout) {
        std::unique_lock lock(mutex_);
        empty_.wait_for(lock, timeout, [this] { return count_ == 0; });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t count_ = 0;
};

// One io thread with its own acceptor and connections. Confined to that thread once it runs; post() reaches
// it.
class Loop {
public:
    Loop(ServerState& server, Census& census, asio::ssl::context* tls)
        : server_(server), census_(census), tls_(tls), acceptor_(io_), timer_(io_) {}

    Result<std::uint16_t> listen(const tcp::endpoint& endpoint, bool alone) {
        error_code error;
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
        if (!error && !alone) acceptor_.set_option(ReusePort(true), error);
        if (!error && endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error)
            return failure(fmt::format("listen on {}:{}", endpoint.address().to_string(), endpoint.port()),
                           error);
        return acceptor_.local_endpoint().port();
    }

    void start(std::size_t number) {
        accept();
        tick();
        thread_ = std::thread([this] { io_.run(); });
        pthread_setname_np(thread_.native_handle(), fmt::format("http-{}", number).c_str());
    }

    // Takes no new connection and closes those that wait for a request.
    void drain() {
        asio::post(io_, [this] {
            error_code ignored;
            acceptor_.close(ignored);
            for (auto* connection : connections_)
                connection->abort_if_idle();
        });
    }

    // Ends every connection; the thread ends with the last.
    void finish() {
        asio::post(io_, [this] {
            finishing_ = true;
            timer_.cancel();
            for (auto* connection : connections_)
                connection->abort();
        });
        if (thread_.joinable()) thread_.join();
    }

private:
    using Timer =
        asio::basic_waitable_timer<Connection::Clock, asio::wait_traits<Connection::Clock>, Executor>;

    void accept() {
        acceptor_.async_accept([this](error_code error, Socket socket) {
            if (!acceptor_.is_open()) return;
            if (error) {
                // Out of descriptors or memory: others may close meanwhile.
                auto pause = std::make_shared<Timer>(io_, kAcceptPause);
                pause->async_wait([this, pause](error_code) {
                    if (acceptor_.is_open()) accept();
                });
                return;
            }
            welcome(std::move(socket));
            accept();
        });
    }

    void welcome(Socket socket) {
        error_code error;
        auto peer = socket.remote_endpoint(error);
        if (error) return;
        if (!census_.enter(server_.options.connections_max)) {
            static constexpr std::string_view kBusy =
                "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            if (!tls_)
                static_cast<void>(
                    ::send(socket.native_handle(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
            return;
        }
        std::shared_ptr<void> presence(nullptr, [this](void*) { census_.leave(); });
        socket.set_option(tcp::no_delay(true), error);
        try {
            auto stream = tls_ ? tls_stream(std::move(socket), *tls_) : plain_stream(std::move(socket));
            auto connection = std::make_unique<Connection>(std::move(stream), server_,
                                                           address_text(peer.address()), tls_ != nullptr);
            asio::spawn(
                io_.get_executor(), std::allocator_arg, FiberStack(),
                [this, presence, connection = std::move(connection)](Yield yield) {
                    serve(*connection, yield);
                },
                asio::detached);
        } catch (const std::exception& trouble) {
            base::log().error("connection refused error={}", trouble.what());  // no memory for its stack
        }
    }

    void serve(Connection& connection, Yield yield) {
        connections_.insert(&connection);
        try {
            connection.run(yield);
        } catch (const std::exception& trouble) {
            base::log().error("connection dropped error={}", trouble.what());
        }
        connections_.erase(&connection);
    }

    void tick() {
        timer_.expires_after(kTick);
        timer_.async_wait([this](error_code) {
            if (finishing_) return;
            auto now = Connection::Clock::now();
            for (auto* connection : connections_)
                connection->check_deadline(now);
            tick();
        });
    }

    ServerState& server_;
    Census& census_;
    asio::ssl::context* tls_;
    asio::io_context io_{1};
    Acceptor acceptor_;
    Timer timer_;
    bool finishing_ = false;
    std::unordered_set<Connection*> connections_;
    std::thread thread_;
};

Result<std::unique_ptr<asio::ssl::context>> tls_context(const ServerOptions& options) {
    auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    tls->use_certificate_chain_file(options.tls_certificate, error);
    if (error) return failure(fmt::format("certificate {}", options.tls_certificate.string()), error);
    tls->use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
    if (error) return failure(fmt::format("key {}", options.tls_key.string()), error);
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    return tls;
}

Result<tcp::endpoint> resolve(const ServerOptions& options) {
    asio::io_context io;
    error_code error;
    auto found = tcp::resolver(io).resolve(options.address, fmt::to_string(options.port),
                                           tcp::resolver::passive, error);
    if (error || found.empty()) return failure(fmt::format("address {}", options.address), error);
    // A name that has both, as localhost does, is listened on where most programs look first.
    for (const auto& entry : found)
        if (entry.endpoint().address().is_v4()) return entry.endpoint();
    return found.begin()->endpoint();
}

class RunningServer final : public Server {
public:
    RunningServer(const ServerOptions& options, Handler handler) {
        state_.options = options;
        state_.handler = std::move(handler);
    }
    ~RunningServer() override { stop(base::Duration(0)); }

    Result<void> start() {
        const auto& options = state_.options;
        if (!options.tls_certificate.empty()) tls_ = TRY(tls_context(options));
        auto endpoint = TRY(resolve(options));
        // SO_REUSEPORT would let a second server share our port unnoticed, so the port is first taken alone.
        if (endpoint.port() != 0) TRY(Loop(state_, census_, nullptr).listen(endpoint, true));
        std::size_t threads =
            options.io_threads ? options.io_threads : std::max(1u, std::thread::hardware_concurrency());
        for (std::size_t i = 0; i < threads; ++i) {
            auto loop = std::make_unique<Loop>(state_, census_, tls_.get());
            port_ = TRY(loop->listen(endpoint, false));
            endpoint.port(port_);
            address_ = endpoint.address().to_string();
            loops_.push_back(std::move(loop));
        }
        for (std::size_t i = 0; i < threads; ++i)
            loops_[i]->start(i);
        return {};
    }

    std::uint16_t port() const override { return port_; }
    std::string address() const override { return address_; }
    std::size_t connections() const override { return census_.count(); }

    void stop(base::Duration drain) override {
        std::lock_guard lock(stop_mutex_);
        if (loops_.empty()) return;
        state_.stopping = true;
        for (auto& loop : loops_)
            loop->drain();
        census_.wait_until_empty(drain);
        for (auto& loop : loops_)
            loop->finish();
        loops_.clear();
    }

private:
    ServerState state_;
    Census census_;
    std::unique_ptr<asio::ssl::context> tls_;
    std::mutex stop_mutex_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::uint16_t port_ = 0;
    std::string address_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler) {
    auto server = std::make_unique<RunningServer>(options, std::move(handler));
    TRY(server->start());
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace http
