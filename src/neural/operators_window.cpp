// Operators that look at a window of a picture, and normalisation.
#include <cmath>
#include <fmt/format.h>

#include "neural/operators.h"

namespace neural::detail {
namespace {

using Kind = Attribute::Kind;

// What a kernel, a stride, a padding or a dilation may be at most; keeps every later product small.
constexpr std::int64_t kWindowMax = 4096;

Result<Shape> per_dimension(const Lowering& lowering, const std::string& name, std::size_t count,
                            std::int64_t otherwise, std::int64_t least) {
    Shape numbers = lowering.integers(name).value_or(Shape(count, otherwise));
    if (numbers.size() != count)
        return lowering.contradiction(fmt::format("{} of {} numbers", name, numbers.size()));
    for (std::int64_t number : numbers)
        if (number < least || number > kWindowMax)
            return lowering.contradiction(fmt::format("{} {}", name, number));
    return numbers;
}

// How far the window reaches.
std::int64_t extent(const Window& window, std::size_t i) {
    return (window.kernel[i] - 1) * window.dilations[i] + 1;
}

Result<void> choose_padding(const Lowering& lowering, Window& window, const Shape& input) {
    const std::size_t count = window.kernel.size();
    const std::string automatic = lowering.text("auto_pad", "NOTSET");
    if (automatic == "NOTSET") {
        const Shape pads = TRY(per_dimension(lowering, "pads", 2 * count, 0, 0));
        window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
        window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
        return {};
    }
    window.pads_begin.assign(count, 0);
    window.pads_end.assign(count, 0);
    if (automatic == "VALID") return {};
    if (automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
        return lowering.unsupported(fmt::format("auto_pad {}", automatic));
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t size = input[i + 2];
        const std::int64_t out = (size + window.strides[i] - 1) / window.strides[i];
        const std::int64_t total =
            std::max<std::int64_t>(0, (out - 1) * window.strides[i] + extent(window, i) - size);
        window.pads_begin[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
        window.pads_end[i] = total - window.pads_begin[i];
    }
    return {};
}

Result<Window> read_window(const Lowering& lowering, const Shape& input, Shape kernel) {
    const std::size_t count = kernel.size();
    if (count < 1 || count > 3 || input.size() != count + 2)
        return lowering.unsupported(
            fmt::format("an input of {} with {} spatial dimensions", text_of(input), count));
    for (std::int64_t size : kernel)
        if (size < 1 || size > kWindowMax)
            return lowering.contradiction(fmt::format("kernel_shape {}", size));
    Window window{std::move(kernel), {}, {}, {}, {}};
    window.strides = TRY(per_dimension(lowering, "strides", count, 1, 1));
    window.dilations = TRY(per_dimension(lowering, "dilations", count, 1, 1));
    TRY(choose_padding(lowering, window, input));
    return window;
}

// The spatial sizes after the window; with `ceil` a window that hangs over the end counts if it begins
// inside.
Result<Shape> slide(const Lowering& lowering, const Window& window, const Shape& input, std::int64_t channels,
                    bool ceil) {
    Shape output = {input[0], channels};
    for (std::size_t i = 0; i < window.kernel.size(); ++i) {
        const std::int64_t padded = input[i + 2] + window.pads_begin[i] + window.pads_end[i];
        const std::int64_t room = padded - extent(window, i);
        if (room < 0)
            return lowering.contradiction(fmt::format("the window does not fit into {}", text_of(input)));
        std::int64_t out = room / window.strides[i] + 1;
        if (ceil && room % window.strides[i] != 0 &&
            out * window.strides[i] < input[i + 2] + window.pads_begin[i])
            ++out;
        output.push_back(out);
    }
    return output;
}

Result<void> convolution(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const ConstantPtr weights = TRY(lowering.floats(1));
    const ConstantPtr bias = TRY(lowering.floats(2));
    if (!weights || weights->shape.size() < 3) return lowering.contradiction("no weights");
    const Shape input = lowering.shape(x);
    const Shape& form = weights->shape;
    Shape kernel(form.begin() + 2, form.end());
    if (lowering.integers("kernel_shape").value_or(kernel) != kernel)
        return lowering.contradiction("kernel_shape is not that of the weights");
    const Window window = TRY(read_window(lowering, input, std::move(kernel)));
    const std::int64_t groups = lowering.integer("group", 1);
    if (groups < 1 || form[0] < 1 || form[1] < 1 || form[0] % groups != 0 || input[1] % groups != 0 ||
        input[1] / groups != form[1])
        return lowering.contradiction(
            fmt::format("weights {} in {} groups for an input of {}", text_of(form), groups, text_of(input)));
    if (bias && bias->shape != Shape{form[0]}) return lowering.contradiction("a bias of another size");
    Shape output = TRY(slide(lowering, window, input, form[0], false));
    lowering.define(
        TRY(lowering.emit(Convolution{window, groups, weights, bias, {}}, {x}, std::move(output))));
    return {};
}

Result<void> pool(Lowering& lowering, dnnl::algorithm algorithm) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const auto kernel = lowering.integers("kernel_shape");
    if (!kernel) return lowering.contradiction("no kernel_shape");
    Window window = TRY(read_window(lowering, input, *kernel));
    if (lowering.integer("storage_order", 0) != 0) return lowering.unsupported("storage_order");
    if (lowering.node().outputs.size() > 1 && !lowering.node().outputs[1].empty())
        return lowering.unsupported("the output Indices");
    const bool ceil = lowering.integer("ceil_mode", 0) != 0;
    Shape output = TRY(slide(lowering, window, input, input[1], ceil));
    for (std::size_t i = 0; i < window.kernel.size(); ++i) {
        // A window wholly inside the padding has no elements to choose from or to average.
        if (window.pads_begin[i] >= extent(window, i) || window.pads_end[i] >= extent(window, i))
            return lowering.unsupported("padding as wide as the window");
        const std::int64_t reach = (output[i + 2] - 1) * window.strides[i] + extent(window, i);
        const std::int64_t pads_end = reach - input[i + 2] - window.pads_begin[i];
        if (algorithm == dnnl::algorithm::pooling_avg_include_padding && pads_end > window.pads_end[i])
            return lowering.unsupported("ceil_mode together with count_include_pad");
        window.pads_end[i] = pads_end;
    }
    lowering.define(TRY(lowering.emit(Pool{algorithm, std::move(window)}, {x}, std::move(output))));
    return {};
}

Result<void> max_pool(Lowering& lowering) {
    return pool(lowering, dnnl::algorithm::pooling_max);
}

Result<void> average_pool(Lowering& lowering) {
    return pool(lowering, lowering.integer("count_include_pad", 0) != 0
                              ? dnnl::algorithm::pooling_avg_include_padding
                              : dnnl::algorithm::pooling_avg_exclude_padding);
}

Result<void> global_pool(Lowering& lowering, dnnl::algorithm algorithm) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    if (input.size() < 3 || input.size() > 5)
        return lowering.unsupported(fmt::format("an input of {}", text_of(input)));
    const std::size_t count = input.size() - 2;
    const Shape ones(count, 1);
    const Shape zeros(count, 0);
    Window window{Shape(input.begin() + 2, input.end()), ones, ones, zeros, zeros};
    Shape output = input;
    std::fill(output.begin() + 2, output.end(), 1);
    lowering.define(TRY(lowering.emit(Pool{algorithm, std::move(window)}, {x}, std::move(output))));
    return {};
}

Result<void> global_average_pool(Lowering& lowering) {
    return global_pool(lowering, dnnl::algorithm::pooling_avg_exclude_padding);
}

Result<void> global_max_pool(Lowering& lowering) {
    return global_pool(lowering, dnnl::algorithm::pooling_max);
}

Result<void> batch_normalization(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    if (lowering.integer("training_mode", 0) != 0) return lowering.unsupported("training_mode");
    if (input.size() < 2) return lowering.contradiction("an input without channels");
    std::array<ConstantPtr, 4> parameters;
    for (std::size_t i = 0; i < 4; ++i) {
        parameters[i] = TRY(lowering.floats(i + 1));
        if (!parameters[i] || parameters[i]->shape != Shape{input[1]})
            return lowering.contradiction("parameters of another size than the channels");
    }
    const auto& [gamma, beta, mean, variance] = parameters;
    const double epsilon = lowering.number("epsilon", 1e-5f);
    Affine affine;
    for (std::size_t i = 0; i < gamma->floats.size(); ++i) {
        const double scale = gamma->floats[i] / std::sqrt(variance->floats[i] + epsilon);
        affine.scale.push_back(static_cast<float>(scale));
        affine.shift.push_back(static_cast<float>(beta->floats[i] - mean->floats[i] * scale));
    }
    lowering.define(TRY(lowering.emit(std::move(affine), {x}, input)));
    return {};
}

// The shape that Resize or Upsample asks for, from sizes or scales.
Result<Shape> resized(const Lowering& lowering, const Shape& input) {
    const bool old = lowering.node().operator_name == "Upsample" || lowering.opset() < 11;
    if (!old && lowering.has_input(1) &&
        lowering.text("coordinate_transformation_mode", "") == "tf_crop_and_resize")
        return lowering.unsupported("tf_crop_and_resize");
    if (!old) {
        const auto sizes = TRY(lowering.integers(3));
        if (sizes && !sizes->empty()) {
            if (sizes->size() != input.size()) return lowering.contradiction("sizes for other dimensions");
            return *sizes;
        }
    }
    const ConstantPtr scales = TRY(lowering.floats(old ? 1 : 2));
    if (!scales || scales->floats.size() != input.size())
        return lowering.contradiction("no scales for these dimensions");
    Shape output;
    for (std::size_t i = 0; i < input.size(); ++i) {
        const double size = std::floor(static_cast<double>(input[i]) * scales->floats[i]);
        if (!(size >= 1 && size <= 1e6))
            return lowering.contradiction(fmt::format("scale {}", scales->floats[i]));
        output.push_back(static_cast<std::int64_t>(size));
    }
    return output;
}

Result<void> resize(Lowering& lowering) {
    const ValueId x = TRY(lowering.input(0));
    const Shape input = lowering.shape(x);
    const Shape output = TRY(resized(lowering, input));
    const std::string mode = lowering.text("mode", "nearest");
    const bool old = lowering.node().operator_name == "Upsample" || lowering.opset() < 11;
    const std::string transformation =
        lowering.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    if (lowering.integer("antialias", 0) != 0) return lowering.unsupported("antialias");
    if (lowering.integer("exclude_outside", 0) != 0) return lowering.unsupported("exclude_outside");
    if (input.size() < 3 || input.size() > 5 || input[0] != output[0] || input[1] != output[1])
        return lowering.unsupported(fmt::format("{} to {}", text_of(input), text_of(output)));
    // Times a whole number, every rule for the nearest pixel that does not align the corners picks the same
    // one.
    bool whole_times = true;
    for (std::size_t i = 2; i < input.size(); ++i)
        whole_times = whole_times && output[i] > 0 && output[i] % input[i] == 0;
    const std::string nearest = lowering.text("nearest_mode", old ? "floor" : "round_prefer_floor");
    const bool same_nearest = (transformation == "asymmetric" && nearest == "floor") ||
                              ((transformation == "half_pixel" || transformation == "pytorch_half_pixel") &&
                               nearest.starts_with("round_prefer"));
    if (mode == "nearest" && whole_times && same_nearest) {
        lowering.define(TRY(lowering.emit(Resize{dnnl::algorithm::resampling_nearest}, {x}, output)));
        return {};
    }
    const bool half_pixel =
        transformation == "half_pixel" ||
        (transformation == "pytorch_half_pixel" &&
         std::all_of(output.begin() + 2, output.end(), [](auto size) { return size > 1; }));
    if (mode == "linear" && half_pixel) {
        lowering.define(TRY(lowering.emit(Resize{dnnl::algorithm::resampling_linear}, {x}, output)));
        return {};
    }
    return lowering.unsupported(fmt::format("mode {}, {}, {}, {} to {}", mode, transformation, nearest,
                                            text_of(input), text_of(output)));
}

}  // namespace

