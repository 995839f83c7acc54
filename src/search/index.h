// One collection's vectors, found again by likeness.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "search/kernels.h"
#include "search/segment.h"

namespace search {

enum class Refusal {
    dimensions_differ,  // a vector is not as long as the index's
    no_direction,       // a vector is zero, or not finite: it is near to nothing
};

inline constexpr std::size_t kDimensionsMax = 4096;

struct Entry {
    Key key;
    std::span<const float> vector;  // any length but 0 as a vector; the index keeps its direction
};

struct Hit {
    Key key;
    float score = 0;  // cosine, -1 to 1, in full precision and rounded once to single
    bool operator==(const Hit&) const = default;
};

struct Query {
    std::span<const float> vector;
    std::size_t hits_max = 10;
    float floor = -1;  // only hits with at least this score
};

// Exact: search() gives what comparing the query with every vector gives. Callable from any thread.
//
// Writers take turns. A search works on a view: the segments, their row count and the number of the last
// change, taken at its start under a lock that is held for a few instructions. Rows are written once, and a
// row that has ended stays readable in views from before its end, so searches and changes do not wait for
// each other. Segments that are mostly dead are rewritten by the writer and freed by their last reader.
class Index {
public:
    // 1 to kDimensionsMax dimensions.
    explicit Index(std::size_t dimensions, const Kernels& kernels = *kernels_of_this_cpu().front());

    // Adds the vectors or replaces those of the same key; all of them or, if refused, none. When it returns,
    // every search sees them; no search sees some of them only.
    Result<void> upsert(std::span<const Entry> entries);
    Result<void> upsert(const Key& key, std::span<const float> vector);
    // The number of keys that were there.
    std::size_t erase(std::span<const Key> keys);
    bool erase(const Key& key) { return erase(std::span(&key, 1)) == 1; }

    // The best hits first; of equal scores, the smaller key first.
    Result<std::vector<Hit>> search(const Query& query) const;
    // The answers of several searches for about the memory traffic of one.
    Result<std::vector<std::vector<Hit>>> search(std::span<const Query> queries) const;

    std::size_t size() const;
    std::size_t dimensions() const { return dimensions_; }
    const Kernels& kernels() const { return kernels_; }

private:
    using Segments = std::vector<std::shared_ptr<Segment>>;
    // All segments but the last are full.
    struct View {
        std::shared_ptr<const Segments> segments = std::make_shared<Segments>();
        std::size_t last_rows = 0;
        std::uint64_t change = 0;
        std::size_t live = 0;
    };
    struct Location {
        Segment* segment;  // one of the published
        std::size_t row;
    };

    View view() const;
    void publish(Segments segments);
    void append(Segments& segments, const Key& key, std::span<const float> unit);
    void compact(Segments& segments);

    const std::size_t dimensions_;
    const std::size_t stride_;  // dimensions padded to kLanes
    const Kernels& kernels_;

    std::mutex writer_;  // held for a whole change; guards the next member and appending to segments
    std::unordered_map<Key, Location> locations_;

    mutable std::mutex published_mutex_;  // held for a copy of view; taken after writer_
    View published_;
};

}  // namespace search
