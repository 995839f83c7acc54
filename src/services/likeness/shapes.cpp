#include "services/likeness/shapes.h"

namespace services::likeness {

BoundingBox shape(const vision::Box& box) {
    return {.width = box.width, .height = box.height, .left = box.left, .top = box.top};
}

Quality shape(const vision::Quality& quality) {
    return {.brightness = quality.brightness, .sharpness = quality.sharpness};
}

Person shape(const faces::PersonId& person) {
    Person out;
    (person.kind == faces::PersonId::Kind::user ? out.user_id : out.external_image_id) = person.name;
    return out;
}

}  // namespace services::likeness
