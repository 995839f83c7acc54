#include "faces/identification_measure.h"

#include <algorithm>
#include <fmt/format.h>

#include "faces/posterior.h"
#include "vision/identification.h"

namespace faces {
namespace {

// The places of a person's photos in which a face was found.
std::vector<std::size_t> photos_of(const vision::LabelledPhotos& photos, std::size_t person) {
    std::vector<std::size_t> out;
    const auto first = std::lower_bound(photos.owners.begin(), photos.owners.end(), person);
    for (auto at = first; at != photos.owners.end() && *at == person; ++at) {
        const auto place = static_cast<std::size_t>(at - photos.owners.begin());
        if (photos.photos.embeddings[place]) out.push_back(place);
    }
    return out;
}

std::optional<Portrait> portrait_of_photos(const vision::LabelledPhotos& photos,
                                           std::span<const std::size_t> places) {
    std::vector<const vision::Embedding*> references;
    for (std::size_t place : places)
        references.push_back(&*photos.photos.embeddings[place]);
    if (references.empty()) return std::nullopt;
    return portrait_of(references);
}

struct Enrolled {
    std::size_t person;
    Portrait portrait;
};

// The answer to one face: the best candidate, whether it is likelier than nobody, and what it is worth.
struct Verdict {
    std::optional<std::size_t> best;  // a person
    double best_log_ratio = 0;
    std::optional<std::size_t> named;
    double probability = 0;  // of what is named, or of nobody
};

Verdict judge(const vision::ScoreModel& scores, std::span<const Enrolled> gallery,
              const vision::Embedding& face) {
    std::vector<std::size_t> people;
    std::vector<double> ratios;
    for (const auto& enrolled : gallery) {
        people.push_back(enrolled.person);
        ratios.push_back(log_ratio(scores, enrolled.portrait, face));
    }
    const auto odds = odds_of(people, ratios, scores.log_ratio_floor(), {.people = people.size()});
    const auto shares = separate_shares(std::span(&odds, 1));
    Verdict out;
    if (!ratios.empty()) {
        const auto best =
            static_cast<std::size_t>(std::max_element(ratios.begin(), ratios.end()) - ratios.begin());
        out.best = people[best];
        out.best_log_ratio = ratios[best];
    }
    if (const auto assigned = shares.assigned[0]) {
        out.named = people[*assigned];
        out.probability = shares.faces[0].candidates[*assigned];
    } else {
        out.probability = shares.faces[0].unknown;
    }
    return out;
}

Result<const vision::ScoreModel*> scores_of(const vision::Calibration& calibration) {
    if (!calibration.scores())
        return Error::failure("the pack does not say how the scores of one person are spread");
    return &*calibration.scores();
}

}  // namespace

void Reliability::add(double probability, bool is_right) {
    const auto place = static_cast<std::size_t>(probability * kBins);
    auto& bin = bins_[std::min(place, kBins - 1)];
    ++bin.answers;
    bin.right += is_right;
    bin.probabilities += probability;
}

double Reliability::expected_error() const {
    double off = 0;
    std::size_t answers = 0;
    for (const auto& bin : bins_) {
        off += std::abs(bin.probabilities - static_cast<double>(bin.right));
        answers += bin.answers;
    }
    return answers == 0 ? 0 : off / static_cast<double>(answers);
}

std::string Reliability::json() const {
    std::string out;
    for (const auto& bin : bins_) {
        if (bin.answers == 0) continue;
        const auto answers = static_cast<double>(bin.answers);
        out +=
            fmt::format(R"({}{{"probability":{:.4f},"right":{:.4f},"answers":{}}})", out.empty() ? "" : ",",
                        bin.probabilities / answers, static_cast<double>(bin.right) / answers, bin.answers);
    }
    return '[' + out + ']';
}

Result<ProbabilityReport> measure_probabilities(const vision::Calibration& calibration,
                                                const vision::LabelledPhotos& photos,
                                                const ProbabilityOptions& options) {
    const auto& scores = *TRY(scores_of(calibration));
    struct Search {
        std::size_t photo;
        std::optional<std::size_t> person;  // nobody for a stranger
    };
    std::vector<Enrolled> gallery;
    std::vector<Search> searches;
    std::size_t strangers = 0;
    for (std::size_t person : vision::shuffled_people(photos.people.size(), options.seed)) {
        const auto places = photos_of(photos, person);
        if (places.size() > options.references) {
            const std::span all(places);
            auto portrait = portrait_of_photos(photos, all.first(options.references));
            if (!portrait) continue;
            gallery.push_back({person, *std::move(portrait)});
            for (std::size_t place : all.subspan(options.references))
                searches.push_back({place, person});
        } else if (!places.empty() && strangers < options.strangers) {
            ++strangers;
            searches.push_back({places.front(), std::nullopt});
        }
    }
    if (gallery.empty() || strangers == 0)
        return Error::failure("the folder does not hold enough people with enough photos");

    ProbabilityReport report;
    report.people = gallery.size();
    report.searches = searches.size();
    std::vector<double> alarms;
    struct Found {
        bool is_right;
        double log_ratio;
    };
    std::vector<Found> found;
    for (const auto& search : searches) {
        const auto verdict = judge(scores, gallery, *photos.photos.embeddings[search.photo]);
        const bool is_right = verdict.named == search.person;
        report.open.add(verdict.probability, is_right);
        if (search.person) {
            report.closed.add(verdict.probability, is_right);
            found.push_back({verdict.best == search.person, verdict.best_log_ratio});
        } else {
            alarms.push_back(verdict.best_log_ratio);
        }
    }
    std::sort(alarms.begin(), alarms.end(), std::greater<>());
    const double bar = alarms[alarms.size() / 100];
    std::size_t first = 0, over = 0;
    for (const auto& one : found) {
        first += one.is_right;
        over += one.is_right && one.log_ratio > bar;
    }
    report.rank1 = static_cast<double>(first) / static_cast<double>(found.size());
    report.dir_at_1pct = static_cast<double>(over) / static_cast<double>(found.size());
    return report;
}

Result<Reliability> measure_reliability(const vision::Calibration& calibration,
                                        const vision::LabelledPhotos& photos) {
    const auto& scores = *TRY(scores_of(calibration));
    std::vector<Enrolled> gallery;
    for (std::size_t person = 0; person < photos.people.size(); ++person)
        if (auto portrait = portrait_of_photos(photos, photos_of(photos, person)))
            gallery.push_back({person, *std::move(portrait)});
    Reliability out;
    for (std::size_t at = 0; at < gallery.size(); ++at) {
        const auto places = photos_of(photos, gallery[at].person);
        if (places.size() < 2) continue;
        const Enrolled whole = gallery[at];
        for (std::size_t place : places) {
            std::vector<std::size_t> others;
            std::copy_if(places.begin(), places.end(), std::back_inserter(others),
                         [&](std::size_t other) { return other != place; });
            const auto& face = *photos.photos.embeddings[place];
            if (auto portrait = portrait_of_photos(photos, others)) {
                gallery[at].portrait = *std::move(portrait);
                const auto known = judge(scores, gallery, face);
                out.add(known.probability, known.named == whole.person);
            }
            std::swap(gallery[at], gallery.back());
            const auto absent = judge(scores, std::span(gallery).first(gallery.size() - 1), face);
            out.add(absent.probability, !absent.named);
            std::swap(gallery[at], gallery.back());
        }
        gallery[at] = whole;
    }
    return out;
}

}  // namespace faces
