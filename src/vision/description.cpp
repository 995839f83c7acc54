#include "vision/description.h"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <random>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "base/guarded.h"
#include "vision/photo_folder.h"

namespace vision {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLabelsBytesMax = std::size_t{256} << 20;
constexpr std::size_t kBins = 15;
constexpr float kTurned = 10;  // degrees from which a face counts as turned

const std::map<std::string, Emotion> kFolders = {{"neutral", Emotion::calm},      {"happy", Emotion::happy},
                                                 {"sad", Emotion::sad},           {"angry", Emotion::angry},
                                                 {"disgust", Emotion::disgusted}, {"fear", Emotion::fear},
                                                 {"surprise", Emotion::surprised}};

bool is_photo(const fs::path& path) {
    return path.extension() == ".jpg" || path.extension() == ".png" || path.extension() == ".jpeg";
}

// The number before the next underscore, which is taken away with it.
std::optional<int> leading_number(std::string_view& name) {
    int number = 0;
    const auto [end, trouble] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (trouble != std::errc() || end == name.data() + name.size() || *end != '_') return std::nullopt;
    name.remove_prefix(static_cast<std::size_t>(end - name.data()) + 1);
    return number;
}

// Nothing where the name says neither age nor sex.
std::optional<KnownPhoto> photo_with_age(const fs::path& path) {
    const auto file = path.filename().string();
    std::string_view name = file;
    const auto age = leading_number(name);
    const auto sex = age ? leading_number(name) : std::nullopt;
    if (!sex || *age < 0 || *age > 130 || *sex < 0 || *sex > 1) return std::nullopt;
    KnownPhoto photo{.path = path};
    photo.age = static_cast<float>(*age);
    photo.sex = *sex == 0 ? Sex::male : Sex::female;
    return photo;
}

Result<std::vector<KnownPhoto>> drawn_photos(const fs::path& folder) {
    const auto bytes = TRY(base::read_file(folder / "labels.jsonl", kLabelsBytesMax));
    std::istringstream lines{std::string(base::text(bytes))};
    std::vector<KnownPhoto> photos;
    for (std::string line; std::getline(lines, line);) {
        boost::system::error_code trouble;
        const auto label = boost::json::parse(line, trouble);
        const auto* known = trouble ? nullptr : label.if_object();
        auto number = [&](const char* key) -> std::optional<float> {
            const auto* found = known ? known->if_contains(key) : nullptr;
            if (!found || !found->is_number()) return std::nullopt;
            return static_cast<float>(found->to_number<double>());
        };
        const auto yaw = number("yaw"), pitch = number("pitch"), roll = number("roll");
        const auto* file = known ? known->if_contains("file") : nullptr;
        if (!file || !file->is_string() || !yaw || !pitch || !roll)
            return Error::failure("labels.jsonl has an odd line");
        KnownPhoto photo{.path = folder / std::string(file->get_string())};
        photo.pose = Pose{*yaw, *pitch, *roll};
        photos.push_back(std::move(photo));
    }
    return photos;
}

// What is asked for and told where.
struct Judged {
    const char* name;
    std::optional<Judgement> FaceAttributes::*told;
    bool is_yes_rare;  // which answer precision and recall are about
};
constexpr Judged kJudged[] = {
    {"smile", &FaceAttributes::smile, true},
    {"mouth_open", &FaceAttributes::mouth_open, true},
    {"eyeglasses", &FaceAttributes::eyeglasses, true},
    {"sunglasses", &FaceAttributes::sunglasses, true},
    {"beard", &FaceAttributes::beard, true},
    {"mustache", &FaceAttributes::mustache, true},
    {"eyes_open", &FaceAttributes::eyes_open, false},
    {"face_occluded", &FaceAttributes::face_occluded, true},
};

// A line of a labels file.
struct Label {
    std::string name;
    std::map<std::string, bool> values;

