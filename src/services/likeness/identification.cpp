// Who the faces of a picture are: IdentifyFaces.
#include "faces/identity.h"
#include "services/likeness/service.h"
#include "services/likeness/shapes.h"

namespace services::likeness {
namespace {

constexpr double kThresholdDefault = 0.5;

struct IdentifyFaces {
    static constexpr std::string_view name = "IdentifyFaces";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        std::string collection_id;
        ImageSource image;
        int max_candidates = 5;
        double threshold = kThresholdDefault;
        double unknown_prior = faces::kUnknownPriorDefault;
        std::string assignment = "JOINT";
        std::string quality_filter = "NONE";
        static auto members() {
            return wire::members(
                likeness::collection_id(&Input::collection_id), wire::required("Image", &Input::image),
                wire::optional("MaxCandidates", &Input::max_candidates,
                               wire::range(1, faces::kCandidatesMax)),
                wire::optional("ProbabilityThreshold", &Input::threshold, wire::range(0, 1)),
                wire::optional("UnknownPrior", &Input::unknown_prior, wire::range(0.001, 0.999)),
                wire::optional("Assignment", &Input::assignment, wire::one_of({"JOINT", "SEPARATE"})),
                likeness::quality_filter(&Input::quality_filter));
        }
    };
    struct Reference {
        std::string face_id, image_id;
        float similarity = 0;
        Quality quality;
        float confidence = 0;
        BoundingBox box;
        static auto members() {
            return wire::members(wire::required("FaceId", &Reference::face_id),
                                 wire::required("ImageId", &Reference::image_id),
                                 wire::required("Similarity", &Reference::similarity),
                                 wire::required("Quality", &Reference::quality),
                                 wire::required("Confidence", &Reference::confidence),
                                 wire::required("BoundingBox", &Reference::box));
        }
    };
    // What people said of a face that resembles this one.
    struct Word {
        std::string correction_id, verdict, face_id;
        float similarity = 0;
        static auto members() {
            return wire::members(wire::required("CorrectionId", &Word::correction_id),
                                 wire::required("Verdict", &Word::verdict),
                                 wire::required("FaceId", &Word::face_id),
                                 wire::required("Similarity", &Word::similarity));
        }
    };
    struct Candidate {
        Person person;
        double probability = 0;
        float similarity = 0;
        double false_match_rate = 0;
        int reference_count = 0;
        std::vector<Reference> references;
        std::vector<Word> corrections;
        static auto members() {
            return wire::members(wire::required("Person", &Candidate::person),
                                 wire::required("Probability", &Candidate::probability),
                                 wire::required("Similarity", &Candidate::similarity),
                                 wire::required("FalseMatchRate", &Candidate::false_match_rate),
                                 wire::required("ReferenceCount", &Candidate::reference_count),
                                 wire::required("References", &Candidate::references),
                                 wire::required("Corrections", &Candidate::corrections));
        }
    };
    struct Face {
        BoundingBox box;
        float confidence = 0;
        Quality quality;
        std::optional<Person> person;
        std::vector<Candidate> candidates;
        double unknown_probability = 1;
        double other_people_probability = 0;
        static auto members() {
            return wire::members(
                wire::required("BoundingBox", &Face::box), wire::required("Confidence", &Face::confidence),
                wire::required("Quality", &Face::quality), wire::optional("Person", &Face::person),
                wire::required("Candidates", &Face::candidates),
                wire::required("UnknownProbability", &Face::unknown_probability),
                wire::required("OtherPeopleProbability", &Face::other_people_probability));
        }
    };
    struct Unidentified {
        BoundingBox box;
        std::vector<std::string> reasons;
        static auto members() {
            return wire::members(wire::required("BoundingBox", &Unidentified::box),
                                 wire::required("Reasons", &Unidentified::reasons));
        }
    };
    struct Output {
        std::vector<Face> faces;
        std::vector<Unidentified> unidentified;
        std::int64_t people_count = 0;
        std::string face_model_version;
        static auto members() {
            return wire::members(wire::required("Faces", &Output::faces),
                                 wire::required("UnidentifiedFaces", &Output::unidentified),
                                 wire::required("PeopleCount", &Output::people_count),
                                 wire::required("FaceModelVersion", &Output::face_model_version));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }

