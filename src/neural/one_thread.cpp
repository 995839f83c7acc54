#include "neural/one_thread.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

// From OpenMP, which oneDNN is built with; its header does not come with every compiler.
extern "C" void omp_set_num_threads(int count);
extern "C" int omp_get_max_threads();

namespace neural::detail {

OneThread::OneThread() : threads_before_(omp_get_max_threads()) {
    omp_set_num_threads(1);
#if defined(__x86_64__)
    constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
    rounding_before_ = _mm_getcsr();
    _mm_setcsr(rounding_before_ | kFlushToZero | kDenormalsAreZero);
#endif
}

OneThread::~OneThread() {
#if defined(__x86_64__)
    _mm_setcsr(rounding_before_);
#endif
    omp_set_num_threads(threads_before_);
}

}  // namespace neural::detail
