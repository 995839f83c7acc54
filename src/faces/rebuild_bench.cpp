// How long the first search of a collection takes after a start: its index is built from the store. Faces of
// 128 numbers, in RocksDB, whose files the machine still has in memory. From the repository's root:
//   build/release/faces_rebuild_bench
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>

#include "base/file.h"
#include "faces/collections.h"
#include "faces/identity.h"
#include "store/embedded/embedded.h"

namespace faces {
namespace {

constexpr std::size_t kDimensions = 128;
constexpr std::size_t kFacesPerCommit = 1000;
const CollectionKey kStaff{{"111111111111", "us-east-1"}, CollectionName("staff")};

vision::Embedding some_embedding(std::mt19937& random) {
    std::normal_distribution<float> normal;
    vision::Embedding out{vision::ModelId("bench"), std::vector<float>(kDimensions)};
    float squares = 0;
    for (auto& x : out.values) {
        x = normal(random);
        squares += x * x;
    }
    for (auto& x : out.values)
        x /= std::sqrt(squares);
    return out;
}

std::unique_ptr<Collections> opened(store::Records& records, const base::Clock& clock, base::Random& random) {
    auto calibration = *vision::Calibration::create({{.cosine = 0, .similarity = 0}, {0.46f, 80}, {1, 100}});
    return *Collections::open(records, clock, random,
                              Recognition{vision::ModelId("bench"), kDimensions, std::move(calibration)});
}

bool fill(Collections& collections, std::size_t count, std::mt19937& random) {
    if (!collections.create(kStaff).ok()) return false;
    for (std::size_t done = 0; done < count; done += kFacesPerCommit) {
        const auto picture = std::to_string(done);
        Enrolment enrolment{image_id_of(base::view(picture), vision::ModelId("bench")), "somebody", {}};
        for (std::size_t i = 0; i < kFacesPerCommit; ++i) {
            NewFace face;
            face.face.box = {
                .left = static_cast<float>(i) / kFacesPerCommit, .top = 0.1f, .width = 0.2f, .height = 0.3f};
            face.embedding = some_embedding(random);
            enrolment.faces.push_back(std::move(face));
        }
        if (!collections.enrol(kStaff, enrolment).ok()) return false;
    }
    return true;
}

void the_first_search_after_a_start(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    base::TemporaryFolder folder;
    base::SystemClock clock;
    base::SeededRandom names{1};
    std::mt19937 random(1);
    auto records = store::embedded::open_records(folder.path());
    if (!records.ok()) return state.SkipWithError(records.error().detail().c_str());
    if (!fill(*opened(**records, clock, names), count, random)) return state.SkipWithError("could not enrol");
    const auto probe = some_embedding(random);
    for (auto _ : state) {
        state.PauseTiming();
        auto collections = opened(**records, clock, names);
        state.ResumeTiming();
        if (!collections->search(kStaff, probe, {80}, 10).ok())
            return state.SkipWithError("could not search");
    }
    state.counters["faces/s"] =
        benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(the_first_search_after_a_start)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace faces
