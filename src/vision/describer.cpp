#include "vision/describer.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "vision/alignment.h"
#include "vision/eyewear.h"

namespace vision {
namespace {

constexpr const char* kRoles[] = {"age_gender", "expression", "landmarks_68", "attributes"};

// The names of what networks tell, and how many numbers each is at least.
constexpr const char *kAge = "age", *kGender = "gender", *kExpression = "expression",
                     *kLandmarks68 = "landmarks";
const std::map<std::string, std::size_t> kCounts = {
    {kAge, 1},           {kGender, 1},    {kExpression, kEmotions}, {kLandmarks68, 2 * kDensePoints},
    {"beard", 1},        {"mustache", 1}, {"eyes_open", 1},         {"sunglasses", 1},
    {"face_occluded", 1}};

// What networks say the probability of, and where it is asked for and told.
struct Judged {
    const char* output;
    bool AttributeChoice::*asked;
    std::optional<Judgement> FaceAttributes::*told;
};
constexpr Judged kJudged[] = {
    {"beard", &AttributeChoice::beard, &FaceAttributes::beard},
    {"mustache", &AttributeChoice::mustache, &FaceAttributes::mustache},
    {"eyes_open", &AttributeChoice::eyes_open, &FaceAttributes::eyes_open},
    {"sunglasses", &AttributeChoice::sunglasses, &FaceAttributes::sunglasses},
    {"face_occluded", &AttributeChoice::face_occluded, &FaceAttributes::face_occluded},
};

// Nothing if this program was built without it.
std::shared_ptr<const neural::Pack> builtin_pack() {
    const auto known = neural::known_pack("builtin");
    if (!known.ok()) return nullptr;
    const auto pack = neural::Pack::builtin(**known);
    return pack.ok() ? *pack : nullptr;
}

std::optional<float> threshold(const neural::Role& role, const std::string& name) {
    auto found = role.thresholds.find(name);
    if (found == role.thresholds.end()) return std::nullopt;
    return static_cast<float>(found->second);
}

}  // namespace

// One network and how it is fed.
struct Describer::Reader {
    Reader(std::shared_ptr<const neural::Model> model, const neural::Role& given,
           const std::vector<std::string>& told)
        : role(given), outputs(told.begin(), told.end()), networks(std::move(model), 1, told) {
        for (std::size_t i = 0; i < kLandmarks; ++i)
            to[i] = {role.alignment->points[i].x, role.alignment->points[i].y};
    }

    const neural::Role role;
    std::set<std::string> outputs;
    PixelLandmarks to;
    mutable Networks networks;
};

// What the networks said, by the outputs' names, and where an aligned picture came from.
struct Describer::Readings {
    std::map<std::string, std::vector<float>> numbers;
    Similitude from_aligned;  // of the reader that tells landmarks
    int aligned_px = 0;

