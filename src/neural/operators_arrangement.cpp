// Operators that arrange elements: shapes, slices, joins. On constants they are carried out at once.
#include <fmt/format.h>
#include <limits>
#include <set>

#include "neural/operators.h"

namespace neural::detail {
namespace {

using Kind = Attribute::Kind;

constexpr std::size_t kShapeElementsMax = 4096;  // of a list of integers computed from shapes

Result<void> identity(Lowering& lowering) {
    if (lowering.node().operator_name == "Dropout" && lowering.has_input(2)) {
        const auto training = TRY(lowering.integers(2));
        if (!training->empty() && training->front() != 0) return lowering.unsupported("training_mode");
    }
    lowering.define(TRY(lowering.input(0)));
    return {};
}

Result<void> constant(Lowering& lowering) {
    ConstantPtr value;
    if (const Attribute* tensor = lowering.attribute("value"))
        value = tensor->tensor;
    else if (lowering.attribute("value_float"))
        value = constant_of(Shape{}, std::vector<float>{lowering.number("value_float", 0)});
    else if (lowering.attribute("value_int"))
        value = constant_of(Shape{}, Shape{lowering.integer("value_int", 0)});
    else if (const Attribute* floats = lowering.attribute("value_floats"))
        value = constant_of(Shape{static_cast<std::int64_t>(floats->numbers.size())}, floats->numbers);
    else if (const Attribute* ints = lowering.attribute("value_ints"))
        value = constant_of(Shape{static_cast<std::int64_t>(ints->integers.size())}, ints->integers);
    else
        return lowering.contradiction("no value");
    lowering.define(TRY(lowering.emit_constant(std::move(value))));
    return {};
}

Result<void> constant_of_shape(Lowering& lowering) {
    const auto shape = TRY(lowering.integers(0));
    const auto count = shape ? elements(*shape) : std::nullopt;
    if (!count || static_cast<std::size_t>(*count) > kShapeElementsMax)
        return lowering.unsupported("a constant of this size");
    const Attribute* value = lowering.attribute("value");
    const auto size = static_cast<std::size_t>(*count);
    if (value && value->tensor->integral && value->tensor->ints.size() == 1)
        lowering.define(
            TRY(lowering.emit_constant(constant_of(*shape, Shape(size, value->tensor->ints[0])))));
    else if (!value || value->tensor->floats.size() == 1)
        lowering.define(TRY(lowering.emit_constant(
            constant_of(*shape, std::vector<float>(size, value ? value->tensor->floats[0] : 0.0f)))));
    else
        return lowering.contradiction("a value that is not a scalar");
    return {};
}

// Where a slice of a dimension of `size` begins and ends, as ONNX counts.
std::pair<std::int64_t, std::int64_t> clamp_range(std::int64_t start, std::int64_t end, std::int64_t size) {
    if (start < 0) start = start < -size ? 0 : start + size;
    if (end < 0) end = end < -size ? 0 : end + size;
    return {std::min(start, size), std::min(end, size)};
}

Result<void> shape_of(Lowering& lowering) {
    const Shape shape = lowering.shape(TRY(lowering.input(0)));
    const auto size = static_cast<std::int64_t>(shape.size());
    const auto [start, end] = clamp_range(lowering.integer("start", 0), lowering.integer("end", size), size);
    Shape part;
    for (std::int64_t i = start; i < end; ++i)
        part.push_back(shape[static_cast<std::size_t>(i)]);
    const auto count = static_cast<std::int64_t>(part.size());
    lowering.define(TRY(lowering.emit_constant(constant_of(Shape{count}, std::move(part)))));
    return {};
}

// Only integers that come from shapes change their type; pictures are float throughout.
Result<void> cast(Lowering& lowering) {
    constexpr std::int64_t kFloat = 1, kInt32 = 6, kInt64 = 7;  // TensorProto.DataType
    const ValueId x = TRY(lowering.input(0));
    const std::int64_t to = lowering.integer("to", 0);
    const ConstantPtr known = lowering.constant(x);
    const bool integral = known && known->integral;
    if (to == kFloat && integral && known->ints.size() <= kShapeElementsMax) {
        std::vector<float> floats(known->ints.begin(), known->ints.end());
        lowering.define(TRY(lowering.emit_constant(constant_of(known->shape, std::move(floats)))));
    } else if ((to == kFloat && !integral) || ((to == kInt32 || to == kInt64) && integral)) {
        lowering.define(x);
    } else if ((to == kInt32 || to == kInt64) && known && known->floats.size() <= kShapeElementsMax) {
        Shape ints;
        for (float number : known->floats) {
            if (!(number > -1e9f && number < 1e9f)) return lowering.contradiction(fmt::format("{}", number));
            ints.push_back(static_cast<std::int64_t>(number));
        }
        lowering.define(TRY(lowering.emit_constant(constant_of(known->shape, std::move(ints)))));
    } else {
        return lowering.unsupported(fmt::format("to type {}", to));
    }
    return {};
}

Result<void> gather(Lowering& lowering) {
    const ConstantPtr data = lowering.constant(TRY(lowering.input(0)));
    const ValueId index_id = TRY(lowering.input(1));
    const auto indices = TRY(lowering.integers(1));
    if (!data || !data->integral || data->shape.size() != 1 || lowering.integer("axis", 0) > 0 ||
        indices->size() > kShapeElementsMax)
        return lowering.unsupported("anything but picking integers from a list");
    Shape picked;
    for (std::int64_t index : *indices)
        picked.push_back(data->ints[static_cast<std::size_t>(TRY(lowering.axis(index, data->ints.size())))]);
    lowering.define(TRY(lowering.emit_constant(constant_of(lowering.shape(index_id), std::move(picked)))));
    return {};
}

Result<void> concat(Lowering& lowering) {
    std::vector<ValueId> parts;
    for (std::size_t i = 0; i < lowering.node().inputs.size(); ++i)
        parts.push_back(TRY(lowering.input(i)));
    if (parts.empty()) return lowering.contradiction("nothing to join");
    Shape output = lowering.shape(parts[0]);
    const int axis = TRY(lowering.axis(lowering.integer("axis", 0), output.size()));
    const auto at = static_cast<std::size_t>(axis);
    Shape joined;
    bool integral = true;
    output[at] = 0;
    for (ValueId part : parts) {
        Shape shape = lowering.shape(part);
        if (shape.size() != output.size()) return lowering.contradiction("parts of different ranks");
        output[at] += std::exchange(shape[at], output[at]);
        shape[at] = output[at];
        if (shape != output) return lowering.contradiction("parts of different shapes");
        const ConstantPtr& known = lowering.constant(part);
        integral = integral && known && known->integral;
        if (integral) joined.insert(joined.end(), known->ints.begin(), known->ints.end());
        if (joined.size() > kShapeElementsMax)
            return lowering.unsupported("a list of integers of this length");
    }
    if (integral && output.size() == 1)
        lowering.define(TRY(lowering.emit_constant(constant_of(std::move(output), std::move(joined)))));
    else
        lowering.define(TRY(lowering.emit(Concat{axis}, std::move(parts), std::move(output))));
    return {};
}

Result<ValueId> slice(Lowering& lowering, ValueId x, Shape starts, Shape steps, Shape output) {
    if (output == lowering.shape(x)) return x;
    const ConstantPtr known = lowering.constant(x);
    if (!known || !known->integral)
        return lowering.emit(Slice{std::move(starts), std::move(steps)}, {x}, std::move(output));
    if (output.size() != 1) return lowering.unsupported("integers of several dimensions");
    Shape picked;
    for (std::int64_t i = 0; i < output[0]; ++i)
        picked.push_back(known->ints[static_cast<std::size_t>(starts[0] + i * steps[0])]);
    return lowering.emit_constant(constant_of(std::move(output), std::move(picked)));
}

Result<void> slice_operator(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const bool old = lowering.opset() < 10;
    const auto from = old ? lowering.integers("starts") : TRY(lowering.integers(1));
    const auto to = old ? lowering.integers("ends") : TRY(lowering.integers(2));
    if (!from || !to || from->size() != to->size())
        return lowering.contradiction("starts and ends do not pair up");
    Shape every(from->size());
    for (std::size_t i = 0; i < every.size(); ++i)
        every[i] = static_cast<std::int64_t>(i);
    const Shape axes = (old ? lowering.integers("axes") : TRY(lowering.integers(3))).value_or(every);
    const Shape by =
        (old ? std::optional<Shape>() : TRY(lowering.integers(4))).value_or(Shape(from->size(), 1));
    if (axes.size() != from->size() || by.size() != from->size())
        return lowering.contradiction("axes or steps do not pair up with starts");
    Shape starts(input.size(), 0);
    Shape steps(input.size(), 1);
    Shape output = input;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(TRY(lowering.axis(axes[i], input.size())));
        if (by[i] < 1) return lowering.unsupported(fmt::format("step {}", by[i]));
        const auto [start, end] = clamp_range((*from)[i], (*to)[i], input[axis]);
        starts[axis] = start;
        steps[axis] = std::min(by[i], std::max<std::int64_t>(1, input[axis]));
        output[axis] = end > start ? (end - start - 1) / steps[axis] + 1 : 0;
    }
    lowering.define(TRY(slice(lowering, x, std::move(starts), std::move(steps), std::move(output))));
    return {};
}

Result<void> split(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const auto axis = static_cast<std::size_t>(TRY(lowering.axis(lowering.integer("axis", 0), input.size())));
    const std::size_t count = lowering.node().outputs.size();
    const auto given = lowering.opset() < 13 ? lowering.integers("split") : TRY(lowering.integers(1));
    const std::int64_t each = (input[axis] + static_cast<std::int64_t>(count) - 1) /
                              std::max<std::int64_t>(1, static_cast<std::int64_t>(count));
    const Shape sizes = given.value_or(Shape(count, each));
    if (sizes.size() != count) return lowering.contradiction("other sizes than outputs");
    std::int64_t start = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t size = given ? sizes[i] : std::min(each, input[axis] - start);
        if (size < 1 || size > input[axis] - start)
            return lowering.contradiction("parts longer than the whole");
        Shape starts(input.size(), 0);
        Shape output = input;
        starts[axis] = std::exchange(start, start + size);
        output[axis] = size;
        lowering.define(TRY(slice(lowering, x, starts, Shape(input.size(), 1), output)), i);
    }
    return {};
}

