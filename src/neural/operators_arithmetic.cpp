// Operators that compute element by element, multiply matrices, or reduce dimensions.
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "neural/operators.h"

namespace neural::detail {
namespace {

using dnnl::algorithm;
using Kind = Attribute::Kind;

// What is known of shapes is computed here and now; such lists are short.
constexpr std::int64_t kFoldedElementsMax = 65'536;

Result<void> map(Lowering& lowering, std::vector<Eltwise> functions) {
    ValueId x = TRY(lowering.input(0));
    for (const Eltwise& function : functions)
        x = TRY(lowering.emit(Map{function}, {x}, lowering.shape(x)));
    lowering.define(x);
    return {};
}

template <algorithm kFunction>
Result<void> plain_map(Lowering& lowering) {
    return map(lowering, {{kFunction}});
}

Result<void> leaky_relu(Lowering& lowering) {
    return map(lowering, {{algorithm::eltwise_relu, lowering.number("alpha", 0.01f)}});
}

Result<void> elu(Lowering& lowering) {
    return map(lowering, {{algorithm::eltwise_elu, lowering.number("alpha", 1.0f)}});
}

Result<void> negate(Lowering& lowering) {
    return map(lowering, {{algorithm::eltwise_linear, -1.0f, 0.0f}});
}

Result<void> hard_sigmoid(Lowering& lowering) {
    return map(lowering,
               {{algorithm::eltwise_linear, lowering.number("alpha", 0.2f), lowering.number("beta", 0.5f)},
                {algorithm::eltwise_clip, 0.0f, 1.0f}});
}

// A bound of Clip is an attribute before opset 11 and a scalar input since.
Result<float> clip_bound(const Lowering& lowering, std::size_t index, const std::string& name,
                         float otherwise) {
    if (lowering.opset() < 11) return lowering.number(name, otherwise);
    const ConstantPtr bound = TRY(lowering.floats(index));
    if (!bound) return otherwise;
    if (bound->floats.size() != 1) return lowering.contradiction("a bound that is not a scalar");
    return bound->floats[0];
}

Result<void> clip(Lowering& lowering) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float low = TRY(clip_bound(lowering, 1, "min", -infinity));
    const float high = TRY(clip_bound(lowering, 2, "max", infinity));
    if (!(low <= high)) return lowering.unsupported(fmt::format("bounds {} and {}", low, high));
    return map(lowering, {{algorithm::eltwise_clip, low, high}});
}

Result<void> power(Lowering& lowering) {
    const ConstantPtr exponent = TRY(lowering.floats(1));
    if (!exponent || exponent->floats.size() != 1)
        return lowering.unsupported("an exponent that is not one number");
    if (exponent->floats[0] == 2.0f) return map(lowering, {{algorithm::eltwise_square}});
    if (exponent->floats[0] == 0.5f) return map(lowering, {{algorithm::eltwise_sqrt}});
    return map(lowering, {{algorithm::eltwise_pow, 1.0f, exponent->floats[0]}});
}

template <class T>
T apply(algorithm function, T a, T b) {
    switch (function) {
        case algorithm::binary_add:
            return a + b;
        case algorithm::binary_sub:
            return a - b;
        case algorithm::binary_mul:
            return a * b;
        case algorithm::binary_div:
            return a / b;
        case algorithm::binary_max:
            return std::max(a, b);
        default:
            return std::min(a, b);
    }
}

// Element `at` of the result of broadcasting to `output` comes from this element of a tensor of `input`.
std::size_t broadcast_source(std::size_t at, const Shape& output, const Shape& input) {
    std::size_t source = 0;
    std::size_t stride = 1;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const auto size = static_cast<std::size_t>(output[output.size() - 1 - i]);
        const std::size_t index = at % size;
        at /= size;
        if (i >= input.size()) continue;
        const auto have = static_cast<std::size_t>(input[input.size() - 1 - i]);
        if (have != 1) source += index * stride;
        stride *= have;
    }
    return source;
}

