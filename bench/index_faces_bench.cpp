// IndexFaces over the wire: a warm server, a 1280x720 photograph with one face, one core; and in turns with
// it the same networks in OpenCV DNN behind cv::imdecode. From the repository's root, beside ../shared, on an
// otherwise quiet machine:
//   build/release/index_faces_bench [--server build/release/likeness] [--rounds 40]
// Prints medians in milliseconds and their ratio, by the clock and by CPU time (server and client together),
// as JSON.
//
// Everything runs on one core: server, client and peer are pinned to it. Each request is signed, has a
// connection and a picture of its own (a comment in the JPEG counts), so each is a new face that the server
// stores and syncs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"
#include "http/client.h"
#include "neural/install.h"
#include "vision/opencv_peer.h"
#include "wire/signature.h"

extern char** environ;

namespace {

namespace json = boost::json;

constexpr const char* kRegion = "us-east-1";
const wire::SigningCredentials kCredentials{
    "AKIALIKENESSBENCH001", "likeness-bench-secret-key-0123456789abcd", {}};

void pin_to_one_core() {
    cpu_set_t allowed, one;
    sched_getaffinity(0, sizeof allowed, &allowed);
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core)
        if (CPU_ISSET(core, &allowed)) CPU_SET(core, &one);
    sched_setaffinity(0, sizeof one, &one);
}

double milliseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// A server process with a data directory of its own and the open pack.
class Server {
public:
    static Result<std::unique_ptr<Server>> start(const std::string& program) {
        std::unique_ptr<Server> server(new Server);
        const auto data = server->folder_.path() / "data";
        auto known = TRY(neural::known_pack("open"));
        TRY(neural::install_from_folder(*known, data, vision::kWeights));
        TRY(server->run({program, "serve", "--data", data.string(), "--models", "open", "--listen",
                         "127.0.0.1:0", "--access-key", kCredentials.access_key, "--secret-key",
                         kCredentials.secret_key, "--region", kRegion, "--log-level", "warn"}));
        return server;
    }
    ~Server() {
        if (process_ <= 0) return;
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
        if (output_) fclose(output_);
    }

    // The server's CPU time so far.
    double cpu_ms() const {
        clockid_t clock{};
        clock_getcpuclockid(process_, &clock);
        return milliseconds(clock);
    }

    Result<void> call(const std::string& operation, const json::object& input) const {
        http::ClientRequest request{.method = "POST", .url = url_ + "/", .body = json::serialize(input)};
        http::Request head{.method = "POST", .target = "/"};
        head.headers.add("Host", http::parse_url(url_)->authority());
        head.headers.add("Content-Type", "application/x-amz-json-1.1");
        head.headers.add("X-Amz-Target", "RekognitionService." + operation);
        wire::sign(head, kCredentials, kRegion, "rekognition", base::sha256_hex(request.body),
                   base::SystemClock().now());
        for (const auto& [name, value] : head.headers)
            if (name != "Host") request.headers.add(name, value);
        auto response = TRY(http::ask(request));
        if (response.status != 200)
            return Error::failure(fmt::format("{}: {}", response.status, response.body));
        return {};
    }

private:
    Result<void> run(std::vector<std::string> words) {
        int ends[2];
        if (pipe(ends) != 0) return Error::failure("no pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        const int failed = posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        output_ = fdopen(ends[0], "r");
        char line[256] = {};
        if (failed != 0 || !fgets(line, sizeof line, output_))
            return Error::failure("the server did not start");
        const std::string said(line);
        url_ = said.substr(std::min(said.find("http://"), said.size()));
        while (!url_.empty() && std::isspace(static_cast<unsigned char>(url_.back())))
            url_.pop_back();
        return {};
    }

    base::TemporaryFolder folder_;
    pid_t process_ = -1;
    FILE* output_ = nullptr;
    std::string url_;
};

// The same photograph as a file of its own: with a comment (JPEG's COM segment) behind the start marker.
base::Bytes copy_of(const base::Bytes& jpeg, int number) {
    const auto text = fmt::format("{:08}", number);
    base::Bytes out(jpeg.begin(), jpeg.begin() + 2);
    for (int byte : {0xff, 0xfe, 0, 2 + static_cast<int>(text.size())})
        out.push_back(static_cast<std::uint8_t>(byte));
    out.insert(out.end(), text.begin(), text.end());
    out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
    return out;
}

struct Spent {
    std::vector<double> wall_ms, cpu_ms, server_ms;  // server_ms: the server's part of cpu_ms
};

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

constexpr int kWarmUp = 5;

Result<json::object> measure(const std::string& program, int rounds) {
    const auto photograph = vision::photograph();
    if (!photograph) return Error::failure("needs the weights and photographs of ../shared");
    const auto server = TRY(Server::start(program));
    vision::OpenCvPipeline peer;
    TRY(server->call("CreateCollection", {{"CollectionId", "bench"}}));
    Spent ours, theirs;
    for (int round = -kWarmUp; round < rounds; ++round) {
        const auto photo = copy_of(*photograph, round + kWarmUp);
        auto time = [&](Spent& spent, auto work) -> Result<void> {
            const double wall = milliseconds(CLOCK_MONOTONIC);
            const double here = milliseconds(CLOCK_PROCESS_CPUTIME_ID), there = server->cpu_ms();
            TRY(work());
            if (round < 0) return {};
            const double server_ms = server->cpu_ms() - there;
            spent.wall_ms.push_back(milliseconds(CLOCK_MONOTONIC) - wall);
            spent.server_ms.push_back(server_ms);
            spent.cpu_ms.push_back(milliseconds(CLOCK_PROCESS_CPUTIME_ID) - here + server_ms);
            return {};
        };
        TRY(time(ours, [&]() -> Result<void> {
            return server->call("IndexFaces",
                                {{"CollectionId", "bench"}, {"Image", {{"Bytes", base::base64(photo)}}}});
        }));
        TRY(time(theirs, [&]() -> Result<void> {
            peer.embed(photo);
            return {};
        }));
    }
    const double wall = median(ours.wall_ms), cpu = median(ours.cpu_ms);
    const double opencv_wall = median(theirs.wall_ms), opencv_cpu = median(theirs.cpu_ms);
    return json::object{{"rounds", rounds},
                        {"index_faces_ms", wall},
                        {"opencv_ms", opencv_wall},
                        {"ratio", opencv_wall / wall},
                        {"index_faces_cpu_ms", cpu},
                        {"opencv_cpu_ms", opencv_cpu},
                        {"server_cpu_ms", median(ours.server_ms)},
                        {"cpu_ratio", opencv_cpu / cpu}};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("IndexFaces over the wire against OpenCV DNN");
    std::string server = "build/release/likeness";
    int rounds = 40;
    app.add_option("--server", server, "the server's program");
    app.add_option("--rounds", rounds, "how often")->check(CLI::Range(1, 10'000));
    CLI11_PARSE(app, argc, argv);
    pin_to_one_core();
    auto figures = measure(server, rounds);
    if (!figures.ok()) {
        fmt::print(stderr, "index_faces_bench: {}\n", figures.error().detail() + figures.error().message());
        return 1;
    }
    fmt::print("{}\n", json::serialize(*figures));
    return 0;
}
