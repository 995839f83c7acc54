// Operations that tell what a picture shows: DetectFaces.
#include "services/rekognition/attributes.h"
#include "services/rekognition/images.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

struct DetectFaces {
    static constexpr std::string_view name = "DetectFaces";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        ImageSource image;
        std::vector<std::string> attributes;
        static auto members() {
            return wire::members(wire::required("Image", &Input::image),
                                 rekognition::attributes("Attributes", &Input::attributes));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    // No face is an empty list here, not an error.
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto model = TRY(own_model(rooms));
        const auto& eyes = model->sight;
        const auto photo = TRY(read_photo(rooms, call, input.image));
        json::array details;
        const auto found = TRY(eyes.detect(photo.picture));
        const auto choice = choice_of(input.attributes);
        for (const auto& face : found)
            details.push_back(TRY(face_detail(eyes, photo.picture, face, choice)));
        return wire::Reply({{"FaceDetails", std::move(details)}});
    }
};

}  // namespace

void add_detection_operations(wire::Service& service, Rooms& rooms) {
    service.add<DetectFaces>(rooms);
}

}  // namespace services::rekognition
