// Convolution, pooling, resizing and normalisation, each against a plain loop.
#include "neural/test_graph.h"

namespace neural {
namespace {

struct Windowed {
    Shape input;  // {n, c, h, w}
    std::int64_t outputs = 1;
    std::int64_t kernel_h = 3, kernel_w = 3;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    Shape pads = {0, 0, 0, 0};  // top, left, bottom, right
    std::int64_t groups = 1;

    std::int64_t out(std::int64_t size, std::int64_t kernel, std::int64_t before, std::int64_t after) const {
        return (size + before + after - (kernel - 1) * dilation - 1) / stride + 1;
    }
    std::int64_t height() const { return out(input[2], kernel_h, pads[0], pads[2]); }
    std::int64_t width() const { return out(input[3], kernel_w, pads[1], pads[3]); }
    Shape weights() const { return {outputs, input[1] / groups, kernel_h, kernel_w}; }
};

// Calls visit(y index, x index, tap) for every tap of every window that lies inside the picture.
template <class Visit>
void slide(const Windowed& w, std::int64_t channels, Visit visit) {
    std::size_t to = 0;
    for (std::int64_t n = 0; n < w.input[0]; ++n)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t i = 0; i < w.height(); ++i)
                for (std::int64_t j = 0; j < w.width(); ++j, ++to)
                    for (std::int64_t ki = 0; ki < w.kernel_h; ++ki)
                        for (std::int64_t kj = 0; kj < w.kernel_w; ++kj) {
                            const std::int64_t row = i * w.stride + ki * w.dilation - w.pads[0];
                            const std::int64_t column = j * w.stride + kj * w.dilation - w.pads[1];
                            if (row < 0 || row >= w.input[2] || column < 0 || column >= w.input[3]) continue;
                            visit(to, n, c, row * w.input[3] + column, ki * w.kernel_w + kj);
                        }
}

Numbers convolved(const Windowed& w, const Numbers& x, const Numbers& weights, const Numbers& bias) {
    Numbers y(static_cast<std::size_t>(w.input[0] * w.outputs * w.height() * w.width()));
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] =
            bias[i / static_cast<std::size_t>(w.height() * w.width()) % static_cast<std::size_t>(w.outputs)];
    const std::int64_t each = w.input[1] / w.groups;
    const std::int64_t area = w.input[2] * w.input[3];
    slide(w, w.outputs,
          [&](std::size_t to, std::int64_t n, std::int64_t o, std::int64_t at, std::int64_t tap) {
              for (std::int64_t c = 0; c < each; ++c) {
                  const std::int64_t channel = o / (w.outputs / w.groups) * each + c;
                  y[to] += x[static_cast<std::size_t>((n * w.input[1] + channel) * area + at)] *
                           weights[static_cast<std::size_t>((o * each + c) * w.kernel_h * w.kernel_w + tap)];
              }
          });
    return y;
}

void add_convolution(TestGraph& graph, const Windowed& w, const Numbers& weights, const Numbers& bias,
                     const std::string& from = "x", const std::string& to = "y") {
    graph.constant(to + ".w", w.weights(), weights).constant(to + ".b", {w.outputs}, bias);
    graph.node("Conv", {from, to + ".w", to + ".b"}, to)
        .with("kernel_shape", Shape{w.kernel_h, w.kernel_w})
        .with("strides", Shape{w.stride, w.stride})
        .with("dilations", Shape{w.dilation, w.dilation})
        .with("pads", w.pads)
        .with("group", w.groups);
}

std::vector<Windowed> convolutions() {
    return {
        {{1, 3, 20, 24}, 16, 3, 3, 2, 1, {1, 1, 1, 1}},
        {{1, 16, 9, 9}, 40, 1, 1},
        {{2, 5, 8, 7}, 7, 3, 3, 1, 1, {1, 1, 1, 1}},
        {{1, 24, 11, 13}, 24, 3, 3, 2, 1, {1, 1, 1, 1}, 24},
        {{1, 32, 7, 7}, 32, 7, 7, 1, 1, {0, 0, 0, 0}, 32},
        {{1, 12, 9, 9}, 8, 3, 3, 1, 1, {1, 1, 1, 1}, 4},
        {{1, 8, 12, 12}, 8, 3, 3, 1, 2, {2, 2, 2, 2}},
        {{1, 4, 10, 6}, 6, 5, 1, 1, 1, {2, 0, 1, 0}},
        {{1, 1, 6, 6}, 1, 3, 3, 1, 1, {1, 1, 1, 1}},
    };
}

