// Collections move to other face models: ReembedCollection, DescribeReembedding, StopReembedding.
#include "faces/reembedding.h"

#include "services/likeness/service.h"
#include "services/likeness/shapes.h"
#include "services/likeness/starter.h"

namespace services::likeness {
namespace {

// A pack and its engine's version: "open/open-1".
constexpr const char* kFaceModelPattern = R"([a-zA-Z0-9_\-][a-zA-Z0-9_.\-]*/[a-zA-Z0-9_.\-]+)";

std::string_view name_of(faces::ReembeddingStatus status) {
    switch (status) {
        case faces::ReembeddingStatus::queued:
            return "QUEUED";
        case faces::ReembeddingStatus::in_progress:
            return "IN_PROGRESS";
        case faces::ReembeddingStatus::succeeded:
            return "SUCCEEDED";
        case faces::ReembeddingStatus::failed:
            return "FAILED";
        case faces::ReembeddingStatus::stopped:
            return "STOPPED";
    }
    base::unreachable();
}

std::string_view name_of(faces::Unmoved reason) {
    switch (reason) {
        case faces::Unmoved::no_original:
            return "NO_ORIGINAL";
        case faces::Unmoved::original_unreadable:
            return "ORIGINAL_UNREADABLE";
        case faces::Unmoved::original_changed:
            return "ORIGINAL_CHANGED";
        case faces::Unmoved::face_not_found:
            return "FACE_NOT_FOUND";
    }
    base::unreachable();
}

struct Reembedding {
    std::string status, from, to, unmoved_faces;
    std::int64_t moved = 0, unmoved = 0, corrections_left = 0;
    base::Time started{};
    std::optional<base::Time> ended;
    std::optional<std::string> message;
    static auto members() {
        return wire::members(wire::required("Status", &Reembedding::status),
                             wire::required("FromFaceModel", &Reembedding::from),
                             wire::required("ToFaceModel", &Reembedding::to),
                             wire::required("UnmovedFaces", &Reembedding::unmoved_faces),
                             wire::required("MovedFaceCount", &Reembedding::moved),
                             wire::required("UnmovedFaceCount", &Reembedding::unmoved),
                             wire::required("CorrectionsLeftCount", &Reembedding::corrections_left),
                             wire::required("StartTimestamp", &Reembedding::started),
                             wire::optional("EndTimestamp", &Reembedding::ended),
                             wire::optional("StatusMessage", &Reembedding::message));
    }
};

Reembedding shape(const faces::ReembeddingRecord& record) {
    const bool leaves = record.unmoved_faces == faces::UnmovedFaces::leave_out;
    Reembedding out{.status = std::string(name_of(record.status)),
                    .from = record.from.str(),
                    .to = record.to.str(),
                    .unmoved_faces = leaves ? "LEAVE_OUT" : "KEEP_MODEL",
                    .moved = static_cast<std::int64_t>(record.moved),
                    .unmoved = static_cast<std::int64_t>(record.unmoved),
                    .corrections_left = static_cast<std::int64_t>(record.corrections_left),
                    .started = record.started,
                    .ended = {},
                    .message = {}};
    if (!record.is_running()) out.ended = record.ended;
    if (!record.reason.empty()) out.message = record.reason;
    return out;
}

struct OfCollection {
    Reembedding reembedding;
    static auto members() { return wire::members(wire::required("Reembedding", &OfCollection::reembedding)); }
};

struct ReembedCollection {
    static constexpr std::string_view name = "ReembedCollection";
    static constexpr wire::Lane lane = wire::Lane::pictures;  // a model may have to be loaded
    struct Input {
        std::string collection_id;
        std::optional<std::string> face_model;
        std::string unmoved_faces = "KEEP_MODEL";
        static auto members() {
            return wire::members(likeness::collection_id(&Input::collection_id),
                                 wire::optional("FaceModel", &Input::face_model, wire::length(3, 255),
                                                wire::pattern(kFaceModelPattern)),
                                 wire::optional("UnmovedFaces", &Input::unmoved_faces,
                                                wire::one_of({"KEEP_MODEL", "LEAVE_OUT"})));
        }
    };
    using Output = OfCollection;
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto key = key_of(call, input.collection_id);
        auto& collections = rooms.collections;
        TRY(collections.registry().find(key));
        const auto model = input.face_model ? TRY(collections.models().of(vision::ModelId(*input.face_model)))
                                            : TRY(rekognition::own_model(rooms));
        const auto unmoved = input.unmoved_faces == "LEAVE_OUT" ? faces::UnmovedFaces::leave_out
                                                                : faces::UnmovedFaces::keep_model;
        const auto started = TRY(faces::Reembeddings(collections.registry())
                                     .start(key, model->recognition, unmoved, to_text(starter_of(call))));
        if (rooms.reembed) rooms.reembed();
        return wire::Reply(wire::encode(OfCollection{shape(started)}));
    }
};

struct DescribeReembedding {
    static constexpr std::string_view name = "DescribeReembedding";
    struct Input {
        std::string collection_id;
        int max_results = 0;
        std::string next_token;
        static auto members() {
            return wire::members(likeness::collection_id(&Input::collection_id),
                                 rekognition::max_results(&Input::max_results),
                                 rekognition::next_token(&Input::next_token));
        }
    };
    struct UnmovedFace {
        std::string face_id, reason;
        static auto members() {
            return wire::members(wire::required("FaceId", &UnmovedFace::face_id),
                                 wire::required("Reason", &UnmovedFace::reason));
        }
    };
    struct Output {
        std::string face_model;
        std::int64_t faces = 0, left = 0;
        std::optional<Reembedding> last;
        std::vector<UnmovedFace> unmoved;
        std::optional<std::string> next_token;
        static auto members() {
            return wire::members(
                wire::required("FaceModel", &Output::face_model), wire::required("FaceCount", &Output::faces),
                wire::required("FacesLeftCount", &Output::left), wire::optional("Reembedding", &Output::last),
                wire::required("UnmovedFaces", &Output::unmoved),
                wire::optional("NextToken", &Output::next_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto facts =
            TRY(faces::Reembeddings(rooms.collections.registry())
                    .describe(key_of(call, input.collection_id),
                              {input.next_token, static_cast<std::size_t>(input.max_results)}));
        Output out;
        out.face_model = facts.model.str();
        out.faces = static_cast<std::int64_t>(facts.faces);
        out.left = static_cast<std::int64_t>(facts.left);
        if (facts.last) out.last = shape(*facts.last);
        for (const auto& face : facts.unmoved.items)
            out.unmoved.push_back({face.face.str(), std::string(name_of(face.reason))});
        if (!facts.unmoved.next_token.empty()) out.next_token = facts.unmoved.next_token;
        return wire::Reply(wire::encode(out));
    }
};

struct StopReembedding {
    static constexpr std::string_view name = "StopReembedding";
    struct Input {
        std::string collection_id;
        static auto members() { return wire::members(likeness::collection_id(&Input::collection_id)); }
    };
    using Output = OfCollection;
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto stopped =
            TRY(faces::Reembeddings(rooms.collections.registry()).stop(key_of(call, input.collection_id)));
        return wire::Reply(wire::encode(OfCollection{shape(stopped)}));
    }
};

}  // namespace

void add_reembedding_operations(wire::Service& service, Rooms& rooms) {
    service.add<ReembedCollection>(rooms);
    service.add<DescribeReembedding>(rooms);
    service.add<StopReembedding>(rooms);
}

}  // namespace services::likeness
