#include "neural/layout.h"

#include <algorithm>

namespace neural::detail {

std::size_t bytes_of(Type type) {
    return type == Type::f32 ? 4 : 2;
}

Layout strided_layout(const Shape& shape, Type type, const Shape& strides) {
    return Layout(shape, type, strides);
}

Layout dense_layout(const Shape& shape, Type type) {
    Shape strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * shape[i];
    return strided_layout(shape, type, strides);
}

Layout any_layout(const Shape& shape, Type type) {
    return Layout(shape, type, dnnl::memory::format_tag::any);
}

Shape shape_of(const Layout& layout) {
    return layout.dims();
}

Type type_of(const Layout& layout) {
    return layout.data_type();
}

std::optional<Shape> strides_of(const Layout& layout) {
    const auto& data = layout.data;
    if (data.format_kind != dnnl_blocked || data.extra.flags != 0) return std::nullopt;
    const auto& blocking = data.format_desc.blocking;
    Shape strides(blocking.strides, blocking.strides + data.ndims);
    if (blocking.inner_nblks == 0) return strides;
    // One block that holds its whole dimension is that dimension as the fastest.
    const auto blocked = blocking.inner_idxs[0];
    if (blocking.inner_nblks != 1 || data.padded_dims[blocked] != blocking.inner_blks[0]) return std::nullopt;
    strides[static_cast<std::size_t>(blocked)] = 1;
    return strides;
}

bool same_layout(const Layout& a, const Layout& b) {
    if (a == b) return true;
    if (shape_of(a) != shape_of(b) || type_of(a) != type_of(b) || a.data.offset0 != b.data.offset0)
        return false;
    const auto strides_a = strides_of(a);
    const auto strides_b = strides_of(b);
    if (!strides_a || !strides_b) return false;
    // A padded block must stay padded with zeros, which plain strides do not say.
    if (a.get_size() != b.get_size()) return false;
    const Shape shape = shape_of(a);
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] != 1 && (*strides_a)[i] != (*strides_b)[i]) return false;
    return true;
}

std::optional<Layout> reshaped_layout(const Layout& layout, const Shape& shape) {
    const auto strides = strides_of(layout);
    if (!strides) return std::nullopt;
    // The dimensions that matter, those next to each other in memory as one.
    struct Run {
        std::int64_t size;
        std::int64_t stride;  // of its fastest element
    };
    std::vector<Run> runs;
    const Shape from = shape_of(layout);
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] == 1) continue;
        if (!runs.empty() && runs.back().stride == from[i] * (*strides)[i])
            runs.back() = {runs.back().size * from[i], (*strides)[i]};
        else
            runs.push_back({from[i], (*strides)[i]});
    }
    // Each new dimension is cut from the end of the last run that has something left.
    Shape result(shape.size(), 1);
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] == 1) {
            result[i] = stride;
            continue;
        }
        if (runs.empty() || runs.back().size % shape[i] != 0) return std::nullopt;
        result[i] = runs.back().stride;
        stride = runs.back().stride * shape[i];
        runs.back() = {runs.back().size / shape[i], stride};
        if (runs.back().size == 1) runs.pop_back();
    }
    return strided_layout(shape, type_of(layout), result);
}

}  // namespace neural::detail
