// Operations that put faces into a collection and take them out: IndexFaces, ListFaces, DeleteFaces.
#include <fmt/format.h>

#include "faces/identity.h"
#include "services/rekognition/attributes.h"
#include "services/rekognition/images.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

constexpr std::size_t kWarningsMax = 20;

// What is wrong with reference faces that have just come: "RESEMBLES_ANOTHER_PERSON FaceId, ...". Empty
// without a finding, and where the model's scores say too little.
Result<std::string> warning_of(const Rooms& rooms, const faces::CollectionKey& key, const faces::Model& model,
                               const std::vector<faces::EnrolledFace>& enrolled) {
    if (!model.recognition.calibration.scores()) return std::string();
    std::vector<faces::FaceId> ids;
    for (const auto& face : enrolled)
        ids.push_back(face.face.id);
    std::vector<std::string> words;
    for (const auto& found : TRY(faces::audit_faces(rooms.collections.registry(), key, ids)))
        if (words.size() < kWarningsMax)
            words.push_back(fmt::format("{} {}", name_of(found.flaw), found.face->str()));
    return fmt::format("{}", fmt::join(words, ", "));
}

struct IndexFaces {
    static constexpr std::string_view name = "IndexFaces";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        std::string collection_id;
        ImageSource image;
        std::optional<std::string> external_image_id;
        std::vector<std::string> attributes;
        std::optional<int> max_faces;
        std::string quality_filter = "AUTO";
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 wire::required("Image", &Input::image),
                                 wire::optional("ExternalImageId", &Input::external_image_id,
                                                wire::length(1, 255), wire::pattern(kExternalImageIdPattern)),
                                 rekognition::attributes("DetectionAttributes", &Input::attributes),
                                 wire::optional("MaxFaces", &Input::max_faces, wire::at_least(1)),
                                 rekognition::quality_filter(&Input::quality_filter));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<faces::Enrolment> enrolment_of(const Rooms& rooms, const Input& input,
                                                 const faces::Lookers& lookers, const Photo& photo,
                                                 const std::vector<vision::Face>& kept) {
        faces::Enrolment out;
        out.picture_digest = faces::digest_of(photo.bytes);
        out.image = faces::image_id_of(out.picture_digest, lookers.model->recognition.model);
        out.external_image_id = input.external_image_id;
        if (photo.object) out.original = to_text(*photo.object);
        out.next = next_of(lookers);
        const auto next = TRY(seen_by_next(lookers, photo));
        for (const auto& face : kept) {
            faces::NewFace made;
            made.face = face;
            made.embedding = TRY(lookers.model->sight.embed(photo.picture, face));
            made.next = TRY(next_sight(lookers, photo, next, face.box));
            if (rooms.keep_crops) made.crop = TRY(faces::crop_of(photo.picture, face.box));
            out.faces.push_back(std::move(made));
        }
        return out;
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        return look_for(rooms, key_of(call, input.collection_id),
                        [&](const faces::Lookers& lookers) { return run_with(rooms, call, input, lookers); });
    }
    static Result<wire::Reply> run_with(Rooms& rooms, wire::Call& call, const Input& input,
                                        const faces::Lookers& lookers) {
        const auto key = key_of(call, input.collection_id);
        const auto& eyes = lookers.model->sight;
        const auto photo = TRY(read_photo(rooms, call, input.image));
        const auto found =
            TRY(faces::choose_to_enrol(TRY(eyes.detect(photo.picture)), filter_of(input.quality_filter),
                                       input.max_faces, vision::examiner(eyes, photo.picture)));
        const auto enrolment = TRY(enrolment_of(rooms, input, lookers, photo, found.kept));
        const auto enrolled = TRY(rooms.collections.enrol(key, enrolment));
        const auto warning = TRY(warning_of(rooms, key, *lookers.model, enrolled));

        // Shapes the answer alone: nothing of it is kept.
        const auto choice = choice_of(input.attributes);
        json::array records, unindexed;
        for (const auto& face : enrolled) {
            auto detail = TRY(face_detail(eyes, photo.picture, face.seen, choice));
            records.push_back({{"Face", shape(face.face)}, {"FaceDetail", std::move(detail)}});
        }
        for (const auto& rejected : found.rejected) {
            auto detail = TRY(face_detail(eyes, photo.picture, rejected.face, choice));
            unindexed.push_back({{"Reasons", shape(rejected.reasons)}, {"FaceDetail", std::move(detail)}});
        }
        wire::Reply reply({{"FaceRecords", std::move(records)},
                           {"FaceModelVersion", kFaceModelVersion},
                           {"UnindexedFaces", std::move(unindexed)}});
        if (!warning.empty()) reply.headers.set("x-likeness-warning", warning);
        return reply;
    }
};

struct ListFaces {
    static constexpr std::string_view name = "ListFaces";
    struct Input {
        std::string collection_id;
        std::string next_token;
        int max_results = 0;
        std::optional<std::string> user_id;
        std::optional<std::vector<std::string>> face_ids;
        static auto members() {
            return wire::members(
                rekognition::collection_id(&Input::collection_id),
                rekognition::next_token(&Input::next_token), rekognition::max_results(&Input::max_results),
                rekognition::user_id(&Input::user_id),
                wire::optional("FaceIds", &Input::face_ids, wire::items(1, faces::kPageSizeMax),
                               wire::each(wire::pattern(kUuidPattern))));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        faces::FaceFilter filter;
        if (input.face_ids) filter.ids = face_ids(*input.face_ids);
        if (input.user_id) filter.user = faces::UserId(*input.user_id);
        auto page = TRY(rooms.collections.list_faces(
            key_of(call, input.collection_id),
            {input.next_token, static_cast<std::size_t>(input.max_results)}, filter));
        json::array listed;
        for (const auto& face : page.items)
            listed.push_back(shape(face));
        wire::Reply reply({{"Faces", std::move(listed)}, {"FaceModelVersion", kFaceModelVersion}});
        if (!page.next_token.empty()) reply.body["NextToken"] = page.next_token;
        return reply;
    }
};

struct DeleteFaces {
    static constexpr std::string_view name = "DeleteFaces";
    struct Input {
        std::string collection_id;
        std::vector<std::string> face_ids;
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 wire::required("FaceIds", &Input::face_ids, wire::items(1, 4096),
                                                wire::each(wire::pattern(kUuidPattern))));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto erasure =
            TRY(rooms.collections.erase_faces(key_of(call, input.collection_id), face_ids(input.face_ids)));
        json::array deleted, unsuccessful;
        for (const auto& id : erasure.erased)
            deleted.push_back(json::value(id.str()));
        for (const auto& id : erasure.missing)
            unsuccessful.push_back({{"FaceId", id.str()}, {"Reasons", json::array{"FACE_NOT_FOUND"}}});
        for (const auto& [face, user] : erasure.held)
            unsuccessful.push_back({{"FaceId", face.str()},
                                    {"UserId", user.str()},
                                    {"Reasons", json::array{"ASSOCIATED_TO_AN_EXISTING_USER"}}});
        return wire::Reply(
            {{"DeletedFaces", std::move(deleted)}, {"UnsuccessfulFaceDeletions", std::move(unsuccessful)}});
    }
};

}  // namespace

void add_indexing_operations(wire::Service& service, Rooms& rooms) {
    service.add<IndexFaces>(rooms);
    service.add<ListFaces>(rooms);
    service.add<DeleteFaces>(rooms);
}

}  // namespace services::rekognition
