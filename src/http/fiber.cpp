#include "http/fiber.h"

// What Boost.Context's library holds when it is built with its ucontext variant; cmake/packages.cmake says
// why it is wanted.
#if defined(BOOST_USE_UCONTEXT)
#include <boost/context/fiber.hpp>

namespace boost::context::detail {

fiber_activation_record*& fiber_activation_record::current() noexcept {
    thread_local fiber_activation_record of_the_thread;
    thread_local fiber_activation_record* current = &of_the_thread;
    return current;
}

}  // namespace boost::context::detail
#endif
