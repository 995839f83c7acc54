// Moves collections to other models in the background, one after the other, on one thread that yields to
// requests. What was begun is gone on with after the process ended, however it did.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "faces/collections.h"
#include "faces/reembedding.h"

namespace faces {

// What this room may not know: who may do what, and where pictures are.
struct ReembedderJoints {
    // Whether who started it may still move the collection; the refusal's message is why not.
    std::function<Result<void>(const ReembeddingRecord& job)> authorise;
    // The picture's bytes, as they are there now, read with the rights of who started it; a refusal where it
    // cannot be read.
    std::function<Result<base::Bytes>(const ReembeddingRecord& job, const std::string& original)>
        read_original;
};

// Callable from any thread.
class Reembedder {
public:
    // `collections` outlives it. Nothing is moved before start().
    Reembedder(Collections& collections, ReembedderJoints joints);
    ~Reembedder();  // stop()

    void start();
    // Waits for the picture that is being looked at; the rest is for the next start.
    void stop();
    // There is a new job.
    void wake();
    // Moves the collection whose turn it is, on this thread; false if there was none. For tests that do not
    // start().
    bool move_next();

    // Since the process began.
    std::uint64_t faces_moved() const { return faces_moved_; }
    std::uint64_t faces_unmoved() const { return faces_unmoved_; }
    bool is_running() const { return running_; }

private:
    using Job = Reembeddings::Job;
    struct Unseen {
        search::Key name;
        FaceRecord face;
    };
    using Looked = Reembeddings::Looked;

    void run();
    Result<void> move(const Job& job);
    Result<void> move_faces(const Job& job, const Model& model);
    Result<void> move_users(const Job& job);
    Result<std::vector<Unseen>> of_one_picture(const Job& job, std::span<const search::Key>& names);
    Result<std::vector<Looked>> look_at(const Job& job, const Model& model, const std::vector<Unseen>& faces);
    Result<Looked> look_at_crop(const Job& job, const Model& model, const Unseen& face, Unmoved reason);
    void let_go_of_the_old();
    bool is_stopping() const { return stopping_; }

    Collections& collections_;
    Reembeddings reembeddings_;
    const ReembedderJoints joints_;

    std::mutex mutex_;  // guards the next two
    std::condition_variable changed_;
    bool woken_ = true;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> running_ = false;
    std::atomic<std::uint64_t> faces_moved_ = 0, faces_unmoved_ = 0;

    // Requests that began before a collection was switched may still search with its old model.
    struct Old {
        base::Time until{};
        Incarnation incarnation = 0;
        CollectionKey key;
        vision::ModelId model;
    };
    std::vector<Old> old_;  // the thread's own
    std::thread thread_;
};

}  // namespace faces