Result<void> reshape(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const auto wanted = TRY(lowering.integers(1));
    if (!wanted || wanted->size() > kRankMax) return lowering.unsupported("this number of dimensions");
    Shape output = *wanted;
    std::optional<std::size_t> open;
    std::int64_t known = 1;
    for (std::size_t i = 0; i < output.size(); ++i) {
        if (output[i] == 0 && lowering.integer("allowzero", 0) == 0) {
            if (i >= input.size()) return lowering.contradiction("a dimension copied from nowhere");
            output[i] = input[i];
        }
        if (output[i] == -1 && !open) {
            open = i;
            continue;
        }
        if (output[i] < 1 || output[i] > (std::int64_t{1} << 31))
            return lowering.contradiction(text_of(*wanted));
        known *= output[i];
        if (known > (std::int64_t{1} << 31)) return lowering.contradiction(text_of(*wanted));
    }
    if (open) output[*open] = elements(input).value_or(0) / known;
    lowering.define(TRY(reshaped(lowering, x, std::move(output))));
    return {};
}

Result<void> flatten(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const std::int64_t given = lowering.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(input.size());
    if (given < -rank || given > rank) return lowering.contradiction(fmt::format("axis {}", given));
    const std::int64_t axis = given < 0 ? given + rank : given;
    Shape output = {1, 1};
    for (std::int64_t i = 0; i < rank; ++i)
        output[i < axis ? 0 : 1] *= input[static_cast<std::size_t>(i)];
    lowering.define(TRY(reshaped(lowering, x, std::move(output))));
    return {};
}

