// Moving a collection to another model: every face is embedded anew from its picture, and until the last one
// is done the collection is searched with the model it had. docs/decisions/0007-reembedding.md says why so.
//
// While a collection is being moved, its record names the next model, and whoever looks at a picture for it
// looks with both: what is enrolled meanwhile is moved already. A face keeps its first embedding beside the
// new one until the next move, so that moving back costs nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "faces/names.h"
#include "faces/page.h"
#include "faces/record.h"
#include "faces/registry.h"
#include "faces/second_model.h"

namespace faces {

inline constexpr std::size_t kReembeddingsMax = 100;  // that wait or run, of all collections

enum class ReembeddingStatus : std::uint8_t { queued, in_progress, succeeded, failed, stopped };

// What becomes of faces that cannot be moved.
enum class UnmovedFaces : std::uint8_t {
    keep_model,  // where there is one, the collection stays with its model: the reembedding fails
    leave_out,   // they stay in the collection, and no search finds them
};

// The last reembedding of a collection.
struct ReembeddingRecord {
    std::uint64_t number = 0;  // by chance: tells it from those before
    CollectionKey key;
    vision::ModelId from, to;
    ReembeddingStatus status = ReembeddingStatus::queued;
    UnmovedFaces unmoved_faces = UnmovedFaces::keep_model;
    base::Time started{};
    base::Time ended{};   // of those that have ended
    std::string starter;  // in the words of whoever reads originals as them; empty once it has ended
    std::string reason;   // why it failed
    std::uint64_t moved = 0, unmoved = 0;
    std::uint64_t corrections_left = 0;  // about faces of which only an old embedding is known

    bool is_running() const {
        return status == ReembeddingStatus::queued || status == ReembeddingStatus::in_progress;
    }
};

struct UnmovedRecord {
    Unmoved reason = Unmoved::no_original;
    std::uint64_t job = 0;  // ReembeddingRecord::number
};

std::string encode(const ReembeddingRecord& record);
std::string encode(const UnmovedRecord& record);
// As those of record.h.
Result<ReembeddingRecord> decode_reembedding(std::string_view bytes);
Result<UnmovedRecord> decode_unmoved(std::string_view bytes);

struct UnmovedFace {
    FaceId face;
    Unmoved reason = Unmoved::no_original;
};

struct ReembeddingFacts {
    vision::ModelId model;  // the collection's now
    std::size_t faces = 0;  // of the collection now
    std::size_t left = 0;   // still to be looked at, while it runs
    std::optional<ReembeddingRecord> last;
    Page<UnmovedFace> unmoved;
};

inline constexpr std::size_t kUnseenMax = 1'000'000;  // faces looked for at once: 24 MB

// Callable from any thread. Every operation on one collection refuses collection_missing.
class Reembeddings {
public:
    // `registry` outlives it.
    explicit Reembeddings(Registry& registry) : registry_(registry) {}

    // From now on the collection is being moved; a Reembedder does it. To its own model means: the faces that
    // were left out. Refuses reembedding_running, too_many_reembeddings.
    Result<ReembeddingRecord> start(const CollectionKey& key, const Recognition& to,
                                    UnmovedFaces unmoved_faces, const std::string& starter);
    // Refuses token_invalid.
    Result<ReembeddingFacts> describe(const CollectionKey& key, const PageRequest& page = {}) const;
    // The collection stays with its model; what was moved counts when it is moved again. Refuses
    // reembedding_missing.
    Result<ReembeddingRecord> stop(const CollectionKey& key);

    // --- for whoever moves the faces ---
    struct Job {
        Incarnation incarnation = 0;
        ReembeddingRecord record;
    };
    // Those that wait or run, the oldest first; at most kReembeddingsMax.
    Result<std::vector<Job>> running() const;
    // The collection, if it is still being moved by this job; else refuses reembedding_missing.
    Result<CollectionRecord> collection(const Job& job) const;
    // Refuses reembedding_missing, as all that follow do once the job has ended.
    Result<void> begin(const Job& job);

    // Names of faces that the next model has not looked at, those of one picture together; at most `limit`,
    // so that what comes after them has to be asked for once these have been kept.
    Result<std::vector<search::Key>> unseen(const Job& job, std::size_t limit = kUnseenMax) const;
    // Nothing if it was erased or looked at meanwhile.
    Result<std::optional<FaceRecord>> unseen_face(const Job& job, const search::Key& name) const;
    // What it saw of them; in one commit, which the searches follow. A face that was moved or erased
    // meanwhile is passed over.
    struct Looked {
        search::Key name;
        std::optional<NextSight> sight;  // nothing: `reason`
        Unmoved reason = Unmoved::face_not_found;
    };
    Result<void> keep(const Job& job, std::span<const Looked> faces);
    // Corrections about faces of the collection get the faces' new embeddings; gives how many others there
    // are.
    Result<std::uint64_t> move_corrections(const Job& job);
    // The collection is the next model's from now on, or stays with its own where UnmovedFaces says so. Gives
    // the record as it ends.
    Result<ReembeddingRecord> finish(const Job& job, std::uint64_t corrections_left);
    // Ends it as failed.
    Result<void> fail(const Job& job, const std::string& reason);

private:
    using Change = std::function<Result<void>(store::Transaction&, CollectionRecord&, ReembeddingRecord&)>;
    Result<ReembeddingRecord> change(const CollectionKey& key, const std::optional<std::uint64_t>& number,
                                     const Change& change);

    Registry& registry_;
};

}  // namespace faces