    bool is_of(const fs::path& path) const { return ("/" + path.generic_string()).ends_with("/" + name); }
};

// By the pictures' file names, for more than one may be called alike.
Result<std::multimap<std::string, Label>> read_labels(const fs::path& path) {
    const auto bytes = TRY(base::read_file(path, kLabelsBytesMax));
    const auto names = judgement_names();
    std::multimap<std::string, Label> labels;
    std::istringstream lines{std::string(base::text(bytes))};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        Label label;
        bool is_learned = false;
        words >> label.name;
        for (std::string word; words >> word;) {
            const auto key = word.substr(0, word.find('='));
            is_learned = is_learned || word == "drawn" || word == "chosen";
            if (key != word && std::find(names.begin(), names.end(), key) != names.end())
                label.values[key] = word.ends_with("=1");
        }
        if (!is_learned) labels.emplace(fs::path(label.name).filename().string(), std::move(label));
    }
    return labels;
}

Result<void> add_labels(std::vector<KnownPhoto>& photos, const fs::path& folder, const fs::path& file) {
    const auto labels = TRY(read_labels(file));
    std::map<fs::path, std::size_t> known;
    for (std::size_t i = 0; i < photos.size(); ++i)
        known[photos[i].path] = i;
    std::error_code trouble;
    for (const auto& entry : fs::recursive_directory_iterator(folder, trouble)) {
        const auto [first, last] = labels.equal_range(entry.path().filename().string());
        for (auto label = first; label != last; ++label) {
            if (!label->second.is_of(entry.path())) continue;
            const auto [found, is_new] = known.try_emplace(entry.path(), photos.size());
            if (is_new) photos.push_back({.path = entry.path()});
            if (photos.size() > kPhotosMax) return Error::failure("too many photos in " + folder.string());
            for (const auto& [key, value] : label->second.values)
                photos[found->second].labels[key] = value;
        }
    }
    if (trouble) return Error::failure("cannot read " + folder.string() + ": " + trouble.message());
    return {};
}

// What was told of the face of one photo.
struct Told {
    Pose pose;
    FaceAttributes attributes;
    double ms = 0;
};

Result<std::optional<Told>> tell(const Pipeline& pipeline, const fs::path& path) {
    const auto picture = TRY(read_photo(path));
    const auto faces = TRY(pipeline.detect(picture, {.faces_max = 1}));
    if (faces.empty()) return std::optional<Told>();
    const auto start = std::chrono::steady_clock::now();
    auto attributes = TRY(pipeline.describe(picture, faces.front(), AttributeChoice::all()));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    return std::optional<Told>(Told{faces.front().pose, std::move(attributes), took.count()});
}

// A share of judgements that are right, and how well their confidence says so.
class Share {
public:
    void add(bool is_right, double confidence = 1) {
        const auto bin = std::min(kBins - 1, static_cast<std::size_t>(confidence * kBins));
        ++counts_[bin];
        right_[bin] += is_right;
        confidence_[bin] += confidence;
    }
    std::size_t count() const {
        std::size_t sum = 0;
        for (auto each : counts_)
            sum += each;
        return sum;
    }
    double right() const {
        double sum = 0;
        for (double each : right_)
            sum += each;
        return count() == 0 ? 0 : sum / static_cast<double>(count());
    }
    double calibration_error() const {
        double sum = 0;
        for (std::size_t i = 0; i < kBins; ++i)
            sum += std::abs(right_[i] - confidence_[i]);
        return count() == 0 ? 0 : sum / static_cast<double>(count());
    }

private:
    std::array<std::size_t, kBins> counts_{};
    std::array<double, kBins> right_{};
    std::array<double, kBins> confidence_{};
};

// Judgements that are or are not so.
class Judgements {
public:
    void add(bool is, const Judgement& said) {
        right_.add(said.value == is, said.confidence / 100);
        ++counts_[is][said.value];
    }
    JudgementFigures figures(bool is_yes_rare) const {
        const auto share = [](std::size_t part, std::size_t of) {
            return of == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(of);
        };
        const auto rare = static_cast<std::size_t>(is_yes_rare), other = 1 - rare;
        JudgementFigures out;
        out.photos = right_.count();
        out.yes = counts_[1][0] + counts_[1][1];
        out.accuracy = right_.right();
        out.ece = right_.calibration_error();
        out.precision = share(counts_[rare][rare], counts_[rare][rare] + counts_[other][rare]);
        out.recall = share(counts_[rare][rare], counts_[rare][0] + counts_[rare][1]);
        out.balanced = (out.recall + share(counts_[other][other], counts_[other][0] + counts_[other][1])) / 2;
        return out;
    }

private:
    Share right_;
    std::size_t counts_[2][2] = {};  // of what is so, what was said
};

