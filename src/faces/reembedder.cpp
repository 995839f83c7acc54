#include "faces/reembedder.h"

#include <algorithm>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "faces/crop.h"
#include "faces/identity.h"
#include "faces/tables.h"
#include "image/decode.h"

namespace faces {
namespace {

constexpr int kNice = 10;
constexpr std::size_t kFacesPerCommit = 1000;  // of one picture that was enrolled under very many names
constexpr base::Duration kStragglers{60'000};
constexpr std::chrono::seconds kPause{5};

// A thread's own on Linux. Without the right to it the thread is as the others.
void yield_to_requests() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
}

}  // namespace

Reembedder::Reembedder(Collections& collections, ReembedderJoints joints)
    : collections_(collections), reembeddings_(collections.registry()), joints_(std::move(joints)) {}

Reembedder::~Reembedder() {
    stop();
}

void Reembedder::start() {
    thread_ = std::thread([this] { run(); });
}

void Reembedder::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Reembedder::wake() {
    {
        std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

void Reembedder::run() {
    yield_to_requests();
    while (!is_stopping()) {
        let_go_of_the_old();
        if (move_next()) continue;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPause, [&] { return woken_ || is_stopping(); });
        woken_ = false;
    }
}

bool Reembedder::move_next() {
    const auto jobs = reembeddings_.running();
    if (!jobs.ok()) base::log().error("reembedding: {}", jobs.error().detail());
    if (!jobs.ok() || jobs->empty()) return false;
    const auto& job = jobs->front();
    running_ = true;
    const auto moved = move(job);
    running_ = false;
    if (moved.ok()) return true;
    const auto& error = moved.error();
    if (error.is(Refusal::reembedding_missing)) return false;  // stopped, or the collection is gone
    if (error.is(store::Refusal::conflict)) return false;  // requests were faster: gone on with after a pause
    if (error.is_failure())
        base::log().error("reembedding incarnation={:016x} failed: {}", job.incarnation, error.detail());
    const auto failed = reembeddings_.fail(
        job, error.is_failure() ? std::string("The server failed; its log says why") : error.message());
    if (!failed.ok() && failed.error().is_failure()) {
        base::log().error("reembedding incarnation={:016x} cannot be ended: {}", job.incarnation,
                          failed.error().detail());
        return false;  // tried again after a pause
    }
    return true;
}

Result<void> Reembedder::move(const Job& job) {
    TRY(joints_.authorise(job.record));
    const auto model = TRY(collections_.models().of(job.record.to));
    TRY(reembeddings_.begin(job));
    base::log().info("reembedding incarnation={:016x} from {} to {} begins", job.incarnation,
                     job.record.from.str(), job.record.to.str());
    TRY(move_faces(job, *model));
    if (is_stopping()) return {};
    TRY(move_users(job));
    const auto corrections_left = TRY(reembeddings_.move_corrections(job));
    if (is_stopping()) return {};

    // What will be searched is there before it is needed.
    const auto next = as_next(TRY(reembeddings_.collection(job)));
    const auto& registry = collections_.registry();
    TRY(registry.gallery(next)->index());
    TRY(registry.users(next)->index());
    TRY(registry.corrections(next)->index());
    const auto ended = TRY(reembeddings_.finish(job, corrections_left));
    const bool has_moved = ended.status == ReembeddingStatus::succeeded;
    base::log().info("reembedding incarnation={:016x} {}: {} faces moved, {} not; {} corrections left",
                     job.incarnation, has_moved ? "succeeded" : "failed", ended.moved, ended.unmoved,
                     ended.corrections_left);
    if (ended.from == ended.to) return {};
    if (has_moved)
        old_.push_back({collections_.registry().clock().now() + kStragglers, job.incarnation, job.record.key,
                        ended.from});
    else
        registry.let_go(job.incarnation, ended.to);
    return {};
}

Result<void> Reembedder::move_faces(const Job& job, const Model& model) {
    for (auto names = TRY(reembeddings_.unseen(job)); !names.empty(); names = TRY(reembeddings_.unseen(job)))
        for (std::span<const search::Key> left = names; !left.empty();) {
            if (is_stopping()) return {};
            const auto faces = TRY(of_one_picture(job, left));
            if (faces.empty()) continue;
            TRY(joints_.authorise(job.record));
            const auto looked = TRY(look_at(job, model, faces));
            TRY(reembeddings_.keep(job, looked));
            for (const auto& face : looked)
                ++(face.sight ? faces_moved_ : faces_unmoved_);
        }
    return {};
}

// The first of the faces named, and those behind it that are of its picture; takes their names away.
Result<std::vector<Reembedder::Unseen>> Reembedder::of_one_picture(const Job& job,
                                                                   std::span<const search::Key>& names) {
    std::vector<Unseen> out;
    for (; !names.empty() && out.size() < kFacesPerCommit; names = names.subspan(1)) {
        auto face = TRY(reembeddings_.unseen_face(job, names.front()));
        if (!face) continue;
        if (!out.empty() && out.front().face.image != face->image) break;
        out.push_back({names.front(), *std::move(face)});
    }
    return out;
}

// The faces of one picture.
Result<std::vector<Reembeddings::Looked>> Reembedder::look_at(const Job& job, const Model& model,
                                                              const std::vector<Unseen>& faces) {
    auto reason = Unmoved::no_original;
    std::optional<image::Picture> picture;
    std::vector<vision::Face> found;
    for (const auto& [name, face] : faces) {
        if (picture || !face.original) continue;
        const auto bytes = joints_.read_original(job.record, *face.original);
        if (!bytes.ok()) {
            if (bytes.error().is_failure()) return bytes.error();
            reason = Unmoved::original_unreadable;
            continue;
        }
        if (digest_of(*bytes) != face.picture_digest) {
            reason = Unmoved::original_changed;
            continue;
        }
        auto decoded = image::decode(*bytes);
        if (!decoded.ok()) {
            if (decoded.error().is_failure()) return decoded.error();
            reason = Unmoved::original_unreadable;
            continue;
        }
        picture = *std::move(decoded);
        found = TRY(model.sight.detect(*picture));
    }
    std::vector<Looked> out;
    for (const auto& unseen : faces) {
        const auto* seen = picture ? vision::face_at(found, unseen.face.box, kSameFaceOverlap) : nullptr;
        if (!seen) {
            out.push_back(TRY(look_at_crop(job, model, unseen, picture ? Unmoved::face_not_found : reason)));
            continue;
        }
        auto embedding = TRY(model.sight.embed(*picture, *seen));
        out.push_back({unseen.name, NextSight{seen->box, std::move(embedding)}, {}});
    }
    return out;
}

// Where the original does not show the face; `reason` says why.
Result<Reembeddings::Looked> Reembedder::look_at_crop(const Job& job, const Model& model,
                                                      const Unseen& unseen, Unmoved reason) {
    const auto& records = collections_.registry().records();
    const auto bytes = TRY(records.get(record_key(kCropTable, job.incarnation, unseen.name)));
    if (!bytes) return Looked{unseen.name, std::nullopt, reason};
    const auto crop = TRY(decode_crop(*bytes));
    const auto picture = TRY(image::decode(crop.jpeg));
    const auto found = TRY(model.sight.detect(picture));
    const auto* seen = vision::face_at(found, into_crop(unseen.face.box, crop.place), kSameFaceOverlap);
    if (!seen) return Looked{unseen.name, std::nullopt, Unmoved::face_not_found};
    auto embedding = TRY(model.sight.embed(picture, *seen));
    return Looked{unseen.name, NextSight{out_of_crop(seen->box, crop.place), std::move(embedding)}};
}

Result<void> Reembedder::move_users(const Job& job) {
    PageRequest page;
    do {
        const auto users = TRY(collections_.users().list(job.record.key, page));
        const auto collection = TRY(reembeddings_.collection(job));
        for (const auto& user : users.items) {
            if (is_stopping()) return {};
            TRY(collections_.users().renew(collection, user.id));
        }
        page.token = users.next_token;
    } while (!page.token.empty());
    return {};
}

void Reembedder::let_go_of_the_old() {
    const auto now = collections_.registry().clock().now();
    std::erase_if(old_, [&](const Old& old) {
        if (now < old.until) return false;
        // Unless it has been moved back meanwhile, or is being.
        const auto collection = collections_.registry().find(old.key);
        const bool is_needed =
            collection.ok() && collection->incarnation == old.incarnation &&
            (collection->model == old.model || (collection->next && collection->next->model == old.model));
        if (!is_needed) collections_.registry().let_go(old.incarnation, old.model);
        return true;
    });
}

}  // namespace faces
