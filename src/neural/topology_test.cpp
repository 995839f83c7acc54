// The networks whose graphs this program brings along, beside plain loops over TensorFlow's layout, and with
// the published weights beside figures of an independent implementation.
#include "neural/topology.h"

#include <boost/json.hpp>
#include <filesystem>
#include <fmt/format.h>

#include "base/file.h"
#include "neural/test_graph.h"

namespace neural {
namespace {

namespace json = boost::json;

constexpr int kSide = 112;

// A picture's values by row, column and channel.
struct Map {
    int size = 0;
    int channels = 0;
    Numbers values;

    Map(int side, int depth) : size(side), channels(depth) {
        values.assign(static_cast<std::size_t>(side * side * depth), 0.0f);
    }
    float& at(int y, int x, int c) { return values[static_cast<std::size_t>((y * size + x) * channels + c)]; }
    float at(int y, int x, int c) const {
        return y < 0 || x < 0 || y >= size || x >= size
                   ? 0
                   : values[static_cast<std::size_t>((y * size + x) * channels + c)];
    }
};

struct Tensor {
    std::vector<int> shape;
    Numbers values;
};

// Weights made by chance for a topology, as they are asked for, and the manifest and bytes that publish them.
class Weights {
public:
    const Tensor& get(const std::string& name, std::vector<int> shape, float reach) {
        if (auto known = tensors_.find(name); known != tensors_.end()) return known->second;
        json::array sizes(shape.begin(), shape.end());
        std::size_t count = 1;
        for (int size : shape)
            count *= static_cast<std::size_t>(size);
        const float scale = 2 * reach / 255;
        manifest_.push_back({{"name", name},
                             {"shape", sizes},
                             {"dtype", "float32"},
                             {"quantization", {{"dtype", "uint8"}, {"scale", scale}, {"min", -reach}}}});
        Tensor tensor{std::move(shape), {}};
        for (std::size_t i = 0; i < count; ++i) {
            bytes_.push_back(static_cast<std::uint8_t>(random_() % 256));
            tensor.values.push_back(static_cast<float>(bytes_.back()) * scale - reach);
        }
        return tensors_.emplace(name, std::move(tensor)).first->second;
    }
    std::string manifest() const {
        return json::serialize(json::array{{{"paths", {"shard"}}, {"weights", manifest_}}});
    }
    const base::Bytes& bytes() const { return bytes_; }

private:
    std::mt19937 random_{7};
    std::map<std::string, Tensor> tensors_;
    json::array manifest_;
    base::Bytes bytes_;
};

Map relu(Map x) {
    for (float& value : x.values)
        value = std::max(0.0f, value);
    return x;
}
Map sum(Map x, const Map& y) {
    for (std::size_t i = 0; i < x.values.size(); ++i)
        x.values[i] += y.values[i];
    return x;
}
// How far before a result's place its window begins, for TensorFlow's "same".
int before(int size, int kernel, int stride) {
    return std::max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size) / 2;
}

Map conv(Weights& weights, const Map& x, const std::string& name, int kernel, int out, int stride) {
    const float reach = 1.5f / std::sqrt(static_cast<float>(kernel * kernel * x.channels));
    const auto& filters = weights.get(name + "/filters", {kernel, kernel, x.channels, out}, reach).values;
    const auto& bias = weights.get(name + "/bias", {out}, 0.2f).values;
    Map y(x.size / stride, out);
    const int pad = before(x.size, kernel, stride);
    for (int r = 0; r < y.size; ++r)
        for (int s = 0; s < y.size; ++s)
            for (int o = 0; o < out; ++o) {
                float value = bias[static_cast<std::size_t>(o)];
                std::size_t at = static_cast<std::size_t>(o);
                for (int i = 0; i < kernel; ++i)
                    for (int j = 0; j < kernel; ++j)
                        for (int c = 0; c < x.channels; ++c, at += static_cast<std::size_t>(out))
                            value += filters[at] * x.at(r * stride - pad + i, s * stride - pad + j, c);
                y.at(r, s, o) = value;
            }
    return y;
}

Map separable(Weights& weights, const Map& x, const std::string& name, int out, int stride = 1) {
    const auto& depthwise = weights.get(name + "/depthwise_filter", {3, 3, x.channels, 1}, 0.6f).values;
    const float reach = 1.5f / std::sqrt(static_cast<float>(x.channels));
    const auto& pointwise = weights.get(name + "/pointwise_filter", {1, 1, x.channels, out}, reach).values;
    const auto& bias = weights.get(name + "/bias", {out}, 0.2f).values;
    Map each(x.size / stride, x.channels);
    const int pad = before(x.size, 3, stride);
    for (int r = 0; r < each.size; ++r)
        for (int s = 0; s < each.size; ++s)
            for (int c = 0; c < x.channels; ++c)
                for (int i = 0; i < 3; ++i)
                    for (int j = 0; j < 3; ++j)
                        each.at(r, s, c) +=
                            depthwise[static_cast<std::size_t>((i * 3 + j) * x.channels + c)] *
                            x.at(r * stride - pad + i, s * stride - pad + j, c);
    Map y(each.size, out);
    for (int r = 0; r < y.size; ++r)
        for (int s = 0; s < y.size; ++s)
            for (int o = 0; o < out; ++o) {
                float value = bias[static_cast<std::size_t>(o)];
                for (int c = 0; c < x.channels; ++c)
                    value += pointwise[static_cast<std::size_t>(c * out + o)] * each.at(r, s, c);
                y.at(r, s, o) = value;
            }
    return y;
}

Map half_of_largest(const Map& x) {
    Map y(x.size / 2, x.channels);
    for (int r = 0; r < y.size; ++r)
        for (int s = 0; s < y.size; ++s)
            for (int c = 0; c < x.channels; ++c) {
                float most = x.at(2 * r, 2 * s, c);
                for (int i = 0; i < 3 && 2 * r + i < x.size; ++i)
                    for (int j = 0; j < 3 && 2 * s + j < x.size; ++j)
                        most = std::max(most, x.at(2 * r + i, 2 * s + j, c));
                y.at(r, s, c) = most;
            }
    return y;
}

Numbers connected(Weights& weights, const Map& x, const std::string& name, int out) {
    const auto& matrix = weights.get(name + "/weights", {x.channels, out}, 0.5f).values;
    Numbers y = weights.get(name + "/bias", {out}, 0.2f).values;
    for (int c = 0; c < x.channels; ++c) {
        float mean = 0;
        for (int r = 0; r < x.size; ++r)
            for (int s = 0; s < x.size; ++s)
                mean += x.at(r, s, c) / static_cast<float>(x.size * x.size);
        for (int o = 0; o < out; ++o)
            y[static_cast<std::size_t>(o)] += mean * matrix[static_cast<std::size_t>(c * out + o)];
    }
    return y;
}

Numbers softmax(Numbers x) {
    float total = 0;
    for (float& value : x)
        total += value = std::exp(value);
    for (float& value : x)
        value /= total;
    return x;
}

Map dense_features(Weights& weights, Map x) {
    for (int block = 0; block < 4; ++block) {
        const auto name = fmt::format("dense{}", block);
        const int out = 32 << block;
        const auto first = relu(block == 0 ? conv(weights, x, name + "/conv0", 3, out, 2)
                                           : separable(weights, x, name + "/conv0", out, 2));
        const auto second = separable(weights, first, name + "/conv1", out);
        const auto third = separable(weights, relu(sum(first, second)), name + "/conv2", out);
        const auto fourth = separable(weights, relu(sum(sum(first, second), third)), name + "/conv3", out);
        x = relu(sum(sum(first, second), sum(third, fourth)));
    }
    return x;
}

Map reduction(Weights& weights, const Map& x, const std::string& name, int out, bool is_active) {
    const auto first = separable(weights, is_active ? relu(x) : x, name + "/separable_conv0", out);
    const auto second = separable(weights, relu(first), name + "/separable_conv1", out);
    return sum(half_of_largest(second), conv(weights, x, name + "/expansion_conv", 1, out, 2));
}

Map xception_features(Weights& weights, Map x) {
    x = relu(conv(weights, x, "entry_flow/conv_in", 3, 32, 2));
    x = reduction(weights, x, "entry_flow/reduction_block_0", 64, false);
    x = reduction(weights, x, "entry_flow/reduction_block_1", 128, true);
    for (int block = 0; block < 2; ++block) {
        Map y = x;
        for (int i = 0; i < 3; ++i)
            y = separable(weights, relu(y),
                          fmt::format("middle_flow/main_block_{}/separable_conv{}", block, i), 128);
        x = sum(x, y);
    }
    x = reduction(weights, x, "exit_flow/reduction_block", 256, true);
    return relu(separable(weights, x, "exit_flow/separable_conv", 512));
}

// A picture made by chance: as the plain loops want it, and as a network's input.
struct Picture {
    Map map{kSide, 3};
    Numbers planes;

