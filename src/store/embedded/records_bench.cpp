// Durable writes per second by number of writers: group commit is what makes them scale.
#include <benchmark/benchmark.h>

#include "base/file.h"
#include "store/embedded/embedded.h"

namespace {

std::unique_ptr<base::TemporaryFolder> folder;
std::unique_ptr<store::Records> records;

void durable_put(benchmark::State& state) {
    if (state.thread_index() == 0) {
        folder = std::make_unique<base::TemporaryFolder>();
        records = std::move(store::embedded::open_records(folder->path())).value();
    }
    std::uint64_t number = 0;
    std::string value(300, 'x');
    for (auto _ : state) {
        auto key = store::KeyBuilder("bench")
                       .number(static_cast<std::uint64_t>(state.thread_index()))
                       .number(number++)
                       .str();
        if (!records->commit([&](store::Transaction& t) { return t.put(key, value); }).ok())
            state.SkipWithError("commit");
    }
    state.SetItemsProcessed(state.iterations());
    if (state.thread_index() == 0) {
        records.reset();
        folder.reset();
    }
}
BENCHMARK(durable_put)->ThreadRange(1, 64)->UseRealTime();

}  // namespace