    bool has(const char* output) const { return numbers.contains(output); }
    const std::vector<float>& of(const char* output) const { return numbers.at(output); }
    // In pixels of the aligned picture.
    DensePoints points() const {
        DensePoints out;
        const auto& ratios = of(kLandmarks68);
        const auto side = static_cast<float>(aligned_px);
        for (std::size_t i = 0; i < kDensePoints; ++i)
            out[i] = {ratios[2 * i] * side - 0.5f, ratios[2 * i + 1] * side - 0.5f};
        return out;
    }
};

Describer::~Describer() = default;

// In the order of the roles: the first that tells something tells it.
Result<void> Describer::add_readers(const neural::Pack& pack) {
    for (const char* name : kRoles) {
        if (!pack.description().has_role(name)) continue;
        const auto* role = TRY(pack.role(name));
        if (!role->alignment) return Error::failure(fmt::format("the role {} states no alignment", name));
        if (role->width != role->alignment->size_px || role->height != role->alignment->size_px)
            return Error::failure(
                fmt::format("the input of the role {} has another size than its alignment", name));
        auto model = TRY(pack.model(name));
        std::vector<std::string> told;
        for (const auto& output : model->outputs())
            if (kCounts.contains(output.name) && !reader_of(output.name)) told.push_back(output.name);
        if (!told.empty()) readers_.push_back(std::make_unique<Reader>(std::move(model), *role, told));
    }
    return {};
}

Result<std::unique_ptr<Describer>> Describer::create(const neural::Pack& pack) {
    std::unique_ptr<Describer> describer(new Describer());
    TRY(describer->add_readers(pack));
    const bool tells_all = std::all_of(kCounts.begin(), kCounts.end(), [&](const auto& output) {
        return describer->reader_of(output.first) != nullptr;
    });
    if (!tells_all)
        if (const auto own = builtin_pack()) TRY(describer->add_readers(*own));
    if (const auto* ages = describer->reader_of(kAge)) {
        const auto base = threshold(ages->role, "age_spread");
        const auto slope = threshold(ages->role, "age_spread_per_year");
        if (base) describer->age_spread_ = AgeSpread{*base, slope.value_or(0)};
    }
    describer->smile_ = describer->mouth_measure("smile");
    describer->mouth_open_ = describer->mouth_measure("mouth_open");
    return describer;
}

// Thresholds NAME, NAME_happy, NAME_width and NAME_gap of the role that tells landmarks.
std::optional<MouthMeasure> Describer::mouth_measure(const std::string& name) const {
    const auto* points = reader_of(kLandmarks68);
    if (!points || !reader_of(kExpression)) return std::nullopt;
    const auto bias = threshold(points->role, name);
    if (!bias) return std::nullopt;
    return MouthMeasure{*bias, threshold(points->role, name + "_happy").value_or(0),
                        threshold(points->role, name + "_width").value_or(0),
                        threshold(points->role, name + "_gap").value_or(0)};
}

const Describer::Reader* Describer::reader_of(const std::string& output) const {
    for (const auto& reader : readers_)
        if (reader->outputs.contains(output)) return reader.get();
    return nullptr;
}

Result<Describer::Readings> Describer::read(const image::Picture& picture, const PixelLandmarks& landmarks,
                                            const std::set<std::string>& outputs) const {
    Readings readings;
    for (const auto& reader : readers_) {
        std::vector<std::string> wanted;
        for (const auto& output : outputs)
            if (reader_of(output) == reader.get()) wanted.push_back(output);
        if (wanted.empty()) continue;

        const int size = reader->role.width;
        const auto to_aligned = similitude_between(landmarks, reader->to);
        const auto aligned = align(picture, to_aligned, size);
        auto session = TRY(reader->networks.lease(size, size));
        session->load(aligned.rgb, static_cast<std::size_t>(size) * 3, reader->role.normalisation);
        TRY(session->run());
        for (const auto& output : wanted) {
            const auto numbers = TRY(session->output(output));
            if (numbers.size() < kCounts.at(output))
                return Error::failure(fmt::format("the output {} has another size than it should", output));
            readings.numbers[output].assign(numbers.begin(), numbers.end());
        }
        if (readings.has(kLandmarks68) && reader.get() == reader_of(kLandmarks68)) {
            readings.from_aligned = to_aligned.inverse();
            readings.aligned_px = size;
        }
    }
    return readings;
}

Result<FaceAttributes> Describer::describe(const image::Picture& picture, const PixelLandmarks& landmarks,
                                           const AttributeChoice& choice) const {
    const bool wants_smile = choice.smile && smile_, wants_mouth = choice.mouth_open && mouth_open_;
    std::set<std::string> outputs;
    if (choice.age_range && age_spread_) outputs.insert(kAge);
    if (choice.gender) outputs.insert(kGender);
    if (choice.emotions || wants_smile || wants_mouth) outputs.insert(kExpression);
    if (choice.outline || wants_smile || wants_mouth) outputs.insert(kLandmarks68);
    for (const auto& each : kJudged)
        if (choice.*each.asked) outputs.insert(each.output);
    const auto readings = TRY(read(picture, landmarks, outputs));

    FaceAttributes out;
    if (choice.eyeglasses) out.eyeglasses = judge_glasses(picture, landmarks);
    if (readings.has(kAge)) {
        out.age = readings.of(kAge)[0];
        out.age_range = age_range(*out.age, *age_spread_);
    }
    for (const auto& each : kJudged)
        if (readings.has(each.output)) out.*each.told = judgement_of(readings.of(each.output)[0]);
    if (readings.has(kGender)) out.gender = gender_of(readings.of(kGender)[0]);
    if (choice.emotions && readings.has(kExpression))
        out.emotions = emotions_of(std::span(readings.of(kExpression)).first(kEmotions));
    if (!readings.has(kLandmarks68)) return out;

    const auto points = readings.points();
    if (wants_smile) out.smile = judge_mouth(points, readings.of(kExpression)[1], *smile_);
    if (wants_mouth) out.mouth_open = judge_mouth(points, readings.of(kExpression)[1], *mouth_open_);
    if (!choice.outline) return out;
    const auto outline = outline_of(points);
    out.outline.emplace();
    std::transform(outline.begin(), outline.end(), out.outline->begin(), [&](Pixel pixel) {
        const auto place = readings.from_aligned(pixel);
        return Point{(place.x + 0.5f) / static_cast<float>(picture.width),
                     (place.y + 0.5f) / static_cast<float>(picture.height)};
    });
    return out;
}

}  // namespace vision
