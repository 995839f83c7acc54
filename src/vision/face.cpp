#include "vision/face.h"

#include <numeric>

#include "base/result.h"

namespace vision {

float cosine(const Embedding& a, const Embedding& b) {
    INVARIANT(a.model == b.model && a.values.size() == b.values.size());
    return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0f);
}

}  // namespace vision