    Picture() {
        map.values = some_numbers({kSide, kSide, 3}, 5);
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < kSide; ++y)
                for (int x = 0; x < kSide; ++x)
                    planes.push_back(map.at(y, x, c));
    }
};

std::vector<Numbers> run(const Result<std::shared_ptr<const Model>>& model, const Numbers& input) {
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
    if (!model.ok()) return {};
    auto network = Network::compile(*model, {1, 3, kSide, kSide}, Precision::f32);
    EXPECT_TRUE(network.ok()) << (network.ok() ? "" : network.error().message());
    if (!network.ok()) return {};
    Session session(*network);
    std::copy(input.begin(), input.end(), session.input().begin());
    EXPECT_TRUE(session.run().ok());
    std::vector<Numbers> outputs;
    for (std::size_t i = 0; i < (*network)->outputs().size(); ++i)
        outputs.emplace_back(session.output(i).begin(), session.output(i).end());
    return outputs;
}

std::vector<Numbers> run(const Weights& weights, const std::string& topology, const Numbers& input) {
    return run(Model::read_weights(topology, weights.manifest(), weights.bytes()), input);
}

TEST(Topology, AgeAndGenderAreWhatPlainLoopsSay) {
    const Picture picture;
    Weights weights;
    const auto features = xception_features(weights, picture.map);
    const auto age = connected(weights, features, "fc/age", 1);
    const auto gender = softmax(connected(weights, features, "fc/gender", 2));
    const auto outputs = run(weights, "face-api/age-gender", picture.planes);
    ASSERT_EQ(outputs.size(), 2u);
    expect_near(outputs[0], age, 1e-3f);
    expect_near(outputs[1], gender, 1e-3f);
}