// Squeeze and Unsqueeze name their axes by attribute before opset 13 and by input since.
Result<std::optional<Shape>> axes_of(const Lowering& lowering) {
    if (lowering.opset() < 13) return lowering.integers("axes");
    return lowering.integers(1);
}

Result<void> squeeze(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const auto axes = TRY(axes_of(lowering));
    std::set<int> removed;
    for (std::size_t i = 0; !axes && i < input.size(); ++i)
        if (input[i] == 1) removed.insert(static_cast<int>(i));
    for (std::int64_t axis : axes.value_or(Shape{}))
        removed.insert(TRY(lowering.axis(axis, input.size())));
    Shape output;
    for (std::size_t i = 0; i < input.size(); ++i)
        if (!removed.contains(static_cast<int>(i))) output.push_back(input[i]);
    lowering.define(TRY(reshaped(lowering, x, std::move(output))));
    return {};
}

Result<void> unsqueeze(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const auto axes = TRY(axes_of(lowering));
    if (!axes || input.size() + axes->size() > kRankMax)
        return lowering.unsupported("this number of dimensions");
    const std::size_t rank = input.size() + axes->size();
    std::set<int> added;
    for (std::int64_t axis : *axes)
        if (!added.insert(TRY(lowering.axis(axis, rank))).second)
            return lowering.contradiction("an axis named twice");
    Shape output;
    auto next = input.begin();
    for (std::size_t i = 0; i < rank; ++i)
        output.push_back(added.contains(static_cast<int>(i)) ? 1 : *next++);
    lowering.define(TRY(reshaped(lowering, x, std::move(output))));
    return {};
}

