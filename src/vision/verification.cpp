#include "vision/verification.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <sstream>

#include "base/file.h"

namespace vision {
namespace {

constexpr std::size_t kPairsFileBytesMax = std::size_t{64} << 20;
// What a pair scores when one of its photos shows no face.
constexpr float kNoScore = -1;

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

// 1 to 9999, or 0 where the text is no such number.
int number_of(const std::string& text) {
    int number = 0;
    auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    return trouble == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 9999
               ? number
               : 0;
}

// Photos by name, each with its place.
class PhotoList {
public:
    // Nothing if `number` is no number.
    std::optional<std::size_t> place_of(const std::string& name, const std::string& number) {
        int value = number_of(number);
        if (value == 0) return std::nullopt;
        auto path = fmt::format("{0}/{0}_{1:04}.jpg", name, value);
        auto [entry, is_new] = places_.try_emplace(path, photos_.size());
        if (is_new) photos_.push_back(path);
        return entry->second;
    }
    std::vector<std::string> take() { return std::move(photos_); }

private:
    std::map<std::string, std::size_t> places_;
    std::vector<std::string> photos_;
};

// The share of pairs judged rightly when a score of at least `threshold` means the same person.
double accuracy_at(std::span<const ScoredPair> pairs, float threshold) {
    auto right = std::count_if(pairs.begin(), pairs.end(), [&](const ScoredPair& pair) {
        return (pair.score >= threshold) == pair.is_same;
    });
    return static_cast<double>(right) / static_cast<double>(pairs.size());
}

// A threshold that judges most pairs rightly: of several the highest, halfway to the next score below.
float best_threshold(std::vector<ScoredPair> pairs) {
    std::sort(pairs.begin(), pairs.end(),
              [](const ScoredPair& a, const ScoredPair& b) { return a.score > b.score; });
    long balance = 0, best = 0;
    float threshold = std::nextafter(pairs.front().score, 2.0f);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        balance += pairs[i].is_same ? 1 : -1;
        bool is_last_of_score = i + 1 == pairs.size() || pairs[i + 1].score < pairs[i].score;
        if (is_last_of_score && balance > best) {
            best = balance;
            float below = i + 1 == pairs.size() ? pairs[i].score : pairs[i + 1].score;
            threshold = (pairs[i].score + below) / 2;
        }
    }
    return threshold;
}

double true_accept_rate(std::span<const ScoredPair> pairs, double false_accept_rate) {
    std::vector<float> different, same;
    for (const auto& pair : pairs)
        (pair.is_same ? same : different).push_back(pair.score);
    if (same.empty() || different.empty()) return 0;
    std::sort(different.begin(), different.end(), std::greater<>());
    auto allowed = static_cast<std::size_t>(false_accept_rate * static_cast<double>(different.size()) + 1e-9);
    if (allowed >= different.size()) return 1;
    auto accepted =
        std::count_if(same.begin(), same.end(), [&](float score) { return score > different[allowed]; });
    return static_cast<double>(accepted) / static_cast<double>(same.size());
}

}  // namespace

Result<LfwPairs> parse_lfw_pairs(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::string line;
    std::getline(lines, line);
    auto head = words_of(line);
    LfwPairs out;
    out.folds = head.empty() ? 0 : static_cast<std::size_t>(number_of(head[0]));
    auto of_a_kind = head.size() == 2 ? static_cast<std::size_t>(number_of(head[1])) : 0;
    if (out.folds < 2 || of_a_kind == 0)
        return Error::failure("the pairs file does not begin with FOLDS and N");

    PhotoList photos;
    while (std::getline(lines, line)) {
        auto words = words_of(line);
        if (words.empty()) continue;
        if (words.size() != 3 && words.size() != 4)
            return Error::failure("the pairs file has an odd line: " + line);
        bool is_same = words.size() == 3;
        auto first = photos.place_of(words[0], words[1]);
        auto second = is_same ? photos.place_of(words[0], words[2]) : photos.place_of(words[2], words[3]);
        if (!first || !second) return Error::failure("the pairs file has an odd line: " + line);
        out.pairs.push_back({*first, *second, is_same, out.pairs.size() / (2 * of_a_kind)});
    }
    if (out.pairs.size() != out.folds * 2 * of_a_kind) return Error::failure("the pairs file is not whole");
    out.photos = photos.take();
    return out;
}

VerificationReport judge(std::span<const ScoredPair> pairs, std::size_t folds) {
    VerificationReport report;
    std::vector<double> accuracies;
    for (std::size_t fold = 0; fold < folds; ++fold) {
        std::vector<ScoredPair> others, held_out;
        for (const auto& pair : pairs)
            (pair.fold == fold ? held_out : others).push_back(pair);
        if (others.empty() || held_out.empty()) continue;
        accuracies.push_back(accuracy_at(held_out, best_threshold(std::move(others))));
    }
    if (accuracies.empty()) return report;
    auto count = static_cast<double>(accuracies.size());
    report.accuracy = std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / count;
    for (double accuracy : accuracies)
        report.std += (accuracy - report.accuracy) * (accuracy - report.accuracy) / count;
    report.std = std::sqrt(report.std);
    report.tar_1e2 = true_accept_rate(pairs, 1e-2);
    report.tar_3e3 = true_accept_rate(pairs, 3e-3);
    report.tar_1e3 = true_accept_rate(pairs, 1e-3);
    return report;
}

std::string VerificationReport::json() const {
    return fmt::format(
        R"({{"accuracy":{:.5f},"std":{:.5f},"tar":{{"1e-2":{:.5f},"3e-3":{:.5f},"1e-3":{:.5f}}},)"
        R"("undetected":{},"ms_per_image":{:.3f}}})",
        accuracy, std, tar_1e2, tar_3e3, tar_1e3, undetected, ms_per_image);
}

Result<VerificationReport> measure_verification(const Pipeline& pipeline, const std::filesystem::path& images,
                                                const std::filesystem::path& pairs_file, std::size_t threads,
                                                const Progress& progress) {
    auto text = TRY(base::read_file(pairs_file, kPairsFileBytesMax));
    auto list = TRY(parse_lfw_pairs(base::text(text)));
    std::vector<std::filesystem::path> photos;
    for (const auto& photo : list.photos)
        photos.push_back(images / photo);
    auto embedded = TRY(embed_photos(pipeline, photos, threads, progress));

    std::vector<ScoredPair> pairs;
    for (const auto& pair : list.pairs) {
        const auto& first = embedded.embeddings[pair.first];
        const auto& second = embedded.embeddings[pair.second];
        pairs.push_back({first && second ? cosine(*first, *second) : kNoScore, pair.is_same, pair.fold});
    }
    auto report = judge(pairs, list.folds);
    report.undetected = embedded.undetected;
    report.ms_per_image = embedded.ms_per_photo;
    return report;
}

}  // namespace vision
