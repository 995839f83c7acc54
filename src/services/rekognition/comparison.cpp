// Operations that compare pictures and keep nothing: CompareFaces.
#include <algorithm>

#include "faces/quality.h"
#include "services/rekognition/errors.h"
#include "services/rekognition/images.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

struct Compared {
    vision::Similarity similarity;
    const vision::Face* face;
};

// ComparedFace: Smile and Emotions are in the shape too, but AWS gives them for celebrities only.
json::object compared_face(const vision::Face& face) {
    return face_detail(face);
}

struct CompareFaces {
    static constexpr std::string_view name = "CompareFaces";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        ImageSource source;
        ImageSource target;
        float threshold = 80;
        std::string quality_filter = "NONE";
        static auto members() {
            return wire::members(
                wire::required("SourceImage", &Input::source), wire::required("TargetImage", &Input::target),
                wire::optional("SimilarityThreshold", &Input::threshold, wire::range(0, 100)),
                rekognition::quality_filter(&Input::quality_filter));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    // The largest face of the source is compared with each face of the target, which is then in exactly one
    // of the two lists. Faces that the filter rejects are not compared. AWS has estimated no orientations
    // since 2021 and leaves those members out.
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto model = TRY(own_model(rooms));
        const auto& eyes = model->sight;
        const auto filter = filter_of(input.quality_filter);
        const auto source = TRY(read_photo(rooms, call, input.source));
        const auto target = TRY(read_photo(rooms, call, input.target));
        const auto sources = TRY(faces::choose(TRY(eyes.detect(source.picture)), filter, 1,
                                               vision::examiner(eyes, source.picture)))
                                 .kept;
        const auto targets = TRY(faces::choose(TRY(eyes.detect(target.picture)), filter, std::nullopt,
                                               vision::examiner(eyes, target.picture)))
                                 .kept;
        if (sources.empty() || targets.empty()) return Error::refusal(Refusal::no_face);
        const auto probe = TRY(eyes.embed(source.picture, sources.front()));

        std::vector<Compared> alike;
        json::array matches, unmatched;
        for (const auto& face : targets) {
            const auto embedding = TRY(eyes.embed(target.picture, face));
            const auto similarity = model->recognition.similarity(probe, embedding);
            if (similarity >= vision::Similarity{input.threshold})
                alike.push_back({similarity, &face});
            else
                unmatched.push_back(compared_face(face));
        }
        std::stable_sort(alike.begin(), alike.end(),
                         [](const Compared& a, const Compared& b) { return a.similarity > b.similarity; });
        for (const auto& match : alike)
            matches.push_back(
                {{"Similarity", match.similarity.percent}, {"Face", compared_face(*match.face)}});
        return wire::Reply(
            {{"SourceImageFace",
              {{"BoundingBox", shape(sources.front().box)}, {"Confidence", sources.front().confidence}}},
             {"FaceMatches", std::move(matches)},
             {"UnmatchedFaces", std::move(unmatched)}});
    }
};

}  // namespace

void add_comparison_operations(wire::Service& service, Rooms& rooms) {
    service.add<CompareFaces>(rooms);
}

}  // namespace services::rekognition
