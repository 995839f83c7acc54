// A value and the lock that guards it, as one object: what is not locked cannot be reached.
#pragma once

#include <mutex>
#include <utility>

namespace base {

// Callable from any thread. Hold the lock briefly: never across I/O or a model run.
template <class T>
class Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    // Calls `use` with the value while the lock is held; gives back what it returns.
    template <class Use>
    decltype(auto) with(Use&& use) {
        std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }
    template <class Use>
    decltype(auto) with(Use&& use) const {
        std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_;
};

}  // namespace base