// Both operands are known. Integers wrap around as ONNX's do; nothing divides by zero or overflows in
// dividing.
Result<void> fold(Lowering& lowering, algorithm function, const Constant& a, const Constant& b,
                  const Shape& output) {
    const auto count = elements(output).value_or(kFoldedElementsMax + 1);
    if (count > kFoldedElementsMax || a.integral != b.integral)
        return lowering.unsupported("constants of this size or of different types");
    auto result = std::make_shared<Constant>();
    result->shape = output;
    result->integral = a.integral;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const std::size_t from_a = broadcast_source(i, output, a.shape);
        const std::size_t from_b = broadcast_source(i, output, b.shape);
        if (!a.integral) {
            result->floats.push_back(apply(function, a.floats[from_a], b.floats[from_b]));
            continue;
        }
        const std::int64_t left = a.ints[from_a];
        const std::int64_t right = b.ints[from_b];
        constexpr std::int64_t kPlain = std::int64_t{1} << 31;
        if (left > kPlain || left < -kPlain || right > kPlain || right < -kPlain ||
            (function == algorithm::binary_div && right == 0))
            return lowering.contradiction(fmt::format("arithmetic with {} and {}", left, right));
        result->ints.push_back(apply(function, left, right));
    }
    lowering.define(TRY(lowering.emit_constant(std::move(result))));
    return {};
}

// `x` combined with a constant that is one number, or one number per channel, as an affine map.
std::optional<Affine> as_affine(algorithm function, const Constant& constant, const Shape& x,
                                bool constant_first) {
    const auto& numbers = constant.floats;
    const std::size_t rank = constant.shape.size();
    if (rank > x.size()) return std::nullopt;
    if (numbers.size() != 1) {
        // Aligned at the end, only dimension 1 may be longer than one.
        for (std::size_t i = 0; i < rank; ++i)
            if (constant.shape[i] != 1 && i + x.size() - rank != 1) return std::nullopt;
        if (x.size() < 2 || static_cast<std::int64_t>(numbers.size()) != x[1]) return std::nullopt;
    }
    Affine affine{std::vector<float>(numbers.size(), 1.0f), std::vector<float>(numbers.size(), 0.0f)};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (function == algorithm::binary_add)
            affine.shift[i] = numbers[i];
        else if (function == algorithm::binary_mul)
            affine.scale[i] = numbers[i];
        else if (function == algorithm::binary_sub && !constant_first)
            affine.shift[i] = -numbers[i];
        else if (function == algorithm::binary_sub)
            affine.scale[i] = -1.0f, affine.shift[i] = numbers[i];
        else if (function == algorithm::binary_div && !constant_first)
            affine.scale[i] = 1.0f / numbers[i];
        else
            return std::nullopt;
    }
    return affine;
}

// A value with every dimension of `shape`, repeating its own: adding it to zeros does that.
Result<ValueId> expanded(Lowering& lowering, ValueId x, const Shape& shape) {
    if (lowering.shape(x) == shape) return x;
    const auto count = elements(shape);
    if (!count) return Error::refusal(Refusal::too_large, fmt::format("a value of {}", text_of(shape)));
    if (*count > kFoldedElementsMax * 16)
        return lowering.unsupported(fmt::format("repeating to {}", text_of(shape)));
    const ValueId zeros = TRY(lowering.emit_constant(
        constant_of(shape, std::vector<float>(static_cast<std::size_t>(*count), 0.0f))));
    Shape aligned(shape.size() - lowering.shape(x).size(), 1);
    aligned.insert(aligned.end(), lowering.shape(x).begin(), lowering.shape(x).end());
    const ValueId same_rank = TRY(reshaped(lowering, x, std::move(aligned)));
    return lowering.emit(Binary{algorithm::binary_add}, {zeros, same_rank}, shape);
}

Result<ValueId> combine(Lowering& lowering, algorithm function, ValueId a, ValueId b) {
    Shape output = TRY(broadcast(lowering, lowering.shape(a), lowering.shape(b)));
    for (bool constant_first : {false, true}) {
        const ValueId x = constant_first ? b : a;
        const ConstantPtr& constant = lowering.constant(constant_first ? a : b);
        if (!constant || constant->integral || lowering.constant(x) || lowering.shape(x) != output) continue;
        if (auto affine = as_affine(function, *constant, output, constant_first))
            return lowering.emit(std::move(*affine), {x}, std::move(output));
    }
    // oneDNN repeats the second operand only.
    const bool commutes = function != algorithm::binary_sub && function != algorithm::binary_div;
    if (lowering.shape(a) != output && commutes) std::swap(a, b);
    a = TRY(expanded(lowering, a, output));
    Shape aligned(output.size() - lowering.shape(b).size(), 1);
    aligned.insert(aligned.end(), lowering.shape(b).begin(), lowering.shape(b).end());
    b = TRY(reshaped(lowering, b, std::move(aligned)));
    return lowering.emit(Binary{function}, {a, b}, std::move(output));
}

