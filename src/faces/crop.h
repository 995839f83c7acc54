// The part of a picture that shows one face, with some of what is around it, so that another model can find,
// align and embed the face again. Kept only where the operator wants it: it is a picture of a person.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "image/picture.h"
#include "vision/face.h"

namespace faces {

// How far a crop reaches beyond the face's box, in sides of the box, to each side.
inline constexpr float kCropMargin = 0.75f;
// The longer side of a crop at most; networks look at faces of 112 pixels.
inline constexpr int kCropPx = 512;

struct Crop {
    vision::Box place;  // in the picture that it was cut from
    base::Bytes jpeg;
};

// Fails only if memory runs out.
Result<Crop> crop_of(const image::Picture& picture, const vision::Box& face);

// From ratios of the whole picture to ratios of the crop, and back.
vision::Box into_crop(const vision::Box& box, const vision::Box& place);
vision::Box out_of_crop(const vision::Box& box, const vision::Box& place);

std::string encode(const Crop& crop);
// A failure for bytes of another version, or cut short.
Result<Crop> decode_crop(std::string_view bytes);

}  // namespace faces
