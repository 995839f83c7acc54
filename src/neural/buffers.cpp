#include <algorithm>

#include "neural/plan.h"

namespace neural::detail {

std::size_t arrange_buffers(std::vector<Buffer>& buffers) {
    constexpr std::size_t kAlignment = 64;
    std::vector<Buffer*> largest_first;
    for (Buffer& buffer : buffers)
        largest_first.push_back(&buffer);
    std::stable_sort(largest_first.begin(), largest_first.end(),
                     [](const Buffer* a, const Buffer* b) { return a->bytes > b->bytes; });
    std::vector<const Buffer*> placed;  // by position
    std::size_t total = 0;
    for (Buffer* buffer : largest_first) {
        buffer->position = 0;
        for (const Buffer* other : placed) {
            if (other->last < buffer->first || buffer->last < other->first) continue;
            if (buffer->position + buffer->bytes <= other->position) break;
            const std::size_t behind =
                (other->position + other->bytes + kAlignment - 1) / kAlignment * kAlignment;
            buffer->position = std::max(buffer->position, behind);
        }
        total = std::max(total, buffer->position + buffer->bytes);
        placed.insert(
            std::upper_bound(placed.begin(), placed.end(), buffer,
                             [](const Buffer* a, const Buffer* b) { return a->position < b->position; }),
            buffer);
    }
    return total;
}

}  // namespace neural::detail