ConstantPtr transposed(const Constant& constant, const std::vector<int>& permutation, Shape output) {
    Shape strides(output.size(), 1);
    for (std::size_t i = output.size(); i-- > 1;)
        strides[i - 1] = strides[i] * constant.shape[i];
    std::vector<float> floats(constant.floats.size());
    for (std::size_t to = 0; to < floats.size(); ++to) {
        std::int64_t rest = static_cast<std::int64_t>(to);
        std::int64_t from = 0;
        for (std::size_t i = output.size(); i-- > 0; rest /= output[i])
            from += rest % output[i] * strides[static_cast<std::size_t>(permutation[i])];
        floats[to] = constant.floats[static_cast<std::size_t>(from)];
    }
    return constant_of(std::move(output), std::move(floats));
}

Result<void> transpose(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    Shape reversed(input.size());
    for (std::size_t i = 0; i < input.size(); ++i)
        reversed[i] = static_cast<std::int64_t>(input.size() - 1 - i);
    const Shape given = lowering.integers("perm").value_or(reversed);
    if (given.size() != input.size()) return lowering.contradiction("a permutation of other dimensions");
    std::vector<int> permutation;
    Shape output;
    for (std::int64_t axis : given) {
        permutation.push_back(TRY(lowering.axis(axis, input.size())));
        output.push_back(input[static_cast<std::size_t>(permutation.back())]);
    }
    if (std::set<int>(permutation.begin(), permutation.end()).size() != input.size())
        return lowering.contradiction("no permutation");
    const ConstantPtr known = lowering.constant(x);
    if (known && known->integral) return lowering.unsupported("integers");
    if (known)
        lowering.define(TRY(lowering.emit_constant(transposed(*known, permutation, std::move(output)))));
    else
        lowering.define(TRY(lowering.emit(Transpose{std::move(permutation)}, {x}, std::move(output))));
    return {};
}

Result<void> pad(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const bool old = lowering.opset() < 11;
    if (lowering.text("mode", "constant") != "constant")
        return lowering.unsupported(fmt::format("mode {}", lowering.text("mode", "")));
    const auto pads = old ? lowering.integers("pads") : TRY(lowering.integers(1));
    if (lowering.has_input(3)) return lowering.unsupported("axes");
    if (!pads || pads->size() != 2 * input.size()) return lowering.contradiction("pads for other dimensions");
    float value = lowering.number("value", 0);
    if (!old) {
        const ConstantPtr given = TRY(lowering.floats(2));
        if (given && given->floats.size() != 1) return lowering.contradiction("a value that is not a scalar");
        if (given) value = given->floats[0];
    }
    Shape output = input;
    for (std::size_t i = 0; i < pads->size(); ++i) {
        const std::int64_t width = (*pads)[i];
        if (width < 0) return lowering.unsupported("negative padding");
        if (width > (1 << 16)) return lowering.contradiction(fmt::format("padding of {}", width));
        output[i % input.size()] += width;
    }
    if (output == input) {
        lowering.define(x);
        return {};
    }
    Shape begins(pads->begin(), pads->begin() + static_cast<std::ptrdiff_t>(input.size()));
    lowering.define(TRY(lowering.emit(Pad{std::move(begins), value}, {x}, std::move(output))));
    return {};
}

}  // namespace

std::vector<Operator> arrangement_operators() {
    const Operator::Parameter axis{"axis", Kind::integer};
    const Operator::Parameter axes{"axes", Kind::integers};
    return {
        {"Identity", identity, {}},
        {"Dropout", identity, {{"ratio", Kind::number}, {"seed", Kind::integer}}},
        {"Constant",
         constant,
         {{"value", Kind::tensor},
          {"value_float", Kind::number},
          {"value_int", Kind::integer},
          {"value_floats", Kind::numbers},
          {"value_ints", Kind::integers}}},
        {"ConstantOfShape", constant_of_shape, {{"value", Kind::tensor}}},
        {"Shape", shape_of, {{"start", Kind::integer}, {"end", Kind::integer}}},
        {"Cast", cast, {{"to", Kind::integer}}},
        {"Gather", gather, {axis}},
        {"Concat", concat, {axis}},
        {"Slice", slice_operator, {{"starts", Kind::integers}, {"ends", Kind::integers}, axes}},
        {"Split", split, {axis, {"split", Kind::integers}, {"num_outputs", Kind::integer}}},
        {"Reshape", reshape, {{"allowzero", Kind::integer}}},
        {"Flatten", flatten, {axis}},
        {"Squeeze", squeeze, {axes}},
        {"Unsqueeze", unsqueeze, {axes}},
        {"Transpose", transpose, {{"perm", Kind::integers}}},
        {"Pad", pad, {{"mode", Kind::text}, {"pads", Kind::integers}, {"value", Kind::number}}},
    };
}

}  // namespace neural::detail