TEST(Convolution, IsThatOfAPlainLoopInF32) {
    unsigned seed = 1;
    for (const Windowed& w : convolutions()) {
        TestGraph graph(w.input);
        const Numbers weights = some_numbers(w.weights(), ++seed);
        const Numbers bias = some_numbers({w.outputs}, ++seed);
        add_convolution(graph, w, weights, bias);
        const Numbers x = some_numbers(w.input, ++seed);
        expect_near(output_of(graph.output(), x).numbers, convolved(w, x, weights, bias));
    }
}

TEST(Convolution, IsNearlyThatOfAPlainLoopInBf16) {
    if (!has_bf16()) GTEST_SKIP() << "this CPU does not compute with bf16";
    unsigned seed = 1;
    for (const Windowed& w : convolutions()) {
        TestGraph graph(w.input);
        const Numbers weights = some_numbers(w.weights(), ++seed);
        const Numbers bias = some_numbers({w.outputs}, ++seed);
        add_convolution(graph, w, weights, bias);
        const Numbers x = some_numbers(w.input, ++seed);
        EXPECT_GT(
            cosine(output_of(graph.output(), x, Precision::bf16).numbers, convolved(w, x, weights, bias)),
            0.999);
    }
}

TEST(Convolution, ChoosesItsPaddingIfAsked) {
    for (const char* padding : {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
        Windowed w{{1, 4, 8, 8}, 4, 3, 3, 2};
        if (padding == std::string("SAME_UPPER")) w.pads = {0, 0, 1, 1};
        if (padding == std::string("SAME_LOWER")) w.pads = {1, 1, 0, 0};
        TestGraph graph(w.input);
        const Numbers weights = some_numbers(w.weights(), 2);
        graph.constant("w", w.weights(), weights);
        graph.node("Conv", {"x", "w"}, "y").with("strides", Shape{2, 2}).with("auto_pad", padding);
        const Numbers x = some_numbers(w.input, 3);
        expect_near(output_of(graph.output(), x).numbers, convolved(w, x, weights, Numbers(4, 0.0f)));
    }
}

TEST(Convolution, TakesInNormalisationAndFunctionsAroundIt) {
    const Windowed w{{1, 6, 9, 9}, 18, 3, 3, 1, 1, {1, 1, 1, 1}};
    TestGraph graph(w.input);
    const Numbers weights = some_numbers(w.weights(), 4);
    const Numbers bias = some_numbers({18}, 5);
    const Numbers gamma = some_numbers({18}, 6, 0.5f, 2), beta = some_numbers({18}, 7);
    const Numbers mean = some_numbers({18}, 8), variance = some_numbers({18}, 9, 0.5f, 2);
    const Numbers scale = some_numbers({6}, 10, 0.5f, 2);
    graph.constant("scale", {6, 1, 1}, scale).node("Mul", {"x", "scale"}, "scaled");
    add_convolution(graph, w, weights, bias, "scaled", "c");
    graph.constant("gamma", {18}, gamma).constant("beta", {18}, beta);
    graph.constant("mean", {18}, mean).constant("variance", {18}, variance);
    graph.node("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"}, "n").with("epsilon", 1e-3f);
    graph.node("LeakyRelu", {"n"}, "y").with("alpha", 0.25f);
    const Numbers x = some_numbers(w.input, 11);
    Numbers scaled = x;
    for (std::size_t i = 0; i < x.size(); ++i)
        scaled[i] *= scale[i / 81];
    Numbers y = convolved(w, scaled, weights, bias);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t c = i / 81;
        y[i] = (y[i] - mean[c]) / std::sqrt(variance[c] + 1e-3f) * gamma[c] + beta[c];
        if (y[i] < 0) y[i] *= 0.25f;
    }
    expect_near(output_of(graph.output(), x).numbers, y);
    EXPECT_EQ((*compiled(graph, Precision::f32))->outputs()[0].shape, (Shape{1, 18, 9, 9}));
}

// A shift before padding cannot go into the weights: the border would be shifted too.
TEST(Normalisation, BeforeAPaddedConvolutionLeavesTheBorderZero) {
    const Windowed w{{1, 16, 6, 6}, 16, 3, 3, 1, 1, {1, 1, 1, 1}};
    TestGraph graph(w.input);
    const Numbers weights = some_numbers(w.weights(), 12);
    const Numbers bias = some_numbers({16}, 13);
    const Numbers gamma = some_numbers({16}, 14, 0.5f, 2), beta = some_numbers({16}, 15);
    const Numbers zeros(16, 0.0f), ones(16, 1.0f);
    graph.constant("gamma", {16}, gamma)
        .constant("beta", {16}, beta)
        .constant("zeros", {16}, zeros)
        .constant("ones", {16}, ones);
    graph.node("BatchNormalization", {"x", "gamma", "beta", "zeros", "ones"}, "n").with("epsilon", 0.0f);
    add_convolution(graph, w, weights, bias, "n");
    const Numbers x = some_numbers(w.input, 16);
    Numbers n = x;
    for (std::size_t i = 0; i < n.size(); ++i)
        n[i] = n[i] * gamma[i / 36] + beta[i / 36];
    expect_near(output_of(graph.output(), x).numbers, convolved(w, n, weights, bias));
}

