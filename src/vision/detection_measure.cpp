#include "vision/detection_measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <random>

#include "vision/detection.h"
#include "vision/group_picture.h"
#include "vision/photo_folder.h"

namespace vision {
namespace {

constexpr float kSameOverlap = 0.5f;

constexpr int kFacesMin = 4;  // of a group picture
constexpr int kFacesMax = 30;

// What the reference sees in a photograph, and what is measured of the other pipeline there.
struct Seen {
    std::optional<Face> face;
    bool is_agreed = false;
    std::vector<float> landmark_errors;
};

Result<Seen> compare(const Pipeline& pipeline, const Pipeline& reference,
                     const std::filesystem::path& photo) {
    auto picture = TRY(read_photo(photo));
    auto wanted = TRY(reference.detect(picture));
    Seen seen;
    const auto* face = central_face(wanted);
    if (!face) return seen;
    seen.face = *face;
    auto faces = TRY(pipeline.detect(picture));
    auto overlap = [&](const Face& other) {
        return intersection_over_union(pixels_of(other.box, picture), pixels_of(face->box, picture));
    };
    auto best = std::max_element(faces.begin(), faces.end(),
                                 [&](const Face& a, const Face& b) { return overlap(a) < overlap(b); });
    if (best == faces.end() || overlap(*best) < kSameOverlap) return seen;
    seen.is_agreed = true;
    auto place = [&](const Point& point) {
        return Pixel{point.x * static_cast<float>(picture.width),
                     point.y * static_cast<float>(picture.height)};
    };
    auto distance = [&](const Point& a, const Point& b) {
        return std::hypot(place(a).x - place(b).x, place(a).y - place(b).y);
    };
    float eyes = distance(face->landmarks[eye_left], face->landmarks[eye_right]);
    for (std::size_t i = 0; i < kLandmarks && eyes > 0; ++i)
        seen.landmark_errors.push_back(distance(best->landmarks[i], face->landmarks[i]) / eyes);
    return seen;
}

// Large faces first, each of a photograph drawn by chance.
Result<GroupPicture> compose(const std::vector<Head>& known, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    auto canvas = group_background(random);
    auto count = std::uniform_int_distribution<int>(kFacesMin, kFacesMax)(random);
    auto widths = face_widths(static_cast<std::size_t>(count), random);
    return compose_group(
        std::move(canvas), widths,
        [&](std::size_t) {
            return known[std::uniform_int_distribution<std::size_t>(0, known.size() - 1)(random)];
        },
        random);
}

// Each face found counts for one face that is there, the best pairs first.
std::size_t matched(const std::vector<PixelBox>& found, const std::vector<PixelBox>& there) {
    struct Pair {
        float overlap;
        std::size_t found;
        std::size_t there;
    };
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < found.size(); ++i)
        for (std::size_t j = 0; j < there.size(); ++j)
            if (float overlap = intersection_over_union(found[i], there[j]); overlap >= kSameOverlap)
                pairs.push_back({overlap, i, j});
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.overlap > b.overlap; });
    std::vector<bool> used(found.size()), met(there.size());
    std::size_t count = 0;
    for (const auto& pair : pairs) {
        if (used[pair.found] || met[pair.there]) continue;
        used[pair.found] = met[pair.there] = true;
        ++count;
    }
    return count;
}

struct GroupScore {
    std::size_t there = 0;
    std::size_t found = 0;
    std::size_t matched = 0;
    double ms = 0;
};

Result<GroupScore> judge(const Pipeline& pipeline, const GroupPicture& group) {
    auto start = std::chrono::steady_clock::now();
    auto faces = TRY(pipeline.detect(group.picture));
    std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::vector<PixelBox> found;
    for (const auto& face : faces)
        found.push_back(pixels_of(face.box, group.picture));
    return GroupScore{group.faces.size(), found.size(), matched(found, group.faces), took.count()};
}

double share(std::size_t some, std::size_t all) {
    return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

}  // namespace

std::string DetectionReport::json() const {
    return fmt::format(
        R"({{"photos":{},"agreement":{:.4f},"landmark_error":{:.4f},"pictures":{},"faces":{},"recall":{:.4f},"precision":{:.4f},"ms_per_picture":{:.1f}}})",
        photos, agreement, landmark_error, group_pictures, group_faces, recall, precision,
        ms_per_group_picture);
}

Result<DetectionReport> measure_detection(const Pipeline& pipeline, const Pipeline& reference,
                                          const std::filesystem::path& images,
                                          const DetectionOptions& options, std::size_t threads,
                                          const Progress& progress) {
    std::vector<std::filesystem::path> photos;
    for (const auto& person : TRY(read_people(images)))
        photos.insert(photos.end(), person.photos.begin(), person.photos.end());
    const std::size_t all = photos.size() + options.group_pictures;

    std::vector<Seen> seen(photos.size());
    TRY(for_each(
        photos.size(), threads,
        [&](std::size_t i) -> Result<void> {
            seen[i] = TRY(compare(pipeline, reference, photos[i]));
            return {};
        },
        [&](std::size_t done) { progress(done, all); }));

    DetectionReport report;
    std::vector<Head> known;
    std::vector<float> errors;
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < photos.size(); ++i) {
        if (!seen[i].face) continue;
        known.push_back({photos[i], seen[i].face->box});
        agreed += seen[i].is_agreed;
        errors.insert(errors.end(), seen[i].landmark_errors.begin(), seen[i].landmark_errors.end());
    }
    report.photos = known.size();
    report.agreement = share(agreed, known.size());
    if (!errors.empty()) {
        auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
        std::nth_element(errors.begin(), middle, errors.end());
        report.landmark_error = *middle;
    }
    if (known.empty() || options.group_pictures == 0) return report;

    std::vector<GroupScore> scores(options.group_pictures);
    TRY(for_each(
        scores.size(), threads,
        [&](std::size_t i) -> Result<void> {
            scores[i] = TRY(judge(pipeline, TRY(compose(known, options.seed * 1'000'003 + i))));
            return {};
        },
        [&](std::size_t done) { progress(photos.size() + done, all); }));
    GroupScore sum;
    for (const auto& score : scores) {
        sum.there += score.there;
        sum.found += score.found;
        sum.matched += score.matched;
        sum.ms += score.ms;
    }
    report.group_pictures = scores.size();
    report.group_faces = sum.there;
    report.recall = share(sum.matched, sum.there);
    report.precision = share(sum.matched, sum.found);
    report.ms_per_group_picture = sum.ms / static_cast<double>(scores.size());
    return report;
}

}  // namespace vision
