// Questions about oneDNN's memory layouts. Inside the room.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "neural/graph.h"

namespace neural::detail {

using Layout = dnnl::memory::desc;
using Type = dnnl::memory::data_type;

std::size_t bytes_of(Type type);

// Row-major, the last dimension fastest.
Layout dense_layout(const Shape& shape, Type type);
Layout any_layout(const Shape& shape, Type type);
Layout strided_layout(const Shape& shape, Type type, const Shape& strides);

Shape shape_of(const Layout& layout);
Type type_of(const Layout& layout);

// The distance of neighbours along each dimension, in elements; nothing if the layout has blocks that matter.
std::optional<Shape> strides_of(const Layout& layout);
// The same bytes in the same places; strides of dimensions of one element do not matter.
bool same_layout(const Layout& a, const Layout& b);
// The same bytes under another shape, where strides allow it.
std::optional<Layout> reshaped_layout(const Layout& layout, const Shape& shape);

}  // namespace neural::detail