template <algorithm kFunction>
Result<void> binary(Lowering& lowering) {
    const ValueId a = TRY(lowering.input(0));
    const ValueId b = TRY(lowering.input(1));
    if (lowering.node().inputs.size() > 2) return lowering.unsupported("more than two inputs");
    const ConstantPtr known_a = lowering.constant(a);
    const ConstantPtr known_b = lowering.constant(b);
    if (known_a && known_b) {
        const Shape output = TRY(broadcast(lowering, known_a->shape, known_b->shape));
        return fold(lowering, kFunction, *known_a, *known_b, output);
    }
    lowering.define(TRY(combine(lowering, kFunction, a, b)));
    return {};
}

Result<void> expand(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const auto shape = TRY(lowering.integers(1));
    if (!shape || shape->size() > kRankMax) return lowering.contradiction("no shape");
    for (std::int64_t size : *shape)
        if (size < 1) return lowering.contradiction("a dimension without elements");
    const Shape output = TRY(broadcast(lowering, lowering.shape(x), *shape));
    lowering.define(TRY(expanded(lowering, x, output)));
    return {};
}

Result<void> prelu(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const ConstantPtr slope = TRY(lowering.floats(1));
    const Shape shape = lowering.shape(x);
    if (!slope || TRY(broadcast(lowering, shape, slope->shape)) != shape)
        return lowering.contradiction("a slope that does not fit");
    const bool uniform = std::adjacent_find(slope->floats.begin(), slope->floats.end(),
                                            std::not_equal_to<>()) == slope->floats.end();
    if (uniform && !slope->floats.empty())
        return map(lowering, {{algorithm::eltwise_relu, slope->floats[0]}});
    Shape aligned(shape.size() - slope->shape.size(), 1);
    aligned.insert(aligned.end(), slope->shape.begin(), slope->shape.end());
    const ValueId slopes = TRY(lowering.emit_constant(constant_of(std::move(aligned), slope->floats)));
    lowering.define(TRY(lowering.emit(PRelu{}, {x, slopes}, shape)));
    return {};
}

Result<void> hard_swish(Lowering& lowering) {
    return map(lowering, {{algorithm::eltwise_hardswish}});
}

// The weights of a matrix product, {inputs, outputs} or transposed, as oneDNN wants them: {outputs, inputs}.
ConstantPtr as_dense_weights(const Constant& matrix, bool transposed, float factor) {
    const auto rows = static_cast<std::size_t>(matrix.shape[0]);
    const auto columns = static_cast<std::size_t>(matrix.shape[1]);
    if (transposed && factor == 1.0f) return constant_of(matrix.shape, matrix.floats);
    std::vector<float> weights(matrix.floats.size());
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column) {
            const float weight = matrix.floats[row * columns + column] * factor;
            weights[transposed ? row * columns + column : column * rows + row] = weight;
        }
    return constant_of(transposed ? matrix.shape : Shape{matrix.shape[1], matrix.shape[0]},
                       std::move(weights));
}

// x {n, inputs} times a known matrix.
Result<ValueId> dense(Lowering& lowering, ValueId x, const Constant& matrix, bool transposed, float factor,
                      ConstantPtr bias) {
    const Shape shape = lowering.shape(x);
    const std::int64_t inputs = matrix.shape[transposed ? 1 : 0];
    const std::int64_t outputs = matrix.shape[transposed ? 0 : 1];
    if (shape[1] != inputs)
        return lowering.contradiction(fmt::format("{} times {}", text_of(shape), text_of(matrix.shape)));
    Dense operation{as_dense_weights(matrix, transposed, factor), std::move(bias), {}};
    return lowering.emit(std::move(operation), {x}, {shape[0], outputs});
}

