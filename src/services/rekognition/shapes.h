// The structures and limits that several operations share.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "faces/audit.h"
#include "faces/collections.h"
#include "faces/quality.h"
#include "vision/face.h"
#include "wire/operation.h"

namespace services::rekognition {

namespace json = boost::json;

// Callers compare it with 3 or 4 to know whether there are quality filters, so it must look like one of
// AWS's. The model's own name is in the pack.
inline constexpr std::string_view kFaceModelVersion = "7.0";

inline constexpr std::string_view kCollectionIdPattern = R"([a-zA-Z0-9_.\-]+)";
inline constexpr std::string_view kExternalImageIdPattern = R"([a-zA-Z0-9_.\-:]+)";
inline constexpr std::string_view kUserIdPattern = R"([a-zA-Z0-9_.\-:]+)";
inline constexpr std::string_view kUuidPattern =
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
inline constexpr std::size_t kTokenLengthMax = 255;

template <class Owner>
auto collection_id(std::string Owner::*member) {
    return wire::required("CollectionId", member, wire::length(1, 255), wire::pattern(kCollectionIdPattern));
}
template <class Owner>
auto user_id(std::string Owner::*member) {
    return wire::required("UserId", member, wire::length(1, 128), wire::pattern(kUserIdPattern));
}
template <class Owner>
auto user_id(std::optional<std::string> Owner::*member) {
    return wire::optional("UserId", member, wire::length(1, 128), wire::pattern(kUserIdPattern));
}
template <class Owner>
auto next_token(std::string Owner::*member) {
    return wire::optional("NextToken", member, wire::length(0, kTokenLengthMax));
}
template <class Owner>
auto max_results(int Owner::*member) {
    return wire::optional("MaxResults", member, wire::range(0, faces::kPageSizeMax));
}
template <class Owner>
auto max_faces_found(int Owner::*member) {
    return wire::optional("MaxFaces", member, wire::range(1, faces::kMatchesMax));
}
template <class Owner>
auto quality_filter(std::string Owner::*member) {
    return wire::optional("QualityFilter", member, wire::one_of({"NONE", "AUTO", "LOW", "MEDIUM", "HIGH"}));
}
// What is asked for beyond DEFAULT (attributes.h); what no model tells is asked for in vain.
template <class Owner>
auto attributes(std::string_view name, std::vector<std::string> Owner::*member) {
    return wire::optional(
        name, member,
        wire::each(wire::one_of({"DEFAULT", "ALL", "AGE_RANGE", "BEARD", "EMOTIONS", "EYE_DIRECTION",
                                 "EYEGLASSES", "EYES_OPEN", "GENDER", "MOUTH_OPEN", "MUSTACHE",
                                 "FACE_OCCLUDED", "SMILE", "SUNGLASSES"})));
}

faces::Tenant tenant_of(const wire::Call& call);
faces::CollectionKey key_of(const wire::Call& call, const std::string& collection_id);
std::string collection_arn(const wire::Call& call, const std::string& collection_id);
std::string collection_arn(const faces::CollectionKey& collection);
// `name` is one that quality_filter() lets through.
faces::QualityFilter filter_of(std::string_view name);
std::vector<faces::FaceId> face_ids(const std::vector<std::string>& ids);

json::object shape(const vision::Box& box);                   // BoundingBox
json::object face_detail(const vision::Face& face);           // FaceDetail
json::object shape(const faces::KnownFace& face);             // Face
json::array shape(const std::vector<faces::Match>& matches);  // list of FaceMatch
json::array shape(const std::vector<faces::Reason>& reasons);
json::object shape(const faces::User& user);  // User; also MatchedUser, which is alike
json::array shape(const std::vector<faces::UserMatch>& matches);
std::string_view name_of(faces::UserStatus status);
std::string_view name_of(faces::Reason reason);
std::string_view name_of(faces::Flaw flaw);

}  // namespace services::rekognition
