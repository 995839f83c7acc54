// Boost.Asio's stackful coroutines as this room uses them. Only for its .cpp files. How sanitizers see them:
// cmake/packages.cmake.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#if defined(BOOST_USE_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace http {

namespace asio = boost::asio;
using boost::system::error_code;

// Each io_context is run by one thread, and its coroutines never leave that thread.
using Executor = asio::io_context::executor_type;
using Yield = asio::basic_yield_context<Executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

// Stacks with a guard page below. Only the pages that a handler touches cost memory.
class FiberStack {
public:
    static constexpr std::size_t kBytes = 512 * 1024;

    boost::context::stack_context allocate() {
        auto stack = inner_.allocate();
#if defined(BOOST_USE_ASAN)
        // The address may have belonged to another stack, whose last frames are still marked.
        ASAN_UNPOISON_MEMORY_REGION(static_cast<char*>(stack.sp) - kBytes, kBytes);
#endif
        return stack;
    }
    void deallocate(boost::context::stack_context& stack) noexcept {
        inner_.deallocate(stack);
    }

private:
    boost::context::protected_fixedsize_stack inner_{kBytes};
};

}  // namespace http
