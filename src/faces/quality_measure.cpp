#include "faces/quality_measure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <random>

#include "faces/quality.h"
#include "vision/calibration_fit.h"

namespace faces {
namespace {

constexpr double kFalseMatchRate = 1e-3;
constexpr int kRandomOrders = 20;

struct Pair {
    std::size_t first;  // places among the photographs with a face
    std::size_t second;
    double weight;  // so that each person counts once
    bool fails;
};

using Rates = std::array<double, kDiscarded.size()>;

Rates rates_without_worst(std::span<const Pair> pairs, const std::vector<float>& scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    std::vector<std::size_t> rank(scores.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        rank[order[i]] = i;
    Rates rates{};
    for (std::size_t k = 0; k < kDiscarded.size(); ++k) {
        const auto out = static_cast<std::size_t>(std::lround(kDiscarded[k] * double(scores.size())));
        double all = 0, failed = 0;
        for (const auto& pair : pairs) {
            if (rank[pair.first] < out || rank[pair.second] < out) continue;
            all += pair.weight;
            failed += pair.fails ? pair.weight : 0;
        }
        rates[k] = all > 0 ? failed / all : 0;
    }
    return rates;
}

Rates rates_at_random(std::span<const Pair> pairs, std::size_t photos, std::uint64_t seed) {
    std::mt19937_64 chance(seed);
    std::vector<float> scores(photos);
    std::iota(scores.begin(), scores.end(), 0.0f);
    Rates sum{};
    for (int i = 0; i < kRandomOrders; ++i) {
        std::shuffle(scores.begin(), scores.end(), chance);
        const auto rates = rates_without_worst(pairs, scores);
        for (std::size_t k = 0; k < rates.size(); ++k)
            sum[k] += rates[k] / kRandomOrders;
    }
    return sum;
}

QualityReport::Refused refused_by(QualityFilter filter, std::span<const vision::Face> faces) {
    QualityReport::Refused refused;
    for (const auto& face : faces) {
        const auto reasons = reasons_against(face, filter);
        const bool is_poor =
            std::find(reasons.begin(), reasons.end(), Reason::low_face_quality) != reasons.end();
        refused.low_face_quality += is_poor / double(faces.size());
        refused.anything += !reasons.empty() / double(faces.size());
    }
    return refused;
}

}  // namespace

Result<QualityReport> measure_quality(const vision::LabelledPhotos& photos, std::uint64_t seed) {
    std::vector<vision::Face> faces;
    std::vector<const vision::Embedding*> embeddings;
    std::vector<std::size_t> owners;
    std::map<std::size_t, std::size_t> photos_of;
    for (std::size_t i = 0; i < photos.owners.size(); ++i) {
        if (!photos.photos.faces[i]) continue;
        faces.push_back(*photos.photos.faces[i]);
        embeddings.push_back(&*photos.photos.embeddings[i]);
        owners.push_back(photos.owners[i]);
        ++photos_of[photos.owners[i]];
    }

    vision::ImpostorScores impostors;
    for (std::size_t i = 0; i < faces.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (owners[i] != owners[j]) impostors.add(vision::cosine(*embeddings[i], *embeddings[j]));
    const double threshold = impostors.pairs() > 0 ? impostors.cosine_at(kFalseMatchRate) : 0;
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        // A person's photographs stand together.
        for (std::size_t j = i; j-- > 0 && owners[j] == owners[i];) {
            const double count = double(photos_of[owners[i]]);
            const bool fails = double(vision::cosine(*embeddings[i], *embeddings[j])) < threshold;
            pairs.push_back({i, j, 2 / (count * (count - 1)), fails});
        }
    }
    if (impostors.pairs() == 0 || pairs.empty())
        return Error::failure("the folder needs two people or more, and one with two photos or more");

    QualityReport report;
    report.photos = faces.size();
    report.undetected = photos.photos.undetected;
    report.genuine_pairs = pairs.size();
    report.false_match_rate = impostors.rate_at(threshold);
    report.threshold = static_cast<float>(threshold);
    auto add = [&](const char* name, auto score_of) {
        std::vector<float> scores;
        for (std::size_t i = 0; i < faces.size(); ++i)
            scores.push_back(score_of(i));
        report.false_non_match_rates[name] = rates_without_worst(pairs, scores);
    };
    const bool is_learned = std::all_of(embeddings.begin(), embeddings.end(),
                                        [](const auto* embedding) { return embedding->reliability; });
    if (is_learned) add("learned", [&](std::size_t i) { return *embeddings[i]->reliability; });
    add("sharpness", [&](std::size_t i) { return detail_of(faces[i]); });
    add("brightness", [&](std::size_t i) { return faces[i].quality.brightness; });
    report.false_non_match_rates["random"] = rates_at_random(pairs, faces.size(), seed);
    for (const auto& [name, filter] :
         {std::pair("LOW", QualityFilter::low), std::pair("AUTO", QualityFilter::automatic),
          std::pair("HIGH", QualityFilter::high)})
        report.refused[name] = refused_by(filter, faces);
    return report;
}

std::string QualityReport::json() const {
    std::string rates, refusals;
    for (const auto& [name, its] : false_non_match_rates)
        rates += fmt::format(R"({}"{}":[{:.5f}])", rates.empty() ? "" : ",", name, fmt::join(its, ","));
    for (const auto& [name, its] : refused)
        refusals += fmt::format(R"({}"{}":{{"low_face_quality":{:.5f},"anything":{:.5f}}})",
                                refusals.empty() ? "" : ",", name, its.low_face_quality, its.anything);
    return fmt::format(
        R"({{"photos":{},"undetected":{},"genuine_pairs":{},"false_match_rate":{:.5f},)"
        R"("threshold":{:.4f},"discarded":[{}],"false_non_match_rates":{{{}}},"refused":{{{}}}}})",
        photos, undetected, genuine_pairs, false_match_rate, threshold, fmt::join(kDiscarded, ","), rates,
        refusals);
}

}  // namespace faces
