// ONNX files made by tests, and what a network makes of them.
#pragma once

#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "neural/network.h"

namespace neural {

using Numbers = std::vector<float>;

inline std::size_t count_of(const Shape& shape) {
    std::size_t count = 1;
    for (auto size : shape)
        count *= static_cast<std::size_t>(size);
    return count;
}

inline Numbers some_numbers(const Shape& shape, unsigned seed, float low = -1, float high = 1) {
    std::mt19937 random(seed);
    Numbers numbers(count_of(shape));
    for (float& number : numbers)
        number = low + (high - low) * static_cast<float>(random() % 65536) / 65535.0f;
    return numbers;
}

// A node whose attributes are added one after the other.
class TestNode {
public:
    explicit TestNode(onnx::NodeProto& node) : node_(node) {}
    TestNode& with(const std::string& name, std::int64_t number) {
        auto& attribute = add(name, onnx::AttributeProto::INT);
        attribute.set_i(number);
        return *this;
    }
    TestNode& with(const std::string& name, int number) { return with(name, std::int64_t{number}); }
    TestNode& with(const std::string& name, float number) {
        add(name, onnx::AttributeProto::FLOAT).set_f(number);
        return *this;
    }
    TestNode& with(const std::string& name, const char* text) {
        add(name, onnx::AttributeProto::STRING).set_s(text);
        return *this;
    }
    TestNode& with(const std::string& name, const Shape& numbers) {
        auto& attribute = add(name, onnx::AttributeProto::INTS);
        for (auto number : numbers)
            attribute.add_ints(number);
        return *this;
    }

private:
    onnx::AttributeProto& add(const std::string& name, onnx::AttributeProto::AttributeType type) {
        auto& attribute = *node_.add_attribute();
        attribute.set_name(name);
        attribute.set_type(type);
        return attribute;
    }
    onnx::NodeProto& node_;
};

// One input "x"; outputs are named by output().
class TestGraph {
public:
    explicit TestGraph(const Shape& input, int opset = 13) : shape_(input) {
        model_.set_ir_version(8);
        model_.add_opset_import()->set_version(opset);
        describe(*model_.mutable_graph()->add_input(), "x", input);
    }

    TestGraph& constant(const std::string& name, const Shape& shape, const Numbers& numbers) {
        auto& tensor = add_tensor(name, shape, onnx::TensorProto::FLOAT);
        tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(float));
        return *this;
    }
    TestGraph& constant(const std::string& name, const Shape& integers) {
        auto& tensor =
            add_tensor(name, {static_cast<std::int64_t>(integers.size())}, onnx::TensorProto::INT64);
        for (auto number : integers)
            tensor.add_int64_data(number);
        return *this;
    }
    TestNode node(const std::string& name, const std::vector<std::string>& inputs,
                  const std::string& output) {
        return node(name, inputs, std::vector<std::string>{output});
    }
    TestNode node(const std::string& name, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs) {
        auto& node = *model_.mutable_graph()->add_node();
        node.set_op_type(name);
        for (const auto& input : inputs)
            node.add_input(input);
        for (const auto& output : outputs)
            node.add_output(output);
        return TestNode(node);
    }
    TestGraph& output(const std::string& name = "y") {
        describe(*model_.mutable_graph()->add_output(), name, {});
        return *this;
    }

    std::string bytes() const { return model_.SerializeAsString(); }
    const Shape& input_shape() const { return shape_; }
    onnx::ModelProto& proto() { return model_; }

private:
    onnx::TensorProto& add_tensor(const std::string& name, const Shape& shape,
                                  onnx::TensorProto::DataType type) {
        auto& tensor = *model_.mutable_graph()->add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(type);
        for (auto size : shape)
            tensor.add_dims(size);
        return tensor;
    }
    static void describe(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape) {
        info.set_name(name);
        auto& tensor = *info.mutable_type()->mutable_tensor_type();
        tensor.set_elem_type(onnx::TensorProto::FLOAT);
        for (auto size : shape)
            tensor.mutable_shape()->add_dim()->set_dim_value(size);
    }

    onnx::ModelProto model_;
    Shape shape_;
};

inline Result<std::shared_ptr<const Network>> compiled(const TestGraph& graph, Precision precision) {
    auto model = TRY(Model::read(base::view(graph.bytes())));
    return Network::compile(model, graph.input_shape(), precision);
}

struct TestOutput {
    Shape shape;
    Numbers numbers;
};

// The outputs for `input`; a refusal or failure fails the test.
inline std::vector<TestOutput> outputs_of(const TestGraph& graph, const Numbers& input,
                                          Precision precision = Precision::f32) {
    auto network = compiled(graph, precision);
    EXPECT_TRUE(network.ok()) << (network.ok() ? "" : network.error().message() + network.error().detail());
    if (!network.ok()) return {};
    Session session(*network);
    EXPECT_EQ(session.input().size(), input.size());
    std::copy(input.begin(), input.end(), session.input().begin());
    auto done = session.run();
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().detail());
    std::vector<TestOutput> outputs;
    for (std::size_t i = 0; i < (*network)->outputs().size(); ++i) {
        auto numbers = session.output(i);
        outputs.push_back({(*network)->outputs()[i].shape, {numbers.begin(), numbers.end()}});
    }
    return outputs;
}

inline TestOutput output_of(const TestGraph& graph, const Numbers& input,
                            Precision precision = Precision::f32) {
    auto outputs = outputs_of(graph, input, precision);
    return outputs.empty() ? TestOutput{} : outputs.front();
}

inline double cosine(const Numbers& a, const Numbers& b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        ab += double{a[i]} * b[i];
        aa += double{a[i]} * a[i];
        bb += double{b[i]} * b[i];
    }
    return aa == 0 && bb == 0 ? 1 : ab / std::sqrt(aa * bb);
}

inline void expect_near(const Numbers& got, const Numbers& expected, float tolerance = 1e-4f) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(got[i], expected[i], tolerance * std::max(1.0f, std::abs(expected[i]))) << "at " << i;
}

}  // namespace neural
