#include "neural/topology.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace neural::detail {
namespace {

constexpr int kOpset = 13;

// Element i of the result is along the dimensions `order` of the source: NumPy's transpose.
ConstantPtr transposed(const Constant& source, const std::array<std::size_t, 4>& order) {
    Shape shape;
    std::array<std::size_t, 4> step{};
    for (std::size_t i = 0; i < 4; ++i) {
        shape.push_back(source.shape[order[i]]);
        step[i] = 1;
        for (std::size_t j = order[i] + 1; j < 4; ++j)
            step[i] *= static_cast<std::size_t>(source.shape[j]);
    }
    std::vector<float> numbers;
    numbers.reserve(source.floats.size());
    std::array<std::size_t, 4> size{};
    std::copy(shape.begin(), shape.end(), size.begin());
    for (std::size_t a = 0; a < size[0]; ++a)
        for (std::size_t b = 0; b < size[1]; ++b)
            for (std::size_t c = 0; c < size[2]; ++c)
                for (std::size_t d = 0; d < size[3]; ++d)
                    numbers.push_back(source.floats[a * step[0] + b * step[1] + c * step[2] + d * step[3]]);
    return constant_of(std::move(shape), std::move(numbers));
}

Attribute of_integer(std::int64_t value) {
    Attribute attribute;
    attribute.integer = value;
    return attribute;
}
Attribute of_integers(Shape values) {
    Attribute attribute;
    attribute.kind = Attribute::Kind::integers;
    attribute.integers = std::move(values);
    return attribute;
}
Attribute of_text(std::string value) {
    Attribute attribute;
    attribute.kind = Attribute::Kind::text;
    attribute.text = std::move(value);
    return attribute;
}

// Builds a graph node by node. A value is named by what made it; TensorFlow's orders of dimensions (height,
// width, in, out) become ONNX's.
class Builder {
public:
    explicit Builder(const Weights& weights) : weights_(weights), graph_(std::make_unique<Graph>()) {
        graph_->opset = kOpset;
        graph_->input = {"picture", {1, 3, 112, 112}};
    }

    std::string node(std::string operator_name, std::vector<std::string> inputs,
                     std::map<std::string, Attribute> attributes = {}) {
        auto value = fmt::format("{}_{}", operator_name, graph_->nodes.size());
        graph_->nodes.push_back(
            {std::move(operator_name), value, std::move(inputs), {value}, std::move(attributes)});
        return value;
    }
    std::string relu(const std::string& x) { return node("Relu", {x}); }
    std::string sum(const std::string& x, const std::string& y) { return node("Add", {x, y}); }

    // Padded so that the result is as large as the input, or half as large, as TensorFlow's "same".
    Result<std::string> convolution(const std::string& x, const std::string& name, std::int64_t stride) {
        const auto filters = TRY(weight(name + "/filters", 4));
        const auto bias = TRY(weight(name + "/bias", 1));
        return convolve(x, name, transposed(*filters, {3, 2, 0, 1}), bias, stride, 1);
    }
    Result<std::string> separable(const std::string& x, const std::string& name, std::int64_t stride = 1) {
        const auto depthwise = TRY(weight(name + "/depthwise_filter", 4));
        const auto pointwise = TRY(weight(name + "/pointwise_filter", 4));
        const auto bias = TRY(weight(name + "/bias", 1));
        if (depthwise->shape[3] != 1) return misshapen(name + "/depthwise_filter");
        const auto each = convolve(x, name + "/each", transposed(*depthwise, {2, 3, 0, 1}), nullptr, stride,
                                   depthwise->shape[2]);
        return convolve(each, name + "/across", transposed(*pointwise, {3, 2, 0, 1}), bias, 1, 1);
    }
    std::string half_of_largest(const std::string& x) {
        return node("MaxPool", {x},
                    {{"kernel_shape", of_integers({3, 3})},
                     {"strides", of_integers({2, 2})},
                     {"auto_pad", of_text("SAME_UPPER")}});
    }
    // The mean over the picture: what the 7 x 7 average of the original is on 112 x 112 pixels.
    std::string pooled(const std::string& x) {
        return node("Flatten", {node("GlobalAveragePool", {x})}, {{"axis", of_integer(1)}});
    }
    Result<std::string> connected(const std::string& x, const std::string& name) {
        const auto weights = TRY(weight(name + "/weights", 2));
        const auto bias = TRY(weight(name + "/bias", 1));
        graph_->constants[name + "/weights"] = weights;
        graph_->constants[name + "/bias"] = bias;
        return node("Gemm", {x, name + "/weights", name + "/bias"});
    }
    std::string softmax(const std::string& x) { return node("Softmax", {x}, {{"axis", of_integer(1)}}); }

