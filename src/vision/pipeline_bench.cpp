// A 1280x720 photograph with one face from JPEG bytes to an embedding, on one thread: ours, and the same
// networks on inputs of the same sizes in OpenCV DNN behind cv::imdecode. Run from the repository's root,
// beside ../shared:
//   build/release/vision_pipeline_bench
#include <benchmark/benchmark.h>

#include "image/decode.h"
#include "vision/opencv_peer.h"
#include "vision/pipeline.h"

namespace vision {
namespace {

void ours(benchmark::State& state) {
    auto jpeg = photograph();
    auto pack = open_pack();
    if (!jpeg || !pack) return state.SkipWithError("needs the weights and photographs of ../shared");
    auto pipeline = Pipeline::create(*pack);
    if (!pipeline.ok()) return state.SkipWithError(pipeline.error().detail().c_str());
    std::size_t faces = 0;
    for (auto _ : state) {
        auto picture = image::decode(*jpeg);
        auto found = pipeline->detect(*picture);
        faces = found->size();
        benchmark::DoNotOptimize(pipeline->embed(*picture, found->at(0)));
    }
    state.counters["faces"] = static_cast<double>(faces);
}

void opencv(benchmark::State& state) {
    auto jpeg = photograph();
    if (!jpeg) return state.SkipWithError("needs the weights and photographs of ../shared");
    OpenCvPipeline pipeline;
    for (auto _ : state)
        benchmark::DoNotOptimize(pipeline.embed(*jpeg));
}

BENCHMARK(ours)->Unit(benchmark::kMillisecond);
BENCHMARK(opencv)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vision
