// What people say of faces: ConfirmFace, RejectFace, ListCorrections, UndoCorrection.
#include "faces/corrections.h"

#include "faces/identity.h"
#include "services/likeness/service.h"
#include "services/likeness/shapes.h"
#include "services/rekognition/errors.h"

namespace services::likeness {
namespace {

// How much of the two boxes together their common part must be, for a caller's box to mean a face.
constexpr float kOverlapMin = 0.5f;

Result<faces::PersonId> person_in(const Person& person) {
    if (person.user_id.has_value() == person.external_image_id.has_value())
        return Error::refusal(rekognition::Refusal::one_of_two);
    if (person.user_id) return faces::PersonId{faces::PersonId::Kind::user, *person.user_id};
    return faces::PersonId{faces::PersonId::Kind::external_image_id, *person.external_image_id};
}

struct Kept {
    Correction correction;
    static auto members() { return wire::members(wire::required("Correction", &Kept::correction)); }
};

// A face of the collection, or one of a picture: the largest, or the one that BoundingBox shows.
struct Word {
    std::string collection_id;
    Person person;
    std::optional<std::string> face_id;
    std::optional<ImageSource> image;
    std::optional<BoundingBox> box;
    static auto members() {
        return wire::members(
            likeness::collection_id(&Word::collection_id), wire::required("Person", &Word::person),
            wire::optional("FaceId", &Word::face_id, wire::pattern(rekognition::kUuidPattern)),
            wire::optional("Image", &Word::image), wire::optional("BoundingBox", &Word::box));
    }
};

Result<faces::CorrectedFace> face_in(Rooms& rooms, wire::Call& call, const faces::Lookers& lookers,
                                     const Word& word) {
    const auto& eyes = lookers.model->sight;
    const auto photo = TRY(rekognition::read_photo(rooms, call, *word.image));
    const auto found = TRY(eyes.detect(photo.picture));
    if (found.empty()) return Error::refusal(rekognition::Refusal::no_face);
    const auto* meant = &found.front();
    if (const auto& box = word.box)
        meant = vision::face_at(found, {box->left, box->top, box->width, box->height}, kOverlapMin);
    if (!meant) return Error::refusal(rekognition::Refusal::no_face);
    const auto image = faces::image_id_of(photo.bytes, lookers.model->recognition.model);
    faces::CorrectedFace out{faces::face_id_of(image, meant->box, ""), {}, rekognition::next_of(lookers), {}};
    out.embedding = TRY(eyes.embed(photo.picture, *meant));
    const auto seen_by_next = TRY(rekognition::seen_by_next(lookers, photo));
    auto next = TRY(rekognition::next_sight(lookers, photo, seen_by_next, meant->box));
    if (next) out.others.push_back(std::move(next->embedding));
    return out;
}

Result<wire::Reply> keep(Rooms& rooms, wire::Call& call, const faces::Lookers& lookers, const Word& word,
                         faces::Verdict verdict) {
    const auto key = key_of(call, word.collection_id);
    const auto person = TRY(person_in(word.person));
    if (word.face_id.has_value() == word.image.has_value() || (word.box && !word.image))
        return Error::refusal(rekognition::Refusal::one_of_two);
    auto& corrections = rooms.collections.corrections();
    const auto correction =
        word.face_id ? TRY(corrections.make(key, verdict, faces::FaceId(*word.face_id), person))
                     : TRY(corrections.make(key, verdict, TRY(face_in(rooms, call, lookers, word)), person));
    return wire::Reply(wire::encode(Kept{shape(correction)}));
}

// ConfirmFace and RejectFace: the same words, said the one way or the other.
template <faces::Verdict verdict>
struct SayOfFace {
    static constexpr std::string_view name =
        verdict == faces::Verdict::confirmed ? "ConfirmFace" : "RejectFace";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    using Input = Word;
    using Output = Kept;
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        return rekognition::look_for(
            rooms, key_of(call, input.collection_id),
            [&](const faces::Lookers& lookers) { return keep(rooms, call, lookers, input, verdict); });
    }
};
using ConfirmFace = SayOfFace<faces::Verdict::confirmed>;
using RejectFace = SayOfFace<faces::Verdict::rejected>;

struct ListCorrections {
    static constexpr std::string_view name = "ListCorrections";
    struct Input {
        std::string collection_id;
        std::optional<Person> person;
        std::optional<std::string> face_id;
        int max_results = 0;
        std::string next_token;
        static auto members() {
            return wire::members(
                likeness::collection_id(&Input::collection_id), wire::optional("Person", &Input::person),
                wire::optional("FaceId", &Input::face_id, wire::pattern(rekognition::kUuidPattern)),
                rekognition::max_results(&Input::max_results), rekognition::next_token(&Input::next_token));
        }
    };
    struct Output {
        std::vector<Correction> corrections;
        std::optional<std::string> next_token;
        static auto members() {
            return wire::members(wire::required("Corrections", &Output::corrections),
                                 wire::optional("NextToken", &Output::next_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        faces::CorrectionFilter filter;
        if (input.person) filter.person = TRY(person_in(*input.person));
        if (input.face_id) filter.face = faces::FaceId(*input.face_id);
        const auto page = TRY(rooms.collections.corrections().list(
            key_of(call, input.collection_id),
            {input.next_token, static_cast<std::size_t>(input.max_results)}, filter));
        Output out;
        for (const auto& correction : page.items)
            out.corrections.push_back(shape(correction));
        if (!page.next_token.empty()) out.next_token = page.next_token;
        return wire::Reply(wire::encode(out));
    }
};

struct UndoCorrection {
    static constexpr std::string_view name = "UndoCorrection";
    struct Input {
        std::string collection_id;
        std::string correction_id;
        static auto members() {
            return wire::members(likeness::collection_id(&Input::collection_id),
                                 wire::required("CorrectionId", &Input::correction_id,
                                                wire::pattern(rekognition::kUuidPattern)));
        }
    };
    using Output = Kept;  // what was undone
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto undone = TRY(rooms.collections.corrections().undo(
            key_of(call, input.collection_id), faces::CorrectionId(input.correction_id)));
        return wire::Reply(wire::encode(Kept{shape(undone)}));
    }
};

}  // namespace

void add_correction_operations(wire::Service& service, Rooms& rooms) {
    service.add<ConfirmFace>(rooms);
    service.add<RejectFace>(rooms);
    service.add<ListCorrections>(rooms);
    service.add<UndoCorrection>(rooms);
}

}  // namespace services::likeness