Result<void> gemm(Lowering& lowering) {
    ValueId a = TRY(lowering.input(0));
    const ConstantPtr b = TRY(lowering.floats(1));
    if (!b || b->shape.size() != 2 || lowering.shape(a).size() != 2 || lowering.constant(a))
        return lowering.unsupported("factors other than a computed and a constant matrix");
    if (lowering.integer("transA", 0) != 0) {
        const Shape shape = lowering.shape(a);
        a = TRY(lowering.emit(Transpose{{1, 0}}, {a}, {shape[1], shape[0]}));
    }
    const ValueId product = TRY(
        dense(lowering, a, *b, lowering.integer("transB", 0) != 0, lowering.number("alpha", 1.0f), nullptr));
    if (!lowering.has_input(2)) {
        lowering.define(product);
        return {};
    }
    const ConstantPtr c = TRY(lowering.floats(2));
    const float beta = lowering.number("beta", 1.0f);
    if (TRY(broadcast(lowering, lowering.shape(product), c->shape)) != lowering.shape(product))
        return lowering.contradiction("an addend that does not fit");
    std::vector<float> addend = c->floats;
    for (float& number : addend)
        number *= beta;
    const ValueId shift = TRY(lowering.emit_constant(constant_of(c->shape, std::move(addend))));
    lowering.define(TRY(combine(lowering, algorithm::binary_add, product, shift)));
    return {};
}

Result<void> mat_mul(Lowering& lowering) {
    const ValueId a = TRY(lowering.input(0));
    const ValueId b = TRY(lowering.input(1));
    const Shape left = lowering.shape(a);
    const Shape right = lowering.shape(b);
    if (left.size() < 2 || right.size() < 2) return lowering.unsupported("a factor of one dimension");
    const ConstantPtr known = lowering.constant(b);
    if (left.size() == 2 && right.size() == 2 && known && !known->integral && !lowering.constant(a)) {
        lowering.define(TRY(dense(lowering, a, *known, false, 1.0f, nullptr)));
        return {};
    }
    if (left.size() != right.size() || left.back() != right[right.size() - 2])
        return lowering.unsupported(fmt::format("{} times {}", text_of(left), text_of(right)));
    Shape output = left;
    output.back() = right.back();
    for (std::size_t i = 0; i + 2 < left.size(); ++i) {
        if (left[i] != right[i] && left[i] != 1 && right[i] != 1)
            return lowering.contradiction(fmt::format("{} times {}", text_of(left), text_of(right)));
        output[i] = std::max(left[i], right[i]);
    }
    lowering.define(TRY(lowering.emit(MatMul{}, {a, b}, std::move(output))));
    return {};
}

// The axes of a reduction: an attribute in older opsets, an input since 13 (ReduceSum) or 18 (the others).
Result<std::vector<int>> reduced_axes(const Lowering& lowering, std::size_t rank, int input_since) {
    std::optional<Shape> given = lowering.integers("axes");
    if (lowering.opset() >= input_since) given = TRY(lowering.integers(1));
    std::vector<int> axes;
    if (!given || given->empty()) {
        if (lowering.integer("noop_with_empty_axes", 0) != 0) return axes;
        for (std::size_t i = 0; i < rank; ++i)
            axes.push_back(static_cast<int>(i));
        return axes;
    }
    for (std::int64_t axis : *given)
        axes.push_back(TRY(lowering.axis(axis, rank)));
    return axes;
}

Shape without(const Shape& shape, const std::vector<int>& axes) {
    Shape rest;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (std::find(axes.begin(), axes.end(), static_cast<int>(i)) == axes.end()) rest.push_back(shape[i]);
    return rest;
}

Result<void> reduce(Lowering& lowering, Reduce kind, int input_since) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const std::vector<int> axes = TRY(reduced_axes(lowering, input.size(), input_since));
    Shape kept = input;
    for (int axis : axes)
        kept[static_cast<std::size_t>(axis)] = 1;
    // oneDNN does not reduce where every reduced dimension has one element: then the sums are the elements.
    ValueId reduced = x;
    if (kept != input)
        reduced = TRY(lowering.emit(kind, {x}, kept));
    else if (kind.algorithm == algorithm::reduction_norm_lp_sum)
        reduced = TRY(lowering.emit(Map{{algorithm::eltwise_abs}}, {x}, kept));
    if (lowering.integer("keepdims", 1) == 0)
        reduced = TRY(reshaped(lowering, reduced, without(input, axes)));
    lowering.define(reduced);
    return {};
}

template <algorithm kFunction, int kInputSince>
Result<void> plain_reduce(Lowering& lowering) {
    return reduce(lowering, {kFunction, 0}, kInputSince);
}

template <int kPower>
Result<void> norm(Lowering& lowering) {
    return reduce(lowering, {algorithm::reduction_norm_lp_sum, kPower}, 18);
}

