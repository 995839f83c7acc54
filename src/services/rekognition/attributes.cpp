#include "services/rekognition/attributes.h"

#include <algorithm>

namespace services::rekognition {
namespace {

std::string_view name_of(vision::Emotion emotion) {
    switch (emotion) {
        case vision::Emotion::calm:
            return "CALM";
        case vision::Emotion::happy:
            return "HAPPY";
        case vision::Emotion::sad:
            return "SAD";
        case vision::Emotion::angry:
            return "ANGRY";
        case vision::Emotion::fear:
            return "FEAR";
        case vision::Emotion::disgusted:
            return "DISGUSTED";
        case vision::Emotion::surprised:
            return "SURPRISED";
    }
    base::unreachable();
}

// In the order of vision::OutlineLandmark, which is AWS's.
constexpr std::array<std::string_view, vision::kOutlineLandmarks> kOutlineNames = {
    "leftEyeBrowLeft",  "leftEyeBrowRight", "leftEyeBrowUp", "rightEyeBrowLeft", "rightEyeBrowRight",
    "rightEyeBrowUp",   "leftEyeLeft",      "leftEyeRight",  "leftEyeUp",        "leftEyeDown",
    "rightEyeLeft",     "rightEyeRight",    "rightEyeUp",    "rightEyeDown",     "noseLeft",
    "noseRight",        "mouthUp",          "mouthDown",     "leftPupil",        "rightPupil",
    "upperJawlineLeft", "midJawlineLeft",   "chinBottom",    "midJawlineRight",  "upperJawlineRight"};

json::object shape(const vision::Judgement& judgement) {
    return {{"Value", judgement.value}, {"Confidence", judgement.confidence}};
}

void add(json::object& detail, const vision::FaceAttributes& told) {
    if (told.age_range) detail["AgeRange"] = {{"Low", told.age_range->low}, {"High", told.age_range->high}};
    if (told.gender)
        detail["Gender"] = {{"Value", told.gender->value == vision::Sex::male ? "Male" : "Female"},
                            {"Confidence", told.gender->confidence}};
    if (told.smile) detail["Smile"] = shape(*told.smile);
    if (told.mouth_open) detail["MouthOpen"] = shape(*told.mouth_open);
    if (told.eyeglasses) detail["Eyeglasses"] = shape(*told.eyeglasses);
    if (told.sunglasses) detail["Sunglasses"] = shape(*told.sunglasses);
    if (told.beard) detail["Beard"] = shape(*told.beard);
    if (told.mustache) detail["Mustache"] = shape(*told.mustache);
    if (told.eyes_open) detail["EyesOpen"] = shape(*told.eyes_open);
    if (told.face_occluded) detail["FaceOccluded"] = shape(*told.face_occluded);
    if (!told.emotions.empty()) {
        json::array emotions;
        for (const auto& each : told.emotions)
            emotions.push_back({{"Type", name_of(each.emotion)}, {"Confidence", each.confidence}});
        detail["Emotions"] = std::move(emotions);
    }
    if (told.outline) {
        auto& landmarks = detail["Landmarks"].as_array();
        for (std::size_t i = 0; i < kOutlineNames.size(); ++i)
            landmarks.push_back(
                {{"Type", kOutlineNames[i]}, {"X", (*told.outline)[i].x}, {"Y", (*told.outline)[i].y}});
    }
}

}  // namespace

vision::AttributeChoice choice_of(const std::vector<std::string>& attributes) {
    const auto has = [&](std::string_view name) {
        return std::find(attributes.begin(), attributes.end(), name) != attributes.end();
    };
    if (has("ALL")) return vision::AttributeChoice::all();
    vision::AttributeChoice choice;
    choice.age_range = has("AGE_RANGE");
    choice.gender = has("GENDER");
    choice.emotions = has("EMOTIONS");
    choice.smile = has("SMILE");
    choice.mouth_open = has("MOUTH_OPEN");
    choice.eyeglasses = has("EYEGLASSES");
    choice.beard = has("BEARD");
    choice.mustache = has("MUSTACHE");
    choice.eyes_open = has("EYES_OPEN");
    choice.sunglasses = has("SUNGLASSES");
    choice.face_occluded = has("FACE_OCCLUDED");
    return choice;
}

Result<json::object> face_detail(const vision::Sight& sight, const image::Picture& picture,
                                 const vision::Face& face, const vision::AttributeChoice& choice) {
    auto detail = face_detail(face);
    if (choice.any()) add(detail, TRY(sight.describe(picture, face, choice)));
    return detail;
}

}  // namespace services::rekognition
