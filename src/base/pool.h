// A fixed number of threads with a bounded queue in front: where blocking work runs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace base {

// Callable from any thread. A full pool refuses at once, so that the caller can say so early.
class Pool {
public:
    // `name` is what the threads are called in a debugger, at most 15 characters.
    Pool(std::string name, std::size_t threads, std::size_t waiting_max);
    ~Pool();  // stop()
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // False if the queue is full or the pool has been stopped; `work` is then not run. `work` must not throw.
    bool submit(std::function<void()> work);
    // Runs what is queued, then ends the threads. Waits for them.
    void stop();

    std::size_t waiting() const;
    std::size_t running() const;

private:
    void run_one_thread();

    const std::size_t waiting_max_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace base