Result<void> lp_normalization(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const std::int64_t power = lowering.integer("p", 2);
    if (power != 1 && power != 2) return lowering.unsupported(fmt::format("p {}", power));
    const int axis = TRY(lowering.axis(lowering.integer("axis", -1), lowering.shape(x).size()));
    Shape kept = lowering.shape(x);
    if (kept[static_cast<std::size_t>(axis)] == 1) return lowering.unsupported("a dimension of one element");
    kept[static_cast<std::size_t>(axis)] = 1;
    const Reduce kind{algorithm::reduction_norm_lp_sum, static_cast<float>(power)};
    const ValueId length = TRY(lowering.emit(kind, {x}, kept));
    lowering.define(TRY(lowering.emit(Binary{algorithm::binary_div}, {x, length}, lowering.shape(x))));
    return {};
}

Result<void> softmax_of(Lowering& lowering, bool logarithm) {
    const ValueId x = TRY(lowering.input(0));
    const Shape shape = lowering.shape(x);
    const bool flattens = lowering.opset() < 13;
    const int axis = TRY(lowering.axis(lowering.integer("axis", flattens ? 1 : -1), shape.size()));
    if (!flattens) {
        lowering.define(TRY(lowering.emit(Softmax{axis, logarithm}, {x}, shape)));
        return {};
    }
    // Before opset 13 all dimensions from the axis on are one.
    std::int64_t rows = 1;
    for (int i = 0; i < axis; ++i)
        rows *= shape[static_cast<std::size_t>(i)];
    const ValueId flat = TRY(reshaped(lowering, x, {rows, *elements(shape) / rows}));
    const ValueId result = TRY(lowering.emit(Softmax{1, logarithm}, {flat}, lowering.shape(flat)));
    lowering.define(TRY(reshaped(lowering, result, shape)));
    return {};
}

Result<void> softmax(Lowering& lowering) {
    return softmax_of(lowering, false);
}

Result<void> log_softmax(Lowering& lowering) {
    return softmax_of(lowering, true);
}

}  // namespace

std::vector<Operator> arithmetic_operators() {
    const Operator::Parameter alpha{"alpha", Kind::number};
    const Operator::Parameter beta{"beta", Kind::number};
    const Operator::Parameter axis{"axis", Kind::integer};
    const std::vector<Operator::Parameter> reduction = {
        {"axes", Kind::integers}, {"keepdims", Kind::integer}, {"noop_with_empty_axes", Kind::integer}};
    return {
        {"Relu", plain_map<algorithm::eltwise_relu>, {}},
        {"Sigmoid", plain_map<algorithm::eltwise_logistic>, {}},
        {"Tanh", plain_map<algorithm::eltwise_tanh>, {}},
        {"Sqrt", plain_map<algorithm::eltwise_sqrt>, {}},
        {"Exp", plain_map<algorithm::eltwise_exp>, {}},
        {"Log", plain_map<algorithm::eltwise_log>, {}},
        {"Abs", plain_map<algorithm::eltwise_abs>, {}},
        {"Neg", negate, {}},
        {"LeakyRelu", leaky_relu, {alpha}},
        {"Elu", elu, {alpha}},
        {"HardSigmoid", hard_sigmoid, {alpha, beta}},
        {"HardSwish", hard_swish, {}},
        {"Clip", clip, {{"min", Kind::number}, {"max", Kind::number}}},
        {"Pow", power, {}},
        {"PRelu", prelu, {}},
        {"Add", binary<algorithm::binary_add>, {}},
        {"Sub", binary<algorithm::binary_sub>, {}},
        {"Mul", binary<algorithm::binary_mul>, {}},
        {"Div", binary<algorithm::binary_div>, {}},
        {"Max", binary<algorithm::binary_max>, {}},
        {"Min", binary<algorithm::binary_min>, {}},
        {"Expand", expand, {}},
        {"Gemm", gemm, {alpha, beta, {"transA", Kind::integer}, {"transB", Kind::integer}}},
        {"MatMul", mat_mul, {}},
        {"ReduceSum", plain_reduce<algorithm::reduction_sum, 13>, reduction},
        {"ReduceMean", plain_reduce<algorithm::reduction_mean, 18>, reduction},
        {"ReduceMax", plain_reduce<algorithm::reduction_max, 18>, reduction},
        {"ReduceMin", plain_reduce<algorithm::reduction_min, 18>, reduction},
        {"ReduceL1", norm<1>, reduction},
        {"ReduceL2", norm<2>, reduction},
        {"LpNormalization", lp_normalization, {axis, {"p", Kind::integer}}},
        {"Softmax", softmax, {axis}},
        {"LogSoftmax", log_softmax, {axis}},
    };
}

}  // namespace neural::detail
