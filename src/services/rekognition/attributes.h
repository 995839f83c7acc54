// What is told of a face when a caller asks for more than DEFAULT.
#pragma once

#include <string>
#include <vector>

#include "services/rekognition/rooms.h"
#include "services/rekognition/shapes.h"
#include "vision/attributes.h"

namespace services::rekognition {

// `attributes` are names that rekognition::attributes() lets through. None is DEFAULT, a named one comes in
// addition to DEFAULT, ALL is everything; the 30 landmarks come with ALL alone.
vision::AttributeChoice choice_of(const std::vector<std::string>& attributes);

// FaceDetail with what was asked for. What the installed models do not tell is left out.
Result<json::object> face_detail(const vision::Sight& sight, const image::Picture& picture,
                                 const vision::Face& face, const vision::AttributeChoice& choice);

}  // namespace services::rekognition
