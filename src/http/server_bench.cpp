// The server beside a floor that parses nothing, and bodies of a gibibyte in bounded memory. Release build:
//   ninja -C build/release http_server_bench && build/release/http_server_bench
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <thread>

#include "http/client.h"
#include "http/server.h"
#include "http/testing.h"

namespace http {
namespace {

constexpr std::string_view kRequest = "GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
constexpr std::uint64_t kGibibyte = std::uint64_t{1} << 30;

// What this process has held at most.
double peak_memory_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

// One thread that answers every 54 bytes with the same bytes: what the loopback and two switches of thread
// cost.
class Floor {
public:
    Floor() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        bool ready = ::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::listen(listening_, 1) == 0 &&
                     ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        INVARIANT(ready);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] {
            constexpr std::string_view kAnswer =
                "HTTP/1.1 200 OK\r\nDate: Wed, 31 Jan 2024 23:59:59 GMT\r\nConnection: "
                "keep-alive\r\nContent-Length: "
                "2\r\n\r\nhi";
            int fd = ::accept(listening_, nullptr, nullptr);
            char piece[4096];
            while (::recv(fd, piece, sizeof piece, 0) > 0)
                if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) break;
            ::close(fd);
        });
    }
    ~Floor() {
        thread_.join();
        ::close(listening_);
    }
    std::uint16_t port() const { return port_; }

private:
    int listening_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

void ask_again_and_again(benchmark::State& state, std::uint16_t port) {
    RawClient client(port);
    for (auto _ : state) {
        client.send(kRequest);
        benchmark::DoNotOptimize(client.read_answer());
    }
    state.SetItemsProcessed(state.iterations());
}

void request_floor(benchmark::State& state) {
    Floor floor;
    ask_again_and_again(state, floor.port());
}
BENCHMARK(request_floor)->UseRealTime();

void request(benchmark::State& state) {
    auto server = serve([](Exchange&) {
        Response response;
        response.body = std::string("hi");
        return response;
    });
    ask_again_and_again(state, server->port());
}
BENCHMARK(request)->UseRealTime();

void request_through_a_pool(benchmark::State& state) {
    base::Pool pool("bench", 1, 16);
    auto server = serve([&](Exchange& exchange) {
        Response response;
        auto ran = exchange.run_in(pool, [&] { response.body = std::string("hi"); });
        INVARIANT(ran.ok());
        return response;
    });
    ask_again_and_again(state, server->port());
}
BENCHMARK(request_through_a_pool)->UseRealTime();

void download(benchmark::State& state) {
    auto server = serve([](Exchange&) {
        Response response;
        response.body = StreamedBody{std::make_unique<Repeated>(kGibibyte), kGibibyte};
        return response;
    });
    for (auto _ : state) {
        auto response = ask({.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/"},
                            {.body_bytes_max = kGibibyte}, [](base::ByteView) -> Result<void> { return {}; });
        INVARIANT(response.ok());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kGibibyte));
    state.counters["peak_memory_mb"] = peak_memory_mb();
}
BENCHMARK(download)->Iterations(1)->UseRealTime();

void upload(benchmark::State& state) {
    auto server = serve([](Exchange& exchange) {
        std::vector<std::uint8_t> space(256 * 1024);
        std::uint64_t total = 0;
        for (;;) {
            auto count = exchange.body().read(space);
            INVARIANT(count.ok());
            if (*count == 0) break;
            total += *count;
        }
        Response response;
        response.body = std::to_string(total);
        return response;
    });
    const std::string piece(1 << 20, 'x');
    for (auto _ : state) {
        RawClient client(server->port());
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kGibibyte) + "\r\n\r\n");
        for (std::uint64_t sent = 0; sent < kGibibyte; sent += piece.size())
            client.send(piece);
        INVARIANT(client.read_answer().ends_with(std::to_string(kGibibyte)));
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kGibibyte));
    state.counters["peak_memory_mb"] = peak_memory_mb();
}
BENCHMARK(upload)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace http