    // Gives a value its name in the network's outputs.
    void output(const std::string& value, const std::string& name) {
        graph_->nodes.push_back({"Identity", name, {value}, {name}, {}});
        graph_->outputs.push_back({name, {}});
    }
    Result<std::unique_ptr<const Graph>> finish() {
        if (used_ != weights_.size())
            return Error::refusal(Refusal::not_a_model,
                                  fmt::format("{} weights for {}", weights_.size(), used_));
        return std::unique_ptr<const Graph>(std::move(graph_));
    }

private:
    static Error misshapen(const std::string& name) {
        return Error::refusal(Refusal::not_a_model, fmt::format("weight {} has another shape", name));
    }
    // Each is asked for once.
    Result<ConstantPtr> weight(const std::string& name, std::size_t rank) {
        const auto found = weights_.find(name);
        if (found == weights_.end())
            return Error::refusal(Refusal::not_a_model, fmt::format("weight {} is missing", name));
        if (found->second->shape.size() != rank) return misshapen(name);
        ++used_;
        return found->second;
    }
    std::string convolve(const std::string& x, const std::string& name, ConstantPtr filters, ConstantPtr bias,
                         std::int64_t stride, std::int64_t groups) {
        std::vector<std::string> inputs = {x, name + "/filters"};
        graph_->constants[inputs[1]] = std::move(filters);
        if (bias) {
            inputs.push_back(name + "/bias");
            graph_->constants[inputs[2]] = std::move(bias);
        }
        return node("Conv", std::move(inputs),
                    {{"strides", of_integers({stride, stride})},
                     {"group", of_integer(groups)},
                     {"auto_pad", of_text("SAME_UPPER")}});
    }

    const Weights& weights_;
    std::unique_ptr<Graph> graph_;
    std::size_t used_ = 0;
};

// Half as large. Each step sees the sum of all before it.
Result<std::string> dense_block(Builder& build, const std::string& x, const std::string& name,
                                bool is_first) {
    const auto halved =
        is_first ? build.convolution(x, name + "/conv0", 2) : build.separable(x, name + "/conv0", 2);
    const auto first = build.relu(TRY(halved));
    const auto second = build.sum(first, TRY(build.separable(first, name + "/conv1")));
    const auto third = build.sum(second, TRY(build.separable(build.relu(second), name + "/conv2")));
    return build.relu(build.sum(third, TRY(build.separable(build.relu(third), name + "/conv3"))));
}

Result<std::string> dense_features(Builder& build) {
    std::string x = "picture";
    for (int i = 0; i < 4; ++i)
        x = TRY(dense_block(build, x, fmt::format("dense{}", i), i == 0));
    return build.pooled(x);
}

// Half as large, beside a plain convolution that is halved too.
Result<std::string> reduction(Builder& build, const std::string& x, const std::string& name, bool is_active) {
    const auto in = is_active ? build.relu(x) : x;
    const auto first = TRY(build.separable(in, name + "/separable_conv0"));
    const auto second = TRY(build.separable(build.relu(first), name + "/separable_conv1"));
    return build.sum(build.half_of_largest(second), TRY(build.convolution(x, name + "/expansion_conv", 2)));
}

Result<std::string> xception_features(Builder& build) {
    auto x = build.relu(TRY(build.convolution("picture", "entry_flow/conv_in", 2)));
    x = TRY(reduction(build, x, "entry_flow/reduction_block_0", false));
    x = TRY(reduction(build, x, "entry_flow/reduction_block_1", true));
    for (int block = 0; block < 2; ++block) {
        auto y = x;
        for (int i = 0; i < 3; ++i)
            y = TRY(build.separable(build.relu(y),
                                    fmt::format("middle_flow/main_block_{}/separable_conv{}", block, i)));
        x = build.sum(x, y);
    }
    x = TRY(reduction(build, x, "exit_flow/reduction_block", true));
    return build.pooled(build.relu(TRY(build.separable(x, "exit_flow/separable_conv"))));
}

Result<void> age_gender(Builder& build) {
    const auto features = TRY(xception_features(build));
    build.output(TRY(build.connected(features, "fc/age")), "age");
    build.output(build.softmax(TRY(build.connected(features, "fc/gender"))), "gender");
    return {};
}

Result<void> expression(Builder& build) {
    const auto features = TRY(dense_features(build));
    build.output(build.softmax(TRY(build.connected(features, "fc"))), "expression");
    return {};
}

Result<void> landmarks_68(Builder& build) {
    const auto features = TRY(dense_features(build));
    build.output(TRY(build.connected(features, "fc")), "landmarks");
    return {};
}

struct Topology {
    std::string_view name;
    Result<void> (*build)(Builder&);
};
constexpr Topology kTopologies[] = {
    {"face-api/age-gender", age_gender},
    {"face-api/expression", expression},
    {"face-api/landmarks-68", landmarks_68},
};

const Topology* find(std::string_view name) {
    const auto* found = std::find_if(std::begin(kTopologies), std::end(kTopologies),
                                     [&](const Topology& known) { return known.name == name; });
    return found == std::end(kTopologies) ? nullptr : found;
}

}  // namespace

bool has_topology(std::string_view name) {
    return find(name) != nullptr;
}

Result<std::unique_ptr<const Graph>> graph_of(std::string_view name, const Weights& weights) {
    const auto* topology = find(name);
    INVARIANT(topology != nullptr);
    Builder build(weights);
    TRY(topology->build(build));
    return build.finish();
}

}  // namespace neural::detail
