#include "services/rekognition/probe.h"

#include "services/rekognition/shapes.h"

namespace services::rekognition {

Result<Probe> read_probe(Rooms& rooms, wire::Call& call, const faces::Model& model, const ImageSource& image,
                         const std::string& quality_filter) {
    const auto& eyes = model.sight;
    const auto photo = TRY(read_photo(rooms, call, image));
    auto found = TRY(faces::choose(TRY(eyes.detect(photo.picture)), filter_of(quality_filter), 1,
                                   vision::examiner(eyes, photo.picture)));
    Probe probe;
    probe.rejected = std::move(found.rejected);
    if (found.kept.empty()) return probe;
    auto embedding = TRY(eyes.embed(photo.picture, found.kept.front()));
    probe.largest = Probe::Largest{std::move(found.kept.front()), std::move(embedding)};
    return probe;
}

}  // namespace services::rekognition
