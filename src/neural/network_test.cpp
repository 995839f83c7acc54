// What may be given as a model, what is refused, and how sessions behave.
#include "neural/network.h"

#include <algorithm>
#include <thread>

#include "neural/test_graph.h"

namespace neural {
namespace {

using testing::HasSubstr;

Error refusal_of(const TestGraph& graph, Precision precision = Precision::f32) {
    auto network = compiled(graph, precision);
    EXPECT_FALSE(network.ok());
    return network.ok() ? Error::failure("not refused") : network.error();
}

TEST(Model, RefusesBytesThatAreNoModel) {
    auto model = Model::read(base::view("this is a text, not a network"));
    ASSERT_FALSE(model.ok());
    EXPECT_TRUE(model.error().is(Refusal::not_a_model));
    EXPECT_FALSE(Model::read({}).ok());
}

TEST(Model, RefusesAnOperatorThatItDoesNotHaveByName) {
    TestGraph graph({2});
    graph.node("NonMaxSuppression", {"x"}, "y");
    const Error error = refusal_of(graph.output());
    EXPECT_TRUE(error.is(Refusal::unsupported_operator));
    EXPECT_THAT(error.message(), HasSubstr("NonMaxSuppression"));
}

TEST(Model, RefusesOperatorsOfOtherDomainsByName) {
    TestGraph graph({2});
    graph.node("Relu", {"x"}, "y");
    graph.proto().mutable_graph()->mutable_node(0)->set_domain("com.microsoft");
    const Error error = refusal_of(graph.output());
    EXPECT_TRUE(error.is(Refusal::unsupported_operator));
    EXPECT_THAT(error.message(), HasSubstr("com.microsoft.Relu"));
}

TEST(Model, RefusesAnUnknownAttributeByName) {
    TestGraph graph({2});
    graph.node("Relu", {"x"}, "y").with("leak", 0.5f);
    const Error error = refusal_of(graph.output());
    EXPECT_TRUE(error.is(Refusal::unsupported_operator));
    EXPECT_THAT(error.message(), HasSubstr("leak"));
}

TEST(Model, RefusesModesThatItWouldComputeWrongly) {
    TestGraph pad({1, 2}, 11);
    pad.constant("pads", {0, 1, 0, 1}).node("Pad", {"x", "pads"}, "y").with("mode", "reflect");
    EXPECT_THAT(refusal_of(pad.output()).message(), HasSubstr("reflect"));
    TestGraph resize({1, 1, 2, 2}, 11);
    resize.constant("scales", {4}, Numbers{1, 1, 2, 2});
    resize.node("Resize", {"x", "", "scales"}, "y").with("mode", "cubic");
    EXPECT_THAT(refusal_of(resize.output()).message(), HasSubstr("cubic"));
    TestGraph slice({4});
    slice.constant("from", {3}).constant("to", {0}).constant("axes", {0}).constant("by", {-1});
    slice.node("Slice", {"x", "from", "to", "axes", "by"}, "y");
    EXPECT_THAT(refusal_of(slice.output()).message(), HasSubstr("step -1"));
}

TEST(Model, RefusesOpsetsThatItDoesNotKnow) {
    for (int opset : {8, 19}) {
        TestGraph graph({2}, opset);
        graph.node("Relu", {"x"}, "y");
        EXPECT_TRUE(refusal_of(graph.output()).is(Refusal::unsupported_opset)) << opset;
    }
}

TEST(Model, RefusesNamesThatAreUsedBeforeTheyAreDefined) {
    TestGraph graph({2});
    graph.node("Relu", {"later"}, "y");
    graph.node("Relu", {"y"}, "later");
    EXPECT_TRUE(refusal_of(graph.output()).is(Refusal::not_a_model));
}

TEST(Model, RefusesATensorThatIsShorterThanItsShape) {
    TestGraph graph({2});
    graph.constant("c", {1000, 1000}, Numbers{1, 2, 3}).node("Add", {"x", "c"}, "y");
    EXPECT_TRUE(refusal_of(graph.output()).is(Refusal::not_a_model));
}

TEST(Model, RefusesShapesPastTheBound) {
    TestGraph graph({1, 1, 1000, 1000});
    graph.constant("scales", {4}, Numbers{1, 1, 1000, 1000});
    graph.node("Resize", {"x", "", "scales"}, "y")
        .with("coordinate_transformation_mode", "asymmetric")
        .with("nearest_mode", "floor");
    EXPECT_TRUE(refusal_of(graph.output()).is(Refusal::too_large));
    TestGraph overflowing({2});
    overflowing.constant("c", {1, 2, 3}, Numbers(6, 0.0f)).node("Relu", {"x"}, "y");
    for (int i = 0; i < 3; ++i)
        overflowing.proto().mutable_graph()->mutable_initializer(0)->set_dims(i, std::int64_t{1} << 40);
    EXPECT_TRUE(refusal_of(overflowing.output()).is(Refusal::too_large));
}

TEST(Model, RefusesIntegersAsAnOutput) {
    TestGraph graph({2, 3});
    graph.node("Shape", {"x"}, "y");
    EXPECT_TRUE(refusal_of(graph.output()).is(Refusal::unsupported_operator));
}

TEST(Network, GivesItsInputBackIfThatIsTheOutput) {
    TestGraph graph({2});
    graph.node("Identity", {"x"}, "y");
    EXPECT_EQ(output_of(graph.output(), {3, 4}).numbers, (Numbers{3, 4}));
}

TEST(Network, RefusesAnInputThatItsGraphDoesNotFit) {
    TestGraph graph({1, 4, 8, 8});
    graph.constant("w", {2, 4, 3, 3}, Numbers(72, 1.0f)).node("Conv", {"x", "w"}, "y");
    auto model = Model::read(base::view(graph.output().bytes()));
    ASSERT_TRUE(model.ok());
    for (const Shape& shape :
         {Shape{1, 3, 8, 8}, Shape{1, 4, 2, 8}, Shape{4, 8}, Shape{}, Shape{1, 4, 0, 8}}) {
        auto network = Network::compile(*model, shape, Precision::f32);
        ASSERT_FALSE(network.ok());
        EXPECT_TRUE(network.error().is(Refusal::wrong_shape)) << network.error().message();
    }
}

TEST(Network, IsCompiledForOtherShapesThanTheFilesOwn) {
    TestGraph graph({1, 4, 8, 8});
    graph.constant("w", {2, 4, 3, 3}, Numbers(72, 1.0f)).node("Conv", {"x", "w"}, "y");
    auto model = Model::read(base::view(graph.output().bytes()));
    ASSERT_TRUE(model.ok());
    EXPECT_EQ((*model)->input().shape, (Shape{1, 4, 8, 8}));
    auto network = Network::compile(*model, {2, 4, 5, 30}, Precision::f32);
    ASSERT_TRUE(network.ok());
    EXPECT_EQ((*network)->outputs()[0].shape, (Shape{2, 2, 3, 28}));
}

TEST(Network, ChoosesBf16WhereTheCpuHasIt) {
    TestGraph graph({2});
    graph.node("Relu", {"x"}, "y");
    auto network = compiled(graph.output(), Precision::automatic);
    ASSERT_TRUE(network.ok());
    EXPECT_EQ((*network)->precision(), has_bf16() ? Precision::bf16 : Precision::f32);
    if (!has_bf16()) {
        EXPECT_TRUE(refusal_of(graph, Precision::bf16).is(Refusal::no_bf16));
    }
}

TEST(Network, ComputesTheOutputsThatAreWantedAlone) {
    TestGraph graph({2});
    graph.node("Relu", {"x"}, "y");
    graph.node("Tanh", {"y"}, "z");
    graph.output("y").output("z");
    auto model = Model::read(base::view(graph.bytes()));
    ASSERT_TRUE(model.ok());
    auto one = Network::compile(*model, {2}, Precision::f32, {"y"});
    ASSERT_TRUE(one.ok()) << one.error().message();
    ASSERT_EQ((*one)->outputs().size(), 1u);
    EXPECT_EQ((*one)->outputs()[0].name, "y");
    Session session(*one);
    const Numbers numbers{-1, 2};
    std::copy(numbers.begin(), numbers.end(), session.input().begin());
    ASSERT_TRUE(session.run().ok());
    EXPECT_THAT(session.output(0), testing::ElementsAre(0, 2));
    auto unknown = Network::compile(*model, {2}, Precision::f32, {"y", "w"});
    ASSERT_FALSE(unknown.ok());
    EXPECT_TRUE(unknown.error().is(Refusal::output_missing));
}

TEST(Session, HasNoOutputOfAnotherName) {
    TestGraph graph({2});
    graph.node("Relu", {"x"}, "y");
    auto network = compiled(graph.output(), Precision::f32);
    ASSERT_TRUE(network.ok());
    Session session(*network);
    EXPECT_TRUE(session.output("y").ok());
    auto missing = session.output("z");
    ASSERT_FALSE(missing.ok());
    EXPECT_TRUE(missing.error().is(Refusal::output_missing));
}

TestGraph small_network() {
    TestGraph graph({1, 3, 12, 20});
    graph.constant("w", {16, 3, 3, 3}, some_numbers({16, 3, 3, 3}, 1))
        .constant("b", {16}, some_numbers({16}, 2));
    graph.node("Conv", {"x", "w", "b"}, "c").with("pads", Shape{1, 1, 1, 1}).with("strides", Shape{2, 2});
    graph.node("Relu", {"c"}, "r");
    graph.node("GlobalAveragePool", {"r"}, "g");
    graph.node("Flatten", {"g"}, "f");
    graph.constant("d", {16, 5}, some_numbers({16, 5}, 3)).node("MatMul", {"f", "d"}, "y");
    graph.output();
    return graph;
}

TEST(Session, LoadsAPictureLikeAFilledInput) {
    const TestGraph graph = small_network();
    constexpr std::size_t kRow = 67;  // rows of 20 pixels, some bytes apart
    base::Bytes pixels(kRow * 12);
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 11);
    for (bool reverse : {false, true}) {
        const Normalisation normalisation{{10, 20, 30}, {0.01f, 0.02f, 0.03f}, reverse};
        Numbers input(3 * 12 * 20);
        for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t y = 0; y < 12; ++y)
                for (std::size_t x = 0; x < 20; ++x)
                    input[(c * 12 + y) * 20 + x] =
                        (pixels[y * kRow + x * 3 + (reverse ? 2 - c : c)] - normalisation.mean[c]) *
                        normalisation.scale[c];
        for (Precision precision : {Precision::f32, Precision::bf16}) {
            if (precision == Precision::bf16 && !has_bf16()) continue;
            Session session(*compiled(graph, precision));
            session.load(pixels, kRow, normalisation);
            ASSERT_TRUE(session.run().ok());
            const Numbers loaded(session.output(0).begin(), session.output(0).end());
            std::copy(input.begin(), input.end(), session.input().begin());
            ASSERT_TRUE(session.run().ok());
            expect_near({session.output(0).begin(), session.output(0).end()}, loaded, 1e-3f);
            EXPECT_GT(cosine(loaded, output_of(graph, input).numbers), 0.999);
        }
    }
}

TEST(Session, OfOneNetworkRunInSeveralThreadsAtOnce) {
    const TestGraph graph = small_network();
    auto network = compiled(graph, Precision::automatic);
    ASSERT_TRUE(network.ok());
    auto result_for = [&](unsigned seed, int runs) {
        Session session(*network);
        const Numbers input = some_numbers(graph.input_shape(), seed);
        Numbers result;
        for (int i = 0; i < runs; ++i) {
            std::copy(input.begin(), input.end(), session.input().begin());
            EXPECT_TRUE(session.run().ok());
            Numbers now(session.output(0).begin(), session.output(0).end());
            EXPECT_TRUE(result.empty() || result == now);
            result = std::move(now);
        }
        return result;
    };
    std::vector<Numbers> expected, got(4);
    for (unsigned seed = 0; seed < 4; ++seed)
        expected.push_back(result_for(seed, 1));
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 4; ++seed)
        threads.emplace_back([&, seed] { got[seed] = result_for(seed, 50); });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace neural
