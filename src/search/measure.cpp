#include "search/measure.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <dlfcn.h>
#include <fmt/format.h>
#include <random>

#include "base/log.h"
#include "search/index.h"
#include "search/quantise.h"

namespace search {
namespace {

constexpr std::size_t kPicturesPerPerson = 5;
// Two pictures of one person then have a cosine of about 0.5.
constexpr float kSpread = 1.0f;
constexpr std::size_t kRowsPerStep = 10'000;

double thread_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class Work>
double median_ms(std::size_t rounds, Work&& work) {
    std::vector<double> times;
    for (std::size_t round = 0; round < rounds; ++round) {
        const double start = thread_ms();
        work(round);
        times.push_back(thread_ms() - start);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

// People and their pictures, the same in every run.
class People {
public:
    explicit People(std::size_t dimensions) : dimensions_(dimensions) {}

    // The unit vector of one picture; `row` / kPicturesPerPerson is the person.
    void picture(std::size_t row, std::uint64_t salt, float* out) const {
        std::vector<float> drawn(dimensions_);
        add_noise(row / kPicturesPerPerson, 1, drawn);
        add_noise(row * 2654435761u + salt, kSpread, drawn);
        normalise(drawn, std::span(out, dimensions_));
    }

private:
    // Sums of four bytes are near enough to a normal distribution, and quick.
    void add_noise(std::uint64_t seed, float factor, std::vector<float>& out) const {
        std::uint64_t state = (seed + 1) * 0x9E3779B97F4A7C15ull;
        for (std::size_t i = 0; i < out.size(); i += 2) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            for (std::size_t half = 0; half < 2 && i + half < out.size(); ++half) {
                const auto word = static_cast<std::uint32_t>(state >> (32 * half));
                const auto sum = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24);
                out[i + half] += factor * (static_cast<float>(sum) - 510.0f) / 148.0f;
            }
        }
    }

    const std::size_t dimensions_;
};

// faiss::IndexFlatIP from the library beside the program (bench/faiss_peer.cpp).
class FaissPeer {
public:
    static Result<std::unique_ptr<FaissPeer>> load(const std::filesystem::path& folder) {
        std::error_code error;
        const auto beside =
            folder.empty() ? std::filesystem::read_symlink("/proc/self/exe", error).parent_path() : folder;
        void* library = ::dlopen((beside / "likeness_faiss.so").c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) return Error::failure(::dlerror());
        auto peer = std::unique_ptr<FaissPeer>(new FaissPeer(library));
        const bool whole = peer->find("faiss_peer_create", peer->create_) &&
                           peer->find("faiss_peer_add", peer->add_) &&
                           peer->find("faiss_peer_search", peer->search_) &&
                           peer->find("faiss_peer_destroy", peer->destroy_);
        if (!whole) return Error::failure("likeness_faiss.so lacks a function");
        return peer;
    }
    ~FaissPeer() {
        stop();
        ::dlclose(library_);
    }
    FaissPeer(const FaissPeer&) = delete;
    FaissPeer& operator=(const FaissPeer&) = delete;

    void start(std::size_t dimensions) { index_ = create_(static_cast<int>(dimensions)); }
    void add(std::size_t count, const float* vectors) {
        add_(index_, static_cast<std::int64_t>(count), vectors);
    }
    void search(const float* query, std::size_t hits) {
        std::vector<float> scores(hits);
        std::vector<std::int64_t> rows(hits);
        search_(index_, query, static_cast<std::int64_t>(hits), scores.data(), rows.data());
    }
    void stop() {
        if (index_ != nullptr) destroy_(index_);
        index_ = nullptr;
    }

private:
    explicit FaissPeer(void* library) : library_(library) {}
    template <class Function>
    bool find(const char* name, Function*& function) {
        function = reinterpret_cast<Function*>(::dlsym(library_, name));
        return function != nullptr;
    }