class Mean {
public:
    void add(double value) {
        sum_ += value;
        ++count_;
    }
    double value() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
    std::size_t count() const { return count_; }

private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

// The shorter way round, in degrees.
double angle_between(float a, float b) {
    return std::abs(std::remainder(static_cast<double>(a) - b, 360.0));
}

class Judge {
public:
    void add(const KnownPhoto& known, const Told& told) {
        const auto& said = told.attributes;
        ms_.add(told.ms);
        if (known.age && said.age_range) {
            age_error_.add(std::abs(*said.age - *known.age));
            const auto years = static_cast<int>(*known.age);
            in_range_.add(years >= said.age_range->low && years <= said.age_range->high);
        }
        if (known.sex && said.gender)
            gender_.add(said.gender->value == *known.sex, said.gender->confidence / 100);
        if (known.emotion && !said.emotions.empty()) {
            const auto& surest = said.emotions.front();
            const bool is_right = surest.emotion == *known.emotion;
            emotion_.add(is_right, surest.confidence / 100);
            by_emotion_[*known.emotion].add(is_right);
        }
        for (const auto& each : kJudged) {
            const auto label = known.labels.find(each.name);
            const auto& judgement = said.*each.told;
            if (label != known.labels.end() && judgement)
                judgements_[each.name].add(label->second, *judgement);
        }
        if (known.pose) add_pose(*known.pose, told.pose);
    }

    DescriptionReport report() const {
        DescriptionReport out;
        out.with_age = age_error_.count();
        out.with_sex = gender_.count();
        out.with_emotion = emotion_.count();
        out.with_pose = yaw_error_.count();
        out.age_error = age_error_.value();
        out.age_in_range = in_range_.right();
        out.gender = gender_.right();
        out.gender_ece = gender_.calibration_error();
        out.emotion = emotion_.right();
        out.emotion_ece = emotion_.calibration_error();
        for (const auto& [emotion, share] : by_emotion_)
            out.emotion_balanced += share.right() / static_cast<double>(by_emotion_.size());
        for (const auto& each : kJudged)
            if (const auto found = judgements_.find(each.name); found != judgements_.end())
                out.judgements[each.name] = found->second.figures(each.is_yes_rare);
        out.yaw_error = yaw_error_.value();
        out.pitch_error = pitch_error_.value();
        out.roll_error = roll_error_.value();
        out.yaw_sign = yaw_sign_.right();
        out.ms_per_face = ms_.value();
        return out;
    }

private:
    void add_pose(const Pose& known, const Pose& told) {
        yaw_error_.add(angle_between(known.yaw, told.yaw));
        pitch_error_.add(angle_between(known.pitch, told.pitch));
        roll_error_.add(angle_between(known.roll, told.roll));
        if (std::abs(known.yaw) >= kTurned) yaw_sign_.add((known.yaw > 0) == (told.yaw > 0));
    }

    Mean age_error_, yaw_error_, pitch_error_, roll_error_, ms_;
    Share in_range_, gender_, emotion_, yaw_sign_;
    std::map<std::string, Judgements> judgements_;
    std::map<Emotion, Share> by_emotion_;
};

}  // namespace

std::vector<std::string> judgement_names() {
    std::vector<std::string> names;
    for (const auto& each : kJudged)
        names.emplace_back(each.name);
    return names;
}

