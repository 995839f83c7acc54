// Inside the room.
#pragma once

namespace neural::detail {

// How the calling thread computes in this scope: alone, for oneDNN asks OpenMP how many threads to use, and
// with numbers too small for a normal float taken as zero, which otherwise slow a processor down a
// hundredfold.
class OneThread {
public:
    OneThread();
    ~OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    int threads_before_;
    unsigned rounding_before_ = 0;
};

}  // namespace neural::detail