    void* library_;
    void* index_ = nullptr;
    void* (*create_)(int) = nullptr;
    void (*add_)(void*, std::int64_t, const float*) = nullptr;
    void (*search_)(void*, const float*, std::int64_t, float*, std::int64_t*) = nullptr;
    void (*destroy_)(void*) = nullptr;
};

Key key_of_row(std::size_t row) {
    Key key;
    for (std::size_t i = 0; i < sizeof row; ++i)
        key.bytes[15 - i] = static_cast<std::uint8_t>(row >> (8 * i));
    return key;
}

// The best scores of comparing a query with every vector, best first.
class BestScores {
public:
    explicit BestScores(std::size_t count) : count_(count) {}
    void offer(float score) {
        if (scores_.size() == count_ && score <= scores_.back()) return;
        scores_.insert(std::upper_bound(scores_.begin(), scores_.end(), score, std::greater<>()), score);
        if (scores_.size() > count_) scores_.pop_back();
    }
    float worst() const { return scores_.back(); }
    std::size_t size() const { return scores_.size(); }

private:
    std::size_t count_;
    std::vector<float> scores_;
};

// A buffer of as many bytes as a search reads, written so that its pages exist.
double memory_gb_per_s(const Kernels& kernels, std::size_t bytes, std::size_t rounds) {
    constexpr std::size_t kAlignment = 256;
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    std::vector<std::uint8_t> memory(bytes + kAlignment, 1);
    const auto misaligned = reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment;
    const std::uint8_t* from = memory.data() + (kAlignment - misaligned) % kAlignment;
    std::uint64_t all = 0;
    const double ms = median_ms(rounds, [&](std::size_t) { all += kernels.read(from, bytes); });
    INVARIANT(all != 1);  // the reads cannot be left out
    return static_cast<double>(bytes) / ms / 1e6;
}

Result<Measurement> measure_one(std::size_t n, std::size_t dimensions, const MeasureOptions& options,
                                FaissPeer* peer) {
    const People people(dimensions);
    std::vector<std::vector<float>> queries(options.queries, std::vector<float>(dimensions));
    std::vector<CodedQuery> exact_queries;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        people.picture(i * (n / queries.size()), 77, queries[i].data());
        exact_queries.push_back(*coded_query(queries[i]));
    }
    std::vector<BestScores> best(queries.size(), BestScores(std::min(options.hits, n)));

    Index index(dimensions);
    if (peer != nullptr) peer->start(dimensions);
    const std::size_t stride = exact_queries.front().unit.size();
    std::vector<float> rows(kRowsPerStep * dimensions), unit(stride);
    for (std::size_t first = 0; first < n; first += kRowsPerStep) {
        const std::size_t count = std::min(kRowsPerStep, n - first);
        std::vector<Entry> entries(count);
        for (std::size_t row = 0; row < count; ++row) {
            float* vector = rows.data() + row * dimensions;
            people.picture(first + row, 0, vector);
            entries[row] = {key_of_row(first + row), {vector, dimensions}};
            normalise(entries[row].vector, unit);
            for (std::size_t i = 0; i < queries.size(); ++i)
                best[i].offer(static_cast<float>(
                    index.kernels().inner_product(exact_queries[i].unit.data(), unit.data(), stride)));
        }
        TRY(index.upsert(entries));
        if (peer != nullptr) peer->add(count, rows.data());
    }

    Measurement measured{.n = n, .dim = dimensions};
    std::size_t found = 0, wanted = 0;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        const auto hits = TRY(index.search({queries[i], options.hits}));
        wanted += best[i].size();
        found += static_cast<std::size_t>(std::count_if(
            hits.begin(), hits.end(), [&](const Hit& hit) { return hit.score >= best[i].worst(); }));
    }
    measured.recall = static_cast<double>(found) / static_cast<double>(wanted);
    bool answered = true;
    measured.ms = median_ms(queries.size(), [&](std::size_t i) {
        answered = index.search({queries[i], options.hits}).ok() && answered;
    });
    INVARIANT(answered);
    const std::size_t bytes = n * (stride + sizeof(float));
    measured.gb_per_s = static_cast<double>(bytes) / measured.ms / 1e6;
    measured.memory_gb_per_s = memory_gb_per_s(index.kernels(), bytes, queries.size());
    if (peer != nullptr) {
        // A search of faiss takes long enough to be timed with few of them.
        const std::size_t rounds = std::min<std::size_t>(queries.size(), n > 500'000 ? 5 : 10);
        measured.faiss_ms =
            median_ms(rounds, [&](std::size_t i) { peer->search(queries[i].data(), options.hits); });
        peer->stop();
    }
    return measured;
}

}  // namespace

Result<std::vector<Measurement>> measure(const MeasureOptions& options) {
    auto loaded = FaissPeer::load(options.peer_folder);
    if (!loaded.ok())
        base::log().warn("faiss_ms is null: its library is built where libfaiss-dev is installed ({})",
                         loaded.error().detail());
    FaissPeer* const peer = loaded.ok() ? loaded->get() : nullptr;
    std::vector<Measurement> measurements;
    for (std::size_t dimensions : options.dimensions)
        for (std::size_t n : options.sizes)
            measurements.push_back(TRY(measure_one(n, dimensions, options, peer)));
    return measurements;
}

std::string as_json(const std::vector<Measurement>& measurements) {
    std::string list;
    for (const auto& one : measurements)
        list += fmt::format(R"({}{{"n":{},"dim":{},"recall":{},"ms":{:.4f},"faiss_ms":{},"gb_per_s":{:.2f},)"
                            R"("memory_gb_per_s":{:.2f}}})",
                            list.empty() ? "" : ",\n ", one.n, one.dim, one.recall, one.ms,
                            one.faiss_ms ? fmt::format("{:.3f}", *one.faiss_ms) : "null", one.gb_per_s,
                            one.memory_gb_per_s);
    return "[" + list + "]";
}

}  // namespace search