Result<std::vector<KnownPhoto>> read_known_photos(const fs::path& folder, const fs::path& labels) {
    std::error_code trouble;
    if (fs::exists(folder / "labels.jsonl", trouble)) return drawn_photos(folder);
    std::vector<KnownPhoto> photos;
    for (const auto& entry : fs::directory_iterator(folder, trouble)) {
        if (photos.size() > kPhotosMax) return Error::failure("too many photos in " + folder.string());
        if (!entry.is_directory(trouble)) {
            if (!is_photo(entry.path())) continue;
            if (auto photo = photo_with_age(entry.path())) photos.push_back(std::move(*photo));
            continue;
        }
        const auto emotion = kFolders.find(entry.path().filename().string());
        if (emotion == kFolders.end()) continue;
        for (const auto& file : fs::directory_iterator(entry.path(), trouble)) {
            if (!is_photo(file.path())) continue;
            KnownPhoto photo{.path = file.path()};
            photo.emotion = emotion->second;
            photos.push_back(std::move(photo));
        }
    }
    if (trouble) return Error::failure("cannot read " + folder.string() + ": " + trouble.message());
    if (!labels.empty()) TRY(add_labels(photos, folder, labels));
    if (photos.empty())
        return Error::failure(folder.string() + " holds no pictures of which anything is known");
    std::sort(photos.begin(), photos.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return photos;
}

Result<DescriptionReport> measure_description(const Pipeline& pipeline, std::vector<KnownPhoto> photos,
                                              std::size_t count, std::uint64_t seed, std::size_t threads,
                                              const Progress& progress) {
    if (count > 0 && count < photos.size()) {
        std::mt19937_64 random(seed);
        std::shuffle(photos.begin(), photos.end(), random);
        photos.resize(count);
    }
    struct Shared {
        Judge judge;
        std::size_t done = 0;
        std::size_t undetected = 0;
        std::optional<Error> error;
    };
    base::Guarded<Shared> shared;
    std::atomic<std::size_t> next = 0;
    auto work = [&] {
        for (std::size_t i = next++; i < photos.size(); i = next++) {
            auto told = tell(pipeline, photos[i].path);
            shared.with([&](Shared& state) {
                if (!told.ok()) {
                    state.error = told.error();
                    next = photos.size();
                    return;
                }
                if (*told)
                    state.judge.add(photos[i], **told);
                else
                    ++state.undetected;
                progress(++state.done, photos.size());
            });
        }
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i)
            workers.emplace_back(work);
    }
    return shared.with([&](Shared& state) -> Result<DescriptionReport> {
        if (state.error) return *state.error;
        auto report = state.judge.report();
        report.photos = photos.size();
        report.undetected = state.undetected;
        return report;
    });
}

std::string DescriptionReport::json() const {
    std::string text =
        fmt::format(R"({{"photos":{},"undetected":{},"ms_per_face":{:.3f})", photos, undetected, ms_per_face);
    if (with_age > 0)
        text += fmt::format(R"(,"age":{{"photos":{},"error":{:.3f},"in_range":{:.4f}}})", with_age, age_error,
                            age_in_range);
    if (with_sex > 0)
        text += fmt::format(R"(,"gender":{{"photos":{},"accuracy":{:.4f},"ece":{:.4f}}})", with_sex, gender,
                            gender_ece);
    if (with_emotion > 0)
        text += fmt::format(R"(,"emotion":{{"photos":{},"accuracy":{:.4f},"balanced":{:.4f},"ece":{:.4f}}})",
                            with_emotion, emotion, emotion_balanced, emotion_ece);
    for (const auto& [name, of] : judgements)
        text += fmt::format(
            R"(,"{}":{{"photos":{},"yes":{},"accuracy":{:.4f},"precision":{:.4f},"recall":{:.4f},)"
            R"("balanced":{:.4f},"ece":{:.4f}}})",
            name, of.photos, of.yes, of.accuracy, of.precision, of.recall, of.balanced, of.ece);
    if (with_pose > 0)
        text += fmt::format(
            R"(,"pose":{{"photos":{},"yaw_error":{:.2f},"pitch_error":{:.2f},"roll_error":{:.2f},"yaw_sign":{:.4f}}})",
            with_pose, yaw_error, pitch_error, roll_error, yaw_sign);
    return text + "}";
}

}  // namespace vision