    static Candidate shape_of(const faces::LikelyPerson& likely) {
        Candidate out{.person = shape(likely.person),
                      .probability = likely.probability,
                      .similarity = likely.similarity.percent,
                      .false_match_rate = likely.false_match_rate,
                      .reference_count = static_cast<int>(likely.references),
                      .references = {},
                      .corrections = {}};
        for (const auto& [face, similarity] : likely.evidence)
            out.references.push_back({.face_id = face.id.str(),
                                      .image_id = face.record.image.str(),
                                      .similarity = similarity.percent,
                                      .quality = shape(face.record.quality, face.record.embedding),
                                      .confidence = face.record.confidence,
                                      .box = shape(face.record.box)});
        for (const auto& [correction, similarity] : likely.words)
            out.corrections.push_back({.correction_id = correction.id.str(),
                                       .verdict = std::string(name_of(correction.verdict)),
                                       .face_id = correction.face.str(),
                                       .similarity = similarity.percent});
        return out;
    }
    // A face is named if the best assignment names it and that is likely enough. What the candidates listed
    // do not make up is the unknown share, so that both sum to one.
    static Face shape_of(const vision::Face& seen, const vision::Embedding& embedding,
                         const faces::IdentifiedFace& identified, double threshold) {
        Face out{.box = shape(seen.box),
                 .confidence = seen.confidence,
                 .quality = shape(seen.quality, embedding),
                 .person = std::nullopt,
                 .candidates = {},
                 .unknown_probability = identified.stranger + identified.others,
                 .other_people_probability = identified.others};
        for (const auto& likely : identified.candidates)
            out.candidates.push_back(shape_of(likely));
        if (const auto assigned = identified.assigned;
            assigned && identified.candidates[*assigned].probability >= threshold)
            out.person = shape(identified.candidates[*assigned].person);
        return out;
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto key = key_of(call, input.collection_id);
        return rekognition::look_for(rooms, key, [&](const faces::Lookers& lookers) {
            return run_with(rooms, call, input, lookers.model->sight);
        });
    }
    static Result<wire::Reply> run_with(Rooms& rooms, wire::Call& call, const Input& input,
                                        const vision::Sight& eyes) {
        const auto key = key_of(call, input.collection_id);
        const auto photo = TRY(rekognition::read_photo(rooms, call, input.image));
        const auto found =
            TRY(faces::choose(TRY(eyes.detect(photo.picture)), filter_of(input.quality_filter),
                              faces::kFacesIdentifiedMax, vision::examiner(eyes, photo.picture)));
        std::vector<vision::Embedding> embeddings;
        for (const auto& face : found.kept)
            embeddings.push_back(TRY(eyes.embed(photo.picture, face)));
        const auto identified =
            TRY(faces::identify(rooms.collections.registry(), key, embeddings,
                                {.unknown_prior = input.unknown_prior,
                                 .once_per_picture = input.assignment == "JOINT",
                                 .candidates_max = static_cast<std::size_t>(input.max_candidates)}));
        Output out;
        for (std::size_t i = 0; i < found.kept.size(); ++i)
            out.faces.push_back(shape_of(found.kept[i], embeddings[i], identified.faces[i], input.threshold));
        for (const auto& rejected : found.rejected) {
            Unidentified one{.box = shape(rejected.face.box), .reasons = {}};
            for (auto reason : rejected.reasons)
                one.reasons.emplace_back(rekognition::name_of(reason));
            out.unidentified.push_back(std::move(one));
        }
        out.people_count = static_cast<std::int64_t>(identified.people);
        out.face_model_version = rekognition::kFaceModelVersion;
        return wire::Reply(wire::encode(out));
    }
};

}  // namespace

void add_identification_operations(wire::Service& service, Rooms& rooms) {
    service.add<IdentifyFaces>(rooms);
}

}  // namespace services::likeness
