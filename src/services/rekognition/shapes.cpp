#include "services/rekognition/shapes.h"

#include <fmt/format.h>

namespace services::rekognition {
namespace {

// In the order of AWS's answers.
json::array landmarks(const vision::Face& face) {
    json::array out;
    auto add = [&](const char* type, vision::Landmark which) {
        const auto& point = face.landmarks[which];
        out.push_back({{"Type", type}, {"X", point.x}, {"Y", point.y}});
    };
    add("eyeLeft", vision::eye_left);
    add("eyeRight", vision::eye_right);
    add("mouthLeft", vision::mouth_left);
    add("mouthRight", vision::mouth_right);
    add("nose", vision::nose);
    return out;
}

}  // namespace

std::string_view name_of(faces::Reason reason) {
    switch (reason) {
        case faces::Reason::low_confidence:
            return "LOW_CONFIDENCE";
        case faces::Reason::small_bounding_box:
            return "SMALL_BOUNDING_BOX";
        case faces::Reason::extreme_pose:
            return "EXTREME_POSE";
        case faces::Reason::low_brightness:
            return "LOW_BRIGHTNESS";
        case faces::Reason::low_sharpness:
            return "LOW_SHARPNESS";
        case faces::Reason::low_face_quality:
            return "LOW_FACE_QUALITY";
        case faces::Reason::exceeds_max_faces:
            return "EXCEEDS_MAX_FACES";
    }
    base::unreachable();
}

std::string_view name_of(faces::Flaw flaw) {
    switch (flaw) {
        case faces::Flaw::unlike_own_person:
            return "UNLIKE_OWN_PERSON";
        case faces::Flaw::resembles_another:
            return "RESEMBLES_ANOTHER_PERSON";
        case faces::Flaw::near_duplicate:
            return "NEAR_DUPLICATE";
        case faces::Flaw::poor_quality:
            return "POOR_QUALITY";
        case faces::Flaw::confusable_people:
            return "CONFUSABLE_PEOPLE";
        case faces::Flaw::contradicted:
            return "CONTRADICTS_CORRECTION";
    }
    base::unreachable();
}

faces::Tenant tenant_of(const wire::Call& call) {
    return {call.caller.account, call.region};
}

faces::CollectionKey key_of(const wire::Call& call, const std::string& collection_id) {
    return {tenant_of(call), faces::CollectionName(collection_id)};
}

std::string collection_arn(const wire::Call& call, const std::string& collection_id) {
    return call.arn("rekognition", "collection/" + collection_id);
}

std::string collection_arn(const faces::CollectionKey& collection) {
    return fmt::format("arn:aws:rekognition:{}:{}:collection/{}", collection.tenant.region,
                       collection.tenant.account, collection.name.str());
}

faces::QualityFilter filter_of(std::string_view name) {
    using faces::QualityFilter;
    if (name == "NONE") return QualityFilter::none;
    if (name == "AUTO") return QualityFilter::automatic;
    if (name == "LOW") return QualityFilter::low;
    if (name == "MEDIUM") return QualityFilter::medium;
    INVARIANT(name == "HIGH");
    return QualityFilter::high;
}

std::vector<faces::FaceId> face_ids(const std::vector<std::string>& ids) {
    return {ids.begin(), ids.end()};
}

json::object shape(const vision::Box& box) {
    return {{"Width", box.width}, {"Height", box.height}, {"Left", box.left}, {"Top", box.top}};
}

json::object face_detail(const vision::Face& face) {
    return {
        {"BoundingBox", shape(face.box)},
        {"Confidence", face.confidence},
        {"Landmarks", landmarks(face)},
        {"Pose", {{"Roll", face.pose.roll}, {"Yaw", face.pose.yaw}, {"Pitch", face.pose.pitch}}},
        {"Quality", {{"Brightness", face.quality.brightness}, {"Sharpness", face.quality.sharpness}}},
    };
}

json::object shape(const faces::KnownFace& face) {
    json::object out = {
        {"FaceId", face.id.str()},
        {"BoundingBox", shape(face.record.box)},
        {"ImageId", face.record.image.str()},
        {"Confidence", face.record.confidence},
        {"IndexFacesModelVersion", kFaceModelVersion},
    };
    if (face.record.external_image_id) out["ExternalImageId"] = *face.record.external_image_id;
    if (face.record.user) out["UserId"] = *face.record.user;
    return out;
}

json::array shape(const std::vector<faces::Match>& matches) {
    json::array out;
    for (const auto& match : matches)
        out.push_back({{"Similarity", match.similarity.percent}, {"Face", shape(match.face)}});
    return out;
}

json::array shape(const std::vector<faces::Reason>& reasons) {
    json::array out;
    for (auto reason : reasons)
        out.push_back(json::value(name_of(reason)));
    return out;
}

json::object shape(const faces::User& user) {
    return {{"UserId", user.id.str()}, {"UserStatus", name_of(user.status)}};
}

json::array shape(const std::vector<faces::UserMatch>& matches) {
    json::array out;
    for (const auto& match : matches)
        out.push_back({{"Similarity", match.similarity.percent}, {"User", shape(match.user)}});
    return out;
}

std::string_view name_of(faces::UserStatus status) {
    switch (status) {
        case faces::UserStatus::created:
            return "CREATED";
        case faces::UserStatus::active:
            return "ACTIVE";
    }
    base::unreachable();
}

}  // namespace services::rekognition