Numbers plus(Numbers a, const Numbers& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] += b[i];
    return a;
}

// A sum goes into the convolution whose other operand is read for the last time, and nowhere else.
TEST(Residual, AddsWhatIsReadAgainLaterToo) {
    const Windowed w{{1, 16, 8, 8}, 16, 3, 3, 1, 1, {1, 1, 1, 1}};
    const Numbers w1 = some_numbers(w.weights(), 17), w2 = some_numbers(w.weights(), 18),
                  b = some_numbers({16}, 19);
    for (bool read_again : {false, true}) {
        TestGraph graph(w.input);
        add_convolution(graph, w, w1, b, "x", "first");
        add_convolution(graph, w, w2, b, "first", "second");
        graph.node("Add", {"first", "second"}, read_again ? "sum" : "y");
        if (read_again) graph.node("Add", {"sum", "first"}, "y");
        const Numbers x = some_numbers(w.input, 20);
        const Numbers first = convolved(w, x, w1, b);
        const Numbers sum = plus(first, convolved(w, first, w2, b));
        expect_near(output_of(graph.output(), x).numbers, read_again ? plus(sum, first) : sum, 1e-3f);
    }
}

TEST(Residual, AppliesAFunctionAfterTheSum) {
    const Windowed w{{1, 16, 8, 8}, 16, 1, 1};
    const Numbers w1 = some_numbers(w.weights(), 21), w2 = some_numbers(w.weights(), 22),
                  b = some_numbers({16}, 23);
    TestGraph graph(w.input);
    add_convolution(graph, w, w1, b, "x", "first");
    add_convolution(graph, w, w2, b, "first", "second");
    graph.node("Add", {"second", "first"}, "sum");
    graph.node("Relu", {"sum"}, "y");
    const Numbers x = some_numbers(w.input, 24);
    const Numbers first = convolved(w, x, w1, b);
    Numbers y = plus(first, convolved(w, first, w2, b));
    for (float& number : y)
        number = std::max(number, 0.0f);
    expect_near(output_of(graph.output(), x).numbers, y);
}

// As in YuNet: a product of few channels and a depthwise convolution, several times over the same features.
TEST(Heads, AreTheSameWhenTheyAreComputedTogether) {
    const Shape input = {1, 24, 10, 10};
    TestGraph graph(input);
    const Numbers x = some_numbers(input, 25);
    std::vector<Numbers> expected;
    unsigned seed = 30;
    for (std::int64_t channels : {1, 4, 1, 10}) {
        const Windowed product{input, channels, 1, 1};
        const Windowed depthwise{{1, channels, 10, 10}, channels, 3, 3, 1, 1, {1, 1, 1, 1}, channels};
        const Numbers w1 = some_numbers(product.weights(), ++seed), b1 = some_numbers({channels}, ++seed);
        const Numbers w2 = some_numbers(depthwise.weights(), ++seed), b2 = some_numbers({channels}, ++seed);
        const std::string name = std::to_string(seed);
        add_convolution(graph, product, w1, b1, "x", "p" + name);
        add_convolution(graph, depthwise, w2, b2, "p" + name, "d" + name);
        graph.node("Transpose", {"d" + name}, "t" + name).with("perm", Shape{0, 2, 3, 1});
        graph.constant("s" + name, {1, -1, channels}).node("Reshape", {"t" + name, "s" + name}, "y" + name);
        graph.output("y" + name);
        const Numbers y = convolved(depthwise, convolved(product, x, w1, b1), w2, b2);
        Numbers interleaved(y.size());
        for (std::size_t i = 0; i < y.size(); ++i)
            interleaved[i % 100 * static_cast<std::size_t>(channels) + i / 100] = y[i];
        expected.push_back(std::move(interleaved));
    }
    const auto outputs = outputs_of(graph, x);
    ASSERT_EQ(outputs.size(), expected.size());
    for (std::size_t i = 0; i < outputs.size(); ++i)
        expect_near(outputs[i].numbers, expected[i]);
}

