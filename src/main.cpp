// likeness: the program. Reads the command line and runs the one command that it names.
#include <csignal>
#include <fmt/format.h>
#include <pthread.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "world.h"

namespace {

// Runs the server until SIGTERM or SIGINT.
int run(const cli::Serve& options) {
    sigset_t ends;
    sigemptyset(&ends);
    for (int number : {SIGTERM, SIGINT})
        sigaddset(&ends, number);
    // Blocked in every thread, so that only the sigwait below takes them.
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    auto world = World::build(options);
    if (!world.ok()) {
        const auto& error = world.error();
        fmt::print(stderr, "likeness serve: {}\n", error.is_failure() ? error.detail() : error.message());
        return 1;
    }
    fmt::print("Likeness listens on {}\n", (*world)->url());
    std::fflush(stdout);
    int received = 0;
    sigwait(&ends, &received);
    base::log().info("stopping");
    (*world)->stop();
    return 0;
}

int run(const cli::Say& say) {
    fmt::print(say.status == 0 ? stdout : stderr, "{}", say.text);
    return say.status;
}

template <class Command>
int run_with_log(const Command& command) {
    if constexpr (requires { command.common; }) base::set_log_level(command.common.log_level);
    return run(command);
}

}  // namespace

int main(int count, char** arguments) {
    return std::visit([](const auto& command) { return run_with_log(command); },
                      cli::parse(count, arguments));
}
