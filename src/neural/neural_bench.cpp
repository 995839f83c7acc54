// One inference on one thread, beside OpenCV's DNN module in the same run; the models are those of ../shared.
#include <benchmark/benchmark.h>
#include <random>

#include "base/file.h"
#include "neural/network.h"

#if __has_include(<opencv2/dnn.hpp>)
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#endif

namespace {

const char* const kDetector = "../shared/models/detect/yunet_n_640_640.onnx";
const char* const kEmbedder = "../shared/models/embed/foamliu_mobilefacenet_128.onnx";
// Our own, from the repository's root.
const char* const kBuiltinDetector = "models/builtin/detector.onnx";
const char* const kBuiltinEmbedder = "models/builtin/embedder.onnx";

constexpr std::int64_t kFacePx = 112;

base::Bytes some_pixels(std::int64_t height, std::int64_t width) {
    std::mt19937 random(1);
    base::Bytes pixels(static_cast<std::size_t>(height * width * 3));
    for (auto& byte : pixels)
        byte = static_cast<std::uint8_t>(random());
    return pixels;
}

// From pixels to outputs.
void ours(benchmark::State& state, const char* path, neural::Precision precision) {
    const auto bytes = base::read_file(path, neural::kModelBytesMax);
    if (!bytes) return state.SkipWithError("no model there");
    const auto model = neural::Model::read(*bytes);
    const neural::Shape shape = {1, 3, state.range(0), state.range(1)};
    // An embedder's further outputs describe a face, and are not computed to recognise it.
    std::vector<std::string> wanted;
    for (const auto& port : (*model)->outputs())
        if (wanted.empty() || port.name == "expected_cosine") wanted.push_back(port.name);
    if (shape[2] != kFacePx) wanted.clear();
    const auto network = neural::Network::compile(*model, shape, precision, wanted);
    if (!network) return state.SkipWithError(network.error().message().c_str());
    neural::Session session(*network);
    const auto pixels = some_pixels(shape[2], shape[3]);
    const neural::Normalisation normalisation{{127, 127, 127}, {1 / 64.0f, 1 / 64.0f, 1 / 64.0f}, true};
    for (auto _ : state) {
        session.load(pixels, static_cast<std::size_t>(3 * shape[3]), normalisation);
        if (!session.run()) return state.SkipWithError("run");
        benchmark::DoNotOptimize(session.output(0).data());
    }
    state.counters["scratch_MB"] = static_cast<double>((*network)->scratch_bytes()) / 1e6;
    state.counters["weights_MB"] = static_cast<double>((*network)->weight_bytes()) / 1e6;
}

void compile(benchmark::State& state, const char* path) {
    const auto bytes = base::read_file(path, neural::kModelBytesMax);
    if (!bytes) return state.SkipWithError("no model there");
    const auto model = neural::Model::read(*bytes);
    std::int64_t height = state.range(0);
    for (auto _ : state)
        benchmark::DoNotOptimize(neural::Network::compile(*model, {1, 3, height, state.range(1)}));
}

#if __has_include(<opencv2/dnn.hpp>)
void opencv(benchmark::State& state, const char* path) {
    if (!base::read_file(path, neural::kModelBytesMax)) return state.SkipWithError("no model there");
    cv::setNumThreads(1);
    auto net = cv::dnn::readNetFromONNX(path);
    auto pixels = some_pixels(state.range(0), state.range(1));
    const cv::Mat picture(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)), CV_8UC3,
                          pixels.data());
    const auto names = net.getUnconnectedOutLayersNames();
    std::vector<cv::Mat> outputs;
    for (auto _ : state) {
        net.setInput(cv::dnn::blobFromImage(picture, 1 / 64.0, {}, {127, 127, 127}, true));
        net.forward(outputs, names);
        benchmark::DoNotOptimize(outputs[0].data);
    }
}
#endif

void detector_sizes(benchmark::internal::Benchmark* bench) {
    bench->Args({640, 640})->Args({384, 640})->Args({320, 320})->Unit(benchmark::kMillisecond)->MinTime(0.3);
}

void embedder_size(benchmark::internal::Benchmark* bench) {
    bench->Args({kFacePx, kFacePx})->Unit(benchmark::kMillisecond)->MinTime(0.3);
}

#if __has_include(<opencv2/dnn.hpp>)
BENCHMARK_CAPTURE(opencv, detector, kDetector)->Apply(detector_sizes);
#endif
BENCHMARK_CAPTURE(ours, detector_f32, kDetector, neural::Precision::f32)->Apply(detector_sizes);
BENCHMARK_CAPTURE(ours, detector_bf16, kDetector, neural::Precision::bf16)->Apply(detector_sizes);
BENCHMARK_CAPTURE(compile, detector, kDetector)
    ->Args({640, 640})
    ->Unit(benchmark::kMillisecond)
    ->MinTime(0.1);
#if __has_include(<opencv2/dnn.hpp>)
BENCHMARK_CAPTURE(opencv, embedder, kEmbedder)->Apply(embedder_size);
#endif
BENCHMARK_CAPTURE(ours, embedder_f32, kEmbedder, neural::Precision::f32)->Apply(embedder_size);
BENCHMARK_CAPTURE(ours, embedder_bf16, kEmbedder, neural::Precision::bf16)->Apply(embedder_size);
BENCHMARK_CAPTURE(ours, builtin_detector_f32, kBuiltinDetector, neural::Precision::f32)
    ->Apply(detector_sizes);
BENCHMARK_CAPTURE(ours, builtin_detector_bf16, kBuiltinDetector, neural::Precision::bf16)
    ->Apply(detector_sizes);
BENCHMARK_CAPTURE(ours, builtin_embedder_f32, kBuiltinEmbedder, neural::Precision::f32)->Apply(embedder_size);
BENCHMARK_CAPTURE(ours, builtin_embedder_bf16, kBuiltinEmbedder, neural::Precision::bf16)
    ->Apply(embedder_size);

}  // namespace
