// The kernels on one block, and a search of an index that fits the cache: for work on the kernels. The
// figures that the project claims come from `likeness bench search`.
#include <benchmark/benchmark.h>
#include <random>

#include "search/index.h"

namespace {

std::vector<float> drawn(std::size_t dimensions, std::mt19937& random) {
    std::normal_distribution<float> normal;
    std::vector<float> vector(dimensions);
    for (auto& x : vector)
        x = normal(random);
    return vector;
}

void search_index(benchmark::State& state) {
    const auto all = search::kernels_of_this_cpu();
    const auto which = static_cast<std::size_t>(state.range(0));
    if (which >= all.size()) {
        state.SkipWithError("this CPU has fewer kernels");
        return;
    }
    const auto dimensions = static_cast<std::size_t>(state.range(1));
    constexpr std::size_t kRows = 20'000;
    std::mt19937 random(1);
    search::Index index(dimensions, *all[which]);
    for (std::size_t row = 0; row < kRows; ++row) {
        search::Key key;
        key.bytes[0] = static_cast<std::uint8_t>(row);
        key.bytes[1] = static_cast<std::uint8_t>(row >> 8);
        if (!index.upsert(key, drawn(dimensions, random)).ok()) state.SkipWithError("refused");
    }
    const auto probe = drawn(dimensions, random);
    for (auto _ : state)
        benchmark::DoNotOptimize(index.search({probe, 10, -1}));
    state.SetLabel(std::string(all[which]->name));
    state.SetBytesProcessed(static_cast<std::int64_t>(kRows * dimensions) * state.iterations());
}

BENCHMARK(search_index)->ArgsProduct({{0, 1, 2}, {128, 512}});

}  // namespace
