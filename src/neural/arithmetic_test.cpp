// Operators that compute element by element, multiply matrices or reduce, each against a plain loop.
#include <limits>
#include <numeric>

#include "neural/test_graph.h"

namespace neural {
namespace {

const Shape kPicture = {1, 20, 5, 7};

using Function = std::function<float(float)>;

struct ElementwiseCase {
    std::string name;
    std::function<void(TestGraph&)> build;
    Function expected;
    float low = -8;
    float high = 8;
};

TestGraph& unary(TestGraph& graph, const std::string& name) {
    graph.node(name, {"x"}, "y");
    return graph;
}

std::vector<ElementwiseCase> elementwise_cases() {
    auto plain = [](const std::string& name) { return [name](TestGraph& graph) { unary(graph, name); }; };
    auto sigmoid = [](float x) { return 1 / (1 + std::exp(-x)); };
    return {
        {"Relu", plain("Relu"), [](float x) { return std::max(x, 0.0f); }},
        {"Sigmoid", plain("Sigmoid"), sigmoid},
        {"Tanh", plain("Tanh"), [](float x) { return std::tanh(x); }},
        {"Exp", plain("Exp"), [](float x) { return std::exp(x); }, -4, 4},
        {"Log", plain("Log"), [](float x) { return std::log(x); }, 0.1f, 8},
        {"Sqrt", plain("Sqrt"), [](float x) { return std::sqrt(x); }, 0, 8},
        {"Abs", plain("Abs"), [](float x) { return std::abs(x); }},
        {"Neg", plain("Neg"), [](float x) { return -x; }},
        {"HardSwish", plain("HardSwish"), [](float x) { return x * std::clamp(x / 6 + 0.5f, 0.0f, 1.0f); }},
        {"HardSigmoid",
         [](TestGraph& graph) {
             graph.node("HardSigmoid", {"x"}, "y").with("alpha", 0.25f).with("beta", 0.4f);
         },
         [](float x) { return std::clamp(0.25f * x + 0.4f, 0.0f, 1.0f); }},
        {"LeakyRelu", [](TestGraph& graph) { graph.node("LeakyRelu", {"x"}, "y").with("alpha", 0.25f); },
         [](float x) { return x < 0 ? 0.25f * x : x; }},
        {"Elu", plain("Elu"), [](float x) { return x < 0 ? std::exp(x) - 1 : x; }, -4, 4},
        {"Clip",
         [](TestGraph& graph) {
             graph.constant("low", {}, Numbers{-1})
                 .constant("high", {}, Numbers{2})
                 .node("Clip", {"x", "low", "high"}, "y");
         },
         [](float x) { return std::clamp(x, -1.0f, 2.0f); }},
        {"ClipBelow",
         [](TestGraph& graph) {
             graph.constant("low", {}, Numbers{-1}).node("Clip", {"x", "low"}, "y");
         },
         [](float x) { return std::max(x, -1.0f); }},
        {"ClipTwice",
         [](TestGraph& graph) {
             graph.constant("low", {}, Numbers{0}).constant("high", {}, Numbers{6});
             graph.node("Clip", {"x", "low"}, "positive");
             graph.node("Clip", {"positive", "", "high"}, "y");
         },
         [](float x) { return std::clamp(x, 0.0f, 6.0f); }},
        {"Square",
         [](TestGraph& graph) {
             graph.constant("two", {}, Numbers{2}).node("Pow", {"x", "two"}, "y");
         },
         [](float x) { return x * x; }},
        {"Cube",
         [](TestGraph& graph) {
             graph.constant("three", {}, Numbers{3}).node("Pow", {"x", "three"}, "y");
         },
         [](float x) { return x * x * x; }},
        {"AddScalar",
         [](TestGraph& graph) {
             graph.constant("c", {1}, Numbers{3}).node("Add", {"x", "c"}, "y");
         },
         [](float x) { return x + 3; }},
        {"ScalarMinus",
         [](TestGraph& graph) {
             graph.constant("c", {}, Numbers{3}).node("Sub", {"c", "x"}, "y");
         },
         [](float x) { return 3 - x; }},
        {"DivideByScalar",
         [](TestGraph& graph) {
             graph.constant("c", {}, Numbers{4}).node("Div", {"x", "c"}, "y");
         },
         [](float x) { return x / 4; }},
        {"ScalarDividedBy",
         [](TestGraph& graph) {
             graph.constant("c", {}, Numbers{4}).node("Div", {"c", "x"}, "y");
         },
         [](float x) { return 4 / x; }, 1, 8},
        {"NormalisedInput",
         [](TestGraph& graph) {
             graph.constant("mean", {}, Numbers{3}).constant("scale", {}, Numbers{0.5f});
             graph.node("Sub", {"x", "mean"}, "centred");
             graph.node("Mul", {"centred", "scale"}, "y");
         },
         [](float x) { return (x - 3) * 0.5f; }},
        {"ConstantsAmongThemselves",
         [](TestGraph& graph) {
             graph.constant("a", {}, Numbers{3}).constant("b", {}, Numbers{2});
             graph.node("Mul", {"a", "b"}, "six");
             graph.node("Add", {"x", "six"}, "y");
         },
         [](float x) { return x + 6; }},
    };
}

class Elementwise : public testing::TestWithParam<ElementwiseCase> {};

TEST_P(Elementwise, ComputesAsOnnxSays) {
    const auto& [name, build, expected, low, high] = GetParam();
    TestGraph graph(kPicture);
    build(graph);
    const Numbers x = some_numbers(kPicture, 1, low, high);
    Numbers y = x;
    std::transform(x.begin(), x.end(), y.begin(), expected);
    expect_near(output_of(graph.output(), x).numbers, y);
}

INSTANTIATE_TEST_SUITE_P(Every, Elementwise, testing::ValuesIn(elementwise_cases()),
                         [](const auto& test) { return test.param.name; });

float combine(const std::string& name, float a, float b) {
    if (name == "Add") return a + b;
    if (name == "Sub") return a - b;
    if (name == "Mul") return a * b;
    if (name == "Div") return a / b;
    if (name == "Max") return std::max(a, b);
    return std::min(a, b);
}

class TwoOperands : public testing::TestWithParam<const char*> {};

TEST_P(TwoOperands, CombineTwoComputedValues) {
    TestGraph graph(kPicture);
    graph.node("Sigmoid", {"x"}, "a");
    graph.node("Exp", {"x"}, "b");
    graph.node(GetParam(), {"a", "b"}, "y");
    const Numbers x = some_numbers(kPicture, 2);
    Numbers y;
    for (float number : x)
        y.push_back(combine(GetParam(), 1 / (1 + std::exp(-number)), std::exp(number)));
    expect_near(output_of(graph.output(), x).numbers, y);
}

TEST_P(TwoOperands, RepeatTheSmallerOperandOnEitherSide) {
    for (const Shape& small :
         {Shape{20, 1, 1}, Shape{1, 20, 1, 1}, Shape{7}, Shape{5, 1}, Shape{1, 1, 5, 7}}) {
        for (bool swapped : {false, true}) {
            TestGraph graph(kPicture);
            const Numbers c = some_numbers(small, 3, 0.5f, 2);
            graph.constant("c", small, c);
            graph.node(GetParam(),
                       swapped ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"},
                       "y");
            const Numbers x = some_numbers(kPicture, 4, 0.5f, 2);
            Numbers y;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const std::size_t column = i % 7, row = i / 7 % 5, channel = i / 35;
                std::size_t from = 0;
                const auto wide = small.back() == 7;
                const auto high = small.size() > 1 && small[small.size() - 2] == 5;
                if (wide) from += column;
                if (high) from += row * (wide ? 7 : 1);
                if (!wide && !high) from = channel;
                y.push_back(swapped ? combine(GetParam(), c[from], x[i])
                                    : combine(GetParam(), x[i], c[from]));
            }
            expect_near(output_of(graph.output(), x).numbers, y);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Every, TwoOperands, testing::Values("Add", "Sub", "Mul", "Div", "Max", "Min"));

TEST(PRelu, HasASlopePerChannel) {
    TestGraph graph(kPicture);
    const Numbers slope = some_numbers({20}, 5, 0, 0.5f);
    graph.constant("slope", {20, 1, 1}, slope).node("PRelu", {"x", "slope"}, "y");
    const Numbers x = some_numbers(kPicture, 6);
    Numbers y = x;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (x[i] < 0) y[i] *= slope[i / 35];
    expect_near(output_of(graph.output(), x).numbers, y);
}

TEST(Clip, TakesItsBoundsFromAttributesBeforeOpset11) {
    TestGraph graph(kPicture, 9);
    graph.node("Clip", {"x"}, "y").with("min", -0.25f).with("max", 0.5f);
    const Numbers x = some_numbers(kPicture, 7);
    Numbers y;
    for (float number : x)
        y.push_back(std::clamp(number, -0.25f, 0.5f));
    expect_near(output_of(graph.output(), x).numbers, y);
}

// rows x inner times inner x columns.
Numbers product(const Numbers& a, const Numbers& b, std::size_t rows, std::size_t inner,
                std::size_t columns) {
    Numbers y(rows * columns, 0.0f);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t i = 0; i < inner; ++i)
            for (std::size_t c = 0; c < columns; ++c)
                y[r * columns + c] += a[r * inner + i] * b[i * columns + c];
    return y;
}

TEST(Gemm, MultipliesAddsAndScales) {
    for (bool transposed : {false, true}) {
        TestGraph graph({3, 11});
        const Numbers b = some_numbers({11, 6}, 8);
        Numbers stored = b;
        for (std::size_t i = 0; transposed && i < 11; ++i)
            for (std::size_t c = 0; c < 6; ++c)
                stored[c * 11 + i] = b[i * 6 + c];
        const Numbers bias = some_numbers({6}, 9);
        graph.constant("b", transposed ? Shape{6, 11} : Shape{11, 6}, stored).constant("c", {6}, bias);
        graph.node("Gemm", {"x", "b", "c"}, "y")
            .with("alpha", 2.0f)
            .with("beta", 0.5f)
            .with("transB", transposed ? 1 : 0);
        const Numbers x = some_numbers({3, 11}, 10);
        Numbers y = product(x, b, 3, 11, 6);
        for (std::size_t i = 0; i < y.size(); ++i)
            y[i] = 2 * y[i] + 0.5f * bias[i % 6];
        expect_near(output_of(graph.output(), x).numbers, y);
    }
}

TEST(MatMul, MultipliesAKnownMatrixAndComputedOnes) {
    TestGraph known({3, 11});
    const Numbers b = some_numbers({11, 6}, 11);
    known.constant("b", {11, 6}, b).node("MatMul", {"x", "b"}, "y");
    const Numbers x = some_numbers({3, 11}, 12);
    expect_near(output_of(known.output(), x).numbers, product(x, b, 3, 11, 6));

    TestGraph computed({4, 5});
    computed.node("Transpose", {"x"}, "t").with("perm", Shape{1, 0});
    computed.node("MatMul", {"x", "t"}, "y");
    const Numbers z = some_numbers({4, 5}, 13);
    Numbers transposed(20);
    for (std::size_t i = 0; i < 20; ++i)
        transposed[i % 5 * 4 + i / 5] = z[i];
    expect_near(output_of(computed.output(), z).numbers, product(z, transposed, 4, 5, 4));
}

struct Reduction {
    const char* name;
    std::function<float(const Numbers&)> expected;
};

TEST(Reduce, WorksOverAnyAxes) {
    auto sum = [](const Numbers& n) { return std::accumulate(n.begin(), n.end(), 0.0f); };
    const std::vector<Reduction> reductions = {
        {"ReduceSum", sum},
        {"ReduceMean", [&](const Numbers& n) { return sum(n) / static_cast<float>(n.size()); }},
        {"ReduceMax", [](const Numbers& n) { return *std::max_element(n.begin(), n.end()); }},
        {"ReduceMin", [](const Numbers& n) { return *std::min_element(n.begin(), n.end()); }},
        {"ReduceL1",
         [](const Numbers& n) {
             float s = 0;
             for (float x : n)
                 s += std::abs(x);
             return s;
         }},
        {"ReduceL2",
         [](const Numbers& n) {
             float s = 0;
             for (float x : n)
                 s += x * x;
             return std::sqrt(s);
         }},
    };
    const Numbers x = some_numbers(kPicture, 14);
    for (const auto& [name, expected] : reductions) {
        for (const Shape& axes : {Shape{1}, Shape{2, 3}, Shape{-1}, Shape{0, 1, 2, 3}}) {
            TestGraph graph(kPicture, 11);
            graph.node(name, {"x"}, "y").with("axes", axes).with("keepdims", 0);
            auto reduced = [&](std::int64_t axis) {
                return std::find(axes.begin(), axes.end(), axis) != axes.end() ||
                       std::find(axes.begin(), axes.end(), axis - 4) != axes.end();
            };
            std::map<Shape, Numbers> groups;
            for (std::size_t i = 0; i < x.size(); ++i) {
                Shape key = {0, std::int64_t(i / 35), std::int64_t(i / 7 % 5), std::int64_t(i % 7)};
                for (std::int64_t axis = 0; axis < 4; ++axis)
                    if (reduced(axis)) key[static_cast<std::size_t>(axis)] = 0;
                groups[key].push_back(x[i]);
            }
            Numbers y;
            for (const auto& [key, members] : groups)
                y.push_back(expected(members));
            SCOPED_TRACE(name);
            expect_near(output_of(graph.output(), x).numbers, y);
        }
    }
}

TEST(Reduce, TakesItsAxesFromAnInputInNewerOpsets) {
    TestGraph graph(kPicture, 13);
    graph.constant("axes", {1}).node("ReduceSum", {"x", "axes"}, "y").with("keepdims", 1);
    const Numbers x = some_numbers(kPicture, 15);
    const TestOutput y = output_of(graph.output(), x);
    EXPECT_EQ(y.shape, (Shape{1, 1, 5, 7}));
    float sum = 0;
    for (std::size_t channel = 0; channel < 20; ++channel)
        sum += x[channel * 35];
    EXPECT_NEAR(y.numbers.at(0), sum, 1e-4f);
}

TEST(Softmax, SumsToOneAlongItsAxis) {
    for (int opset : {11, 13}) {
        TestGraph graph({2, 5, 1, 3}, opset);
        graph.node("Softmax", {"x"}, "y").with("axis", 1);
        const Numbers x = some_numbers({2, 5, 1, 3}, 16, -3, 3);
        Numbers y(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            float total = 0;
            for (std::size_t k = 0; k < 5; ++k)
                if (opset >= 13) total += std::exp(x[i / 15 * 15 + k * 3 + i % 3]);
            for (std::size_t k = 0; k < 15; ++k)
                if (opset < 13) total += std::exp(x[i / 15 * 15 + k]);
            y[i] = std::exp(x[i]) / total;
        }
        expect_near(output_of(graph.output(), x).numbers, y);
    }
}

TEST(Normalisation, ToUnitLengthAsPyTorchWritesIt) {
    TestGraph graph({4, 10}, 11);
    graph.constant("eps", {}, Numbers{1e-12f});
    graph.node("ReduceL2", {"x"}, "length").with("axes", Shape{1}).with("keepdims", 1);
    graph.node("Clip", {"length", "eps"}, "safe");
    graph.node("Shape", {"x"}, "shape");
    graph.node("Expand", {"safe", "shape"}, "repeated");
    graph.node("Div", {"x", "repeated"}, "y");
    const Numbers x = some_numbers({4, 10}, 17);
    Numbers y = x;
    for (std::size_t row = 0; row < 4; ++row) {
        float square = 0;
        for (std::size_t i = 0; i < 10; ++i)
            square += x[row * 10 + i] * x[row * 10 + i];
        for (std::size_t i = 0; i < 10; ++i)
            y[row * 10 + i] /= std::sqrt(square);
    }
    expect_near(output_of(graph.output(), x).numbers, y);
    TestGraph at_once({4, 10});
    at_once.node("LpNormalization", {"x"}, "y").with("axis", 1).with("p", 2);
    expect_near(output_of(at_once.output(), x).numbers, y);
}

}  // namespace
}  // namespace neural
