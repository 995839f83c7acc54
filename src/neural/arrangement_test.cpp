// Operators that arrange elements, and shapes computed in the graph.
#include <numeric>

#include "neural/test_graph.h"

namespace neural {
namespace {

Numbers counting(const Shape& shape) {
    Numbers numbers(count_of(shape));
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    return numbers;
}

void expect_output(TestGraph& graph, const Numbers& input, const Shape& shape, const Numbers& numbers) {
    const TestOutput got = output_of(graph.output(), input);
    EXPECT_EQ(got.shape, shape);
    expect_near(got.numbers, numbers);
}

TEST(Transpose, MovesDimensions) {
    TestGraph graph({2, 3, 2});
    graph.node("Transpose", {"x"}, "y").with("perm", Shape{2, 0, 1});
    expect_output(graph, counting({2, 3, 2}), {2, 2, 3}, {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
    TestGraph reversed({2, 3});
    reversed.node("Transpose", {"x"}, "y");
    expect_output(reversed, counting({2, 3}), {3, 2}, {0, 3, 1, 4, 2, 5});
}

TEST(Reshape, CopiesAndCompletesDimensions) {
    TestGraph graph({2, 3, 4});
    graph.constant("shape", {0, -1, 2}).node("Reshape", {"x", "shape"}, "y");
    expect_output(graph, counting({2, 3, 4}), {2, 6, 2}, counting({24}));
}

TEST(Reshape, AfterATransposeReadsTheNewOrder) {
    TestGraph graph({2, 3});
    graph.node("Transpose", {"x"}, "t");
    graph.constant("shape", {6}).node("Reshape", {"t", "shape"}, "y");
    expect_output(graph, counting({2, 3}), {6}, {0, 3, 1, 4, 2, 5});
}

// x.view(x.size(0), -1) as PyTorch writes it.
TEST(Reshape, TakesAShapeThatTheGraphComputes) {
    TestGraph graph({2, 3, 2}, 11);
    graph.node("Shape", {"x"}, "shape");
    graph.proto().mutable_graph()->add_initializer()->CopyFrom([] {
        onnx::TensorProto zero;
        zero.set_name("zero");
        zero.set_data_type(onnx::TensorProto::INT64);
        zero.add_int64_data(0);
        return zero;
    }());
    graph.node("Gather", {"shape", "zero"}, "batch").with("axis", 0);
    graph.node("Unsqueeze", {"batch"}, "first").with("axes", Shape{0});
    graph.constant("rest", {-1});
    graph.node("Concat", {"first", "rest"}, "wanted").with("axis", 0);
    graph.node("Reshape", {"x", "wanted"}, "y");
    expect_output(graph, counting({2, 3, 2}), {2, 6}, counting({12}));
}

TEST(Flatten, JoinsDimensionsOnEachSideOfItsAxis) {
    TestGraph graph({2, 3, 4});
    graph.node("Flatten", {"x"}, "y").with("axis", 2);
    expect_output(graph, counting({2, 3, 4}), {6, 4}, counting({24}));
}

TEST(Squeeze, AndUnsqueezeTakeAxesFromAttributesOrInputs) {
    TestGraph old({1, 3, 1, 2}, 11);
    old.node("Squeeze", {"x"}, "s").with("axes", Shape{0, -2});
    old.node("Unsqueeze", {"s"}, "y").with("axes", Shape{0, 3});
    expect_output(old, counting({6}), {1, 3, 2, 1}, counting({6}));
    TestGraph now({1, 3, 1, 2}, 13);
    now.constant("gone", {0, 2}).constant("new", {1});
    now.node("Squeeze", {"x", "gone"}, "s");
    now.node("Unsqueeze", {"s", "new"}, "y");
    expect_output(now, counting({6}), {3, 1, 2}, counting({6}));
}

TEST(Slice, TakesRangesWithSteps) {
    TestGraph graph({1, 4, 6});
    graph.constant("starts", {1, -5})
        .constant("ends", {3, 1000})
        .constant("axes", {1, 2})
        .constant("steps", {1, 2});
    graph.node("Slice", {"x", "starts", "ends", "axes", "steps"}, "y");
    expect_output(graph, counting({1, 4, 6}), {1, 2, 3}, {7, 9, 11, 13, 15, 17});
    TestGraph old({1, 4, 6}, 9);
    old.node("Slice", {"x"}, "y").with("axes", Shape{1}).with("starts", Shape{3}).with("ends", Shape{4});
    expect_output(old, counting({1, 4, 6}), {1, 1, 6}, {18, 19, 20, 21, 22, 23});
}

TEST(Slice, OfAConvolutionGoesThroughItsLayout) {
    TestGraph graph({1, 3, 2, 2});
    Numbers weights(20 * 3, 0.0f);
    for (std::size_t o = 0; o < 20; ++o)
        weights[o * 3] = static_cast<float>(o);
    graph.constant("w", {20, 3, 1, 1}, weights).node("Conv", {"x", "w"}, "c");
    graph.constant("starts", {7}).constant("ends", {9}).constant("axes", {1});
    graph.node("Slice", {"c", "starts", "ends", "axes"}, "s");
    graph.node("Relu", {"s"}, "y");
    expect_output(graph, {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}, {1, 2, 2, 2}, {7, 14, 21, 28, 8, 16, 24, 32});
}

TEST(Split, AndConcatUndoEachOther) {
    TestGraph graph({2, 6});
    graph.constant("sizes", {1, 2, 3});
    graph.node("Split", {"x", "sizes"}, std::vector<std::string>{"a", "b", "c"}).with("axis", 1);
    graph.node("Concat", {"c", "b", "a"}, "y").with("axis", 1);
    expect_output(graph, counting({2, 6}), {2, 6}, {3, 4, 5, 1, 2, 0, 9, 10, 11, 7, 8, 6});
}

TEST(Pad, SurroundsWithAValue) {
    TestGraph graph({1, 1, 1, 2}, 11);
    graph.constant("pads", {0, 0, 1, 0, 0, 0, 0, 1})
        .constant("value", {}, Numbers{9})
        .node("Pad", {"x", "pads", "value"}, "y");
    expect_output(graph, {1, 2}, {1, 1, 2, 3}, {9, 9, 9, 1, 2, 9});
    TestGraph old({2}, 9);
    old.node("Pad", {"x"}, "y").with("pads", Shape{1, 1}).with("mode", "constant").with("value", 0.5f);
    expect_output(old, {1, 2}, {4}, {0.5f, 1, 2, 0.5f});
}

TEST(Pad, OfZerosBecomesTheWindowsPadding) {
    TestGraph graph({1, 1, 2, 2}, 11);
    graph.constant("pads", {0, 0, 1, 1, 0, 0, 0, 0}).node("Pad", {"x", "pads"}, "p");
    graph.constant("w", {1, 1, 2, 2}, Numbers{1, 10, 100, 1000}).node("Conv", {"p", "w"}, "y");
    expect_output(graph, {1, 2, 3, 4}, {1, 1, 2, 2}, {1000, 2100, 3010, 4321});
}

TEST(Identity, AndDropoutChangeNothing) {
    TestGraph graph({3}, 11);
    graph.node("Identity", {"x"}, "i");
    graph.node("Dropout", {"i"}, "y").with("ratio", 0.5f);
    expect_output(graph, {1, 2, 3}, {3}, {1, 2, 3});
}

TEST(Constant, MayBeAnOutput) {
    TestGraph graph({3});
    graph.constant("c", {2}, Numbers{5, 6}).node("Relu", {"x"}, "y");
    graph.output("y").output("c");
    const auto outputs = outputs_of(graph, {-1, 0, 1});
    ASSERT_EQ(outputs.size(), 2u);
    expect_near(outputs[0].numbers, {0, 0, 1});
    expect_near(outputs[1].numbers, {5, 6});
}

TEST(Constant, OfHalfAndDoublePrecisionIsRead) {
    TestGraph graph({2});
    auto& half = *graph.proto().mutable_graph()->add_initializer();
    half.set_name("half");
    half.set_data_type(onnx::TensorProto::FLOAT16);
    half.add_dims(2);
    half.add_int32_data(0x3c00);  // 1
    half.add_int32_data(0xc100);  // -2.5
    auto& twice = *graph.proto().mutable_graph()->add_initializer();
    twice.set_name("twice");
    twice.set_data_type(onnx::TensorProto::DOUBLE);
    twice.add_dims(2);
    twice.add_double_data(100);
    twice.add_double_data(200);
    graph.node("Add", {"x", "half"}, "a");
    graph.node("Add", {"a", "twice"}, "y");
    expect_output(graph, {1, 2}, {2}, {102, 199.5f});
}

}  // namespace
}  // namespace neural