Numbers pooled(const Windowed& w, const Numbers& x, bool largest, bool count_padding) {
    const auto size = static_cast<std::size_t>(w.input[0] * w.input[1] * w.height() * w.width());
    Numbers y(size, largest ? -1e9f : 0.0f);
    Numbers counts(size, 0.0f);
    slide(w, w.input[1], [&](std::size_t to, std::int64_t n, std::int64_t c, std::int64_t at, std::int64_t) {
        const float number = x[static_cast<std::size_t>((n * w.input[1] + c) * w.input[2] * w.input[3] + at)];
        y[to] = largest ? std::max(y[to], number) : y[to] + number;
        ++counts[to];
    });
    for (std::size_t i = 0; i < size && !largest; ++i)
        y[i] /= count_padding ? static_cast<float>(w.kernel_h * w.kernel_w) : counts[i];
    return y;
}

TEST(Pooling, TakesTheLargestOrTheMean) {
    for (const Windowed& w :
         {Windowed{{1, 20, 8, 8}, 20, 2, 2, 2}, Windowed{{2, 5, 9, 7}, 5, 3, 3, 2, 1, {1, 1, 1, 1}},
          Windowed{{1, 16, 6, 6}, 16, 3, 3, 1}}) {
        const Numbers x = some_numbers(w.input, 40);
        for (const char* name : {"MaxPool", "AveragePool"}) {
            for (int count_padding : {0, 1}) {
                const bool largest = name == std::string("MaxPool");
                TestGraph graph(w.input);
                auto node = graph.node(name, {"x"}, "y");
                node.with("kernel_shape", Shape{w.kernel_h, w.kernel_w})
                    .with("strides", Shape{w.stride, w.stride});
                node.with("pads", w.pads);
                if (!largest) node.with("count_include_pad", count_padding);
                expect_near(output_of(graph.output(), x).numbers, pooled(w, x, largest, count_padding != 0));
            }
        }
    }
}

TEST(Pooling, RoundsTheSizeUpInCeilMode) {
    TestGraph graph({1, 16, 7, 7});
    graph.node("MaxPool", {"x"}, "y")
        .with("kernel_shape", Shape{2, 2})
        .with("strides", Shape{2, 2})
        .with("ceil_mode", 1);
    const Numbers x = some_numbers({1, 16, 7, 7}, 41);
    const TestOutput y = output_of(graph.output(), x);
    EXPECT_EQ(y.shape, (Shape{1, 16, 4, 4}));
    expect_near(y.numbers, pooled({{1, 16, 7, 7}, 16, 2, 2, 2, 1, {0, 0, 1, 1}}, x, true, false));
}

TEST(Pooling, OverTheWholePicture) {
    const Shape shape = {2, 20, 5, 6};
    const Numbers x = some_numbers(shape, 42);
    for (const char* name : {"GlobalAveragePool", "GlobalMaxPool"}) {
        TestGraph graph(shape);
        graph.node(name, {"x"}, "y");
        const TestOutput y = output_of(graph.output(), x);
        EXPECT_EQ(y.shape, (Shape{2, 20, 1, 1}));
        expect_near(y.numbers, pooled({shape, 20, 5, 6}, x, name == std::string("GlobalMaxPool"), false));
    }
}

TEST(Resize, RepeatsEachPixelAWholeNumberOfTimes) {
    const Shape shape = {1, 20, 3, 5};
    const Numbers x = some_numbers(shape, 43);
    for (int opset : {9, 11, 13}) {
        for (int times : {2, 3}) {
            TestGraph graph(shape, opset);
            graph.constant("scales", {4}, Numbers{1, 1, float(times), float(times)});
            if (opset == 9)
                graph.node("Upsample", {"x", "scales"}, "y").with("mode", "nearest");
            else
                graph.node("Resize", {"x", "", "scales"}, "y")
                    .with("mode", "nearest")
                    .with("coordinate_transformation_mode", "asymmetric")
                    .with("nearest_mode", "floor");
            const auto t = static_cast<std::size_t>(times);
            Numbers y(x.size() * t * t);
            for (std::size_t i = 0; i < y.size(); ++i) {
                const std::size_t column = i % (5 * t) / t, row = i / (5 * t) % (3 * t) / t,
                                  c = i / (15 * t * t);
                y[i] = x[c * 15 + row * 5 + column];
            }
            const TestOutput got = output_of(graph.output(), x);
            EXPECT_EQ(got.shape, (Shape{1, 20, 3 * times, 5 * times}));
            expect_near(got.numbers, y);
        }
    }
}

TEST(Resize, BlendsNeighboursInLinearMode) {
    TestGraph graph({1, 1, 1, 3});
    graph.constant("sizes", {1, 1, 1, 6});
    graph.node("Resize", {"x", "", "", "sizes"}, "y")
        .with("mode", "linear")
        .with("coordinate_transformation_mode", "half_pixel");
    expect_near(output_of(graph.output(), {0, 4, 8}).numbers, {0, 1, 3, 5, 7, 8});
}

}  // namespace
}  // namespace neural