TEST(Topology, ExpressionsAreWhatPlainLoopsSay) {
    const Picture picture;
    Weights weights;
    const auto expected = softmax(connected(weights, dense_features(weights, picture.map), "fc", 7));
    const auto outputs = run(weights, "face-api/expression", picture.planes);
    ASSERT_EQ(outputs.size(), 1u);
    expect_near(outputs[0], expected, 1e-3f);
}

TEST(Topology, LandmarksAreWhatPlainLoopsSay) {
    const Picture picture;
    Weights weights;
    const auto expected = connected(weights, dense_features(weights, picture.map), "fc", 136);
    const auto outputs = run(weights, "face-api/landmarks-68", picture.planes);
    ASSERT_EQ(outputs.size(), 1u);
    expect_near(outputs[0], expected, 1e-3f);
}

TEST(Topology, WeightsOfAnotherNetworkAreRefused) {
    const Picture picture;
    Weights weights;
    connected(weights, dense_features(weights, picture.map), "fc", 136);
    auto other = Model::read_weights("face-api/age-gender", weights.manifest(), weights.bytes());
    ASSERT_FALSE(other.ok());
    EXPECT_TRUE(other.error().is(Refusal::not_a_model));
    weights.get("more", {1}, 1);
    EXPECT_TRUE(Model::read_weights("face-api/landmarks-68", weights.manifest(), weights.bytes())
                    .error()
                    .is(Refusal::not_a_model));
    EXPECT_TRUE(Model::read_weights("face-api/hands", weights.manifest(), weights.bytes())
                    .error()
                    .is(Refusal::unknown_topology));
}

// A pattern that every implementation can repeat, normalised as each network wants it.
Numbers pattern(float deviation) {
    constexpr float kMean[3] = {122.782f, 117.001f, 104.298f};
    Numbers planes;
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                planes.push_back(
                    (static_cast<float>((x * (c + 2) + y * (5 - c) + (x * y) / (7 + c)) % 256) - kMean[c]) /
                    deviation);
    return planes;
}

class PublishedWeights : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no weights in " << kFolder;
    }
    static std::vector<Numbers> run(const std::string& topology, const std::string& name, float deviation) {
        auto manifest = base::read_file(kFolder / (name + "-weights_manifest.json"), std::size_t{1} << 20);
        auto shard = base::read_file(kFolder / (name + "-shard1"), std::size_t{1} << 24);
        return neural::run(Model::read_weights(topology, base::text(*manifest), *shard), pattern(deviation));
    }
    static inline const std::filesystem::path kFolder = "../shared/models/attributes/face-api";
};

// The expected figures come from a forward pass written for torch, which on 600 pictures of UTKFace gives the
// accuracy that is known of these weights: gender 93.8 %, mean error of the age 5.2 years.
TEST_F(PublishedWeights, GiveWhatTheyGaveInAnotherImplementation) {
    const auto person = run("face-api/age-gender", "age_gender_model", 256);
    ASSERT_EQ(person.size(), 2u);
    expect_near(person[0], {21.389355f}, 1e-3f);
    expect_near(person[1], {0.560078f, 0.439922f}, 1e-3f);
    const auto expression = run("face-api/expression", "face_expression_model", 255);
    expect_near(expression.at(0),
                {0.580485f, 0.240412f, 0.151074f, 0.027648f, 0.00002f, 0.000003f, 0.000359f}, 1e-3f);
    const auto points = run("face-api/landmarks-68", "face_landmark_68_model", 255).at(0);
    ASSERT_EQ(points.size(), 136u);
    const std::map<std::size_t, std::pair<float, float>> some = {
        {0, {0.383084f, 0.532370f}},  {8, {0.772241f, 0.514697f}},  {30, {0.578151f, 0.498873f}},
        {36, {0.511242f, 0.582159f}}, {45, {0.498854f, 0.432943f}}, {54, {0.565673f, 0.392179f}}};
    for (const auto& [point, place] : some) {
        EXPECT_NEAR(points[2 * point], place.first, 1e-3) << point;
        EXPECT_NEAR(points[2 * point + 1], place.second, 1e-3) << point;
    }
}

}  // namespace
}  // namespace neural