std::vector<Operator> window_operators() {
    const Operator::Parameter auto_pad{"auto_pad", Kind::text};
    const Operator::Parameter dilations{"dilations", Kind::integers};
    const Operator::Parameter kernel_shape{"kernel_shape", Kind::integers};
    const Operator::Parameter pads{"pads", Kind::integers};
    const Operator::Parameter strides{"strides", Kind::integers};
    const Operator::Parameter ceil_mode{"ceil_mode", Kind::integer};
    return {
        {"Conv", convolution, {auto_pad, dilations, {"group", Kind::integer}, kernel_shape, pads, strides}},
        {"MaxPool",
         max_pool,
         {auto_pad, ceil_mode, dilations, kernel_shape, pads, {"storage_order", Kind::integer}, strides}},
        {"AveragePool",
         average_pool,
         {auto_pad, ceil_mode, {"count_include_pad", Kind::integer}, kernel_shape, pads, strides}},
        {"GlobalAveragePool", global_average_pool, {}},
        {"GlobalMaxPool", global_max_pool, {}},
        {"BatchNormalization",
         batch_normalization,
         {{"epsilon", Kind::number}, {"momentum", Kind::number}, {"training_mode", Kind::integer}}},
        {"Resize",
         resize,
         {{"mode", Kind::text},
          {"coordinate_transformation_mode", Kind::text},
          {"nearest_mode", Kind::text},
          {"cubic_coeff_a", Kind::number},
          {"extrapolation_value", Kind::number},
          {"exclude_outside", Kind::integer},
          {"antialias", Kind::integer}}},
        {"Upsample", resize, {{"mode", Kind::text}}},
    };
}

}  // namespace neural::detail
