// Names that follow from what they name, so that indexing the same picture again finds the same faces. AWS's
// own ids carry UUID version 5 (name-based), and its guide promises equal ids for equal pictures under one
// model.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "faces/names.h"
#include "search/segment.h"
#include "vision/face.h"

namespace faces {

// SHA-256 of the picture's bytes as they came: 32 bytes.
std::string digest_of(base::ByteView picture);
// Of the picture by its digest, and the model that looks at it.
ImageId image_id_of(std::string_view picture_digest, const vision::ModelId& model);
inline ImageId image_id_of(base::ByteView picture, const vision::ModelId& model) {
    return image_id_of(digest_of(picture), model);
}

// Of the place of a face in its picture, to a 256th of the sides, and the caller's own name for the picture
// (empty without one): under another name the same face is another face.
FaceId face_id_of(const ImageId& image, const vision::Box& box, std::string_view external_image_id);

// The 16 bytes of a UUID; they sort as its text does. Neither is given anything but a UUID.
search::Key key_of(const FaceId& face);
FaceId face_of(const search::Key& key);

}  // namespace faces
