#include "services/likeness/shapes.h"

namespace services::likeness {

BoundingBox shape(const vision::Box& box) {
    return {.width = box.width, .height = box.height, .left = box.left, .top = box.top};
}

Quality shape(const vision::Quality& quality, const vision::Embedding& embedding) {
    Quality out{
        .brightness = quality.brightness, .sharpness = quality.sharpness, .reliability = std::nullopt};
    if (embedding.reliability) out.reliability = *embedding.reliability * 100;
    return out;
}

Person shape(const faces::PersonId& person) {
    Person out;
    (person.kind == faces::PersonId::Kind::user ? out.user_id : out.external_image_id) = person.name;
    return out;
}

Correction shape(const faces::Correction& correction) {
    return {.id = correction.id.str(),
            .verdict = std::string(name_of(correction.verdict)),
            .person = shape(correction.person),
            .face_id = correction.face.str(),
            .made = correction.made};
}

std::string_view name_of(faces::Verdict verdict) {
    switch (verdict) {
        case faces::Verdict::confirmed:
            return "CONFIRMED";
        case faces::Verdict::rejected:
            return "REJECTED";
    }
    base::unreachable();
}

}  // namespace services::likeness
