// Decoding a 1280x720 photograph against OpenCV's imdecode in the same run.
//   build/release/image_decode_bench [--benchmark_filter=...]
#include <benchmark/benchmark.h>
#include <opencv2/imgcodecs.hpp>

#include "image/decode.h"
#include "image/encode.h"
#include "image/resample.h"

namespace {

// Smooth shapes with fine grain: the size of its JPEG, about 200 kB, is that of a photograph.
image::Picture photograph() {
    auto picture = image::blank(1280, 720, 0, 0, 0);
    std::uint32_t state = 1;
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            state = state * 1664525 + 1013904223;
            int grain = static_cast<int>(state >> 28);
            auto* pixel = picture.at(x, y);
            pixel[0] = static_cast<std::uint8_t>((x * y / 4096 + grain) & 255);
            pixel[1] = static_cast<std::uint8_t>((x / 5 + grain) & 255);
            pixel[2] = static_cast<std::uint8_t>((y / 3 + grain) & 255);
        }
    }
    return picture;
}

base::Bytes jpeg() {
    return *image::encode_jpeg(photograph(), 85);
}

base::Bytes png() {
    auto picture = photograph();
    cv::Mat pixels(picture.height, picture.width, CV_8UC3, picture.rgb.data());
    base::Bytes out;
    cv::imencode(".png", pixels, out);
    return out;
}

void ours(benchmark::State& state, const base::Bytes& bytes) {
    for (auto _ : state)
        benchmark::DoNotOptimize(image::decode(bytes));
    state.counters["bytes"] = static_cast<double>(bytes.size());
}

void opencv(benchmark::State& state, const base::Bytes& bytes) {
    for (auto _ : state)
        benchmark::DoNotOptimize(cv::imdecode(bytes, cv::IMREAD_COLOR));
}

BENCHMARK_CAPTURE(ours, jpeg, jpeg())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(opencv, jpeg, jpeg())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ours, png, png())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(opencv, png, png())->Unit(benchmark::kMillisecond);

}  // namespace
