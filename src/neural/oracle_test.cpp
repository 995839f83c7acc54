// The networks of ../shared/models against OpenCV's DNN module, an implementation that has nothing of ours.
#if __has_include(<opencv2/dnn.hpp>)
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "base/file.h"
#include "neural/test_graph.h"

namespace neural {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = "../shared/models";

std::shared_ptr<const Model> model_at(const std::string& name) {
    auto bytes = base::read_file(kModels / name, kModelBytesMax);
    EXPECT_TRUE(bytes.ok());
    auto model = Model::read(*bytes);
    EXPECT_TRUE(model.ok()) << model.error().message();
    return *model;
}

// Something smoother than noise: waves of several lengths in each channel.
Numbers picture(const Shape& shape, float low, float high) {
    Numbers numbers(count_of(shape));
    const auto width = static_cast<std::size_t>(shape[3]);
    const auto area = width * static_cast<std::size_t>(shape[2]);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto c = static_cast<float>(i / area);
        const auto y = static_cast<float>(i % area / width), x = static_cast<float>(i % width);
        const float wave = std::sin(x / 9 + c) * std::cos(y / 7 - c) + 0.5f * std::sin((x + y) / 3);
        numbers[i] = low + (high - low) * (wave + 1.5f) / 3;
    }
    return numbers;
}

std::vector<Numbers> ours(const Model& model, const std::shared_ptr<const Network>& network,
                          const Numbers& input) {
    Session session(network);
    std::copy(input.begin(), input.end(), session.input().begin());
    EXPECT_TRUE(session.run().ok());
    std::vector<Numbers> outputs;
    for (const Port& port : model.outputs()) {
        auto numbers = *session.output(port.name);
        outputs.emplace_back(numbers.begin(), numbers.end());
    }
    return outputs;
}

std::vector<Numbers> theirs(const std::string& name, const Model& model, const Shape& shape, Numbers input) {
    auto net = cv::dnn::readNetFromONNX((kModels / name).string());
    net.setInput(cv::Mat({int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3])}, CV_32F, input.data()));
    std::vector<std::string> names;
    for (const Port& port : model.outputs())
        names.push_back(port.name);
    std::vector<cv::Mat> blobs;
    net.forward(blobs, names);
    std::vector<Numbers> outputs;
    for (const cv::Mat& blob : blobs)
        outputs.emplace_back(blob.ptr<float>(), blob.ptr<float>() + blob.total());
    return outputs;
}

struct Case {
    const char* name;
    Shape shape;
    float low, high;
    double bf16_cosine;
};

class SharedModels : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kModels)) GTEST_SKIP() << "no models in " << kModels;
    }
};

class Oracle : public SharedModels, public testing::WithParamInterface<Case> {};

TEST_P(Oracle, AgreesInF32AndNearlyInBf16) {
    const auto& [name, shape, low, high, bf16_cosine] = GetParam();
    const auto model = model_at(name);
    const Numbers input = picture(shape, low, high);
    const auto expected = theirs(name, *model, shape, input);
    const auto exact = ours(*model, *Network::compile(model, shape, Precision::f32), input);
    ASSERT_EQ(exact.size(), expected.size());
    for (std::size_t i = 0; i < exact.size(); ++i)
        expect_near(exact[i], expected[i]);
    if (!has_bf16()) return;
    const auto narrow = ours(*model, *Network::compile(model, shape, Precision::bf16), input);
    for (std::size_t i = 0; i < narrow.size(); ++i)
        EXPECT_GT(cosine(narrow[i], expected[i]), bf16_cosine) << model->outputs()[i].name;
}

// The detector's scores are near zero all over these waves, where bf16's steps weigh most.
INSTANTIATE_TEST_SUITE_P(
    Models, Oracle,
    testing::Values(Case{"detect/yunet_n_640_640.onnx", {1, 3, 640, 640}, 0, 255, 0.998},
                    Case{"detect/yunet_n_640_640.onnx", {1, 3, 384, 640}, 0, 255, 0.998},
                    Case{"detect/yunet_n_640_640.onnx", {1, 3, 96, 160}, 0, 255, 0.998},
                    Case{"embed/foamliu_mobilefacenet_128.onnx", {1, 3, 112, 112}, -2, 2, 0.999},
                    Case{"embed/mobileface_v2_256.onnx", {1, 3, 112, 112}, 0, 255, 0.999}));

// OpenCV 4.6 does not read the published file (opset 18), so it is held against the conversion that it reads.
TEST_F(SharedModels, ThePublishedEmbedderIsTheConvertedOne) {
    const Shape shape = {1, 3, 112, 112};
    const Numbers input = picture(shape, -2, 2);
    std::vector<Numbers> embeddings;
    for (const char* name :
         {"embed/foamliu_MobileFaceNet_opset18.onnx", "embed/foamliu_mobilefacenet_128.onnx"}) {
        const auto model = model_at(name);
        embeddings.push_back(ours(*model, *Network::compile(model, shape, Precision::f32), input).at(0));
    }
    expect_near(embeddings[0], embeddings[1]);
}

}  // namespace
}  // namespace neural
#endif
