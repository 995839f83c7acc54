#include "faces/testimony.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace faces {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

// A person with confirmed faces is known in two ways, by the mean of all references and by each confirmed
// face for itself, and may come in either.
double with_confirmed(const vision::ScoreModel& scores, const vision::Embedding& face, const Weight& weight) {
    const auto& confirmed = weight.person.get().confirmed;
    if (confirmed.empty()) return weight.log_ratio;
    double each = kNever;
    for (const auto& sighting : confirmed)
        each = log_sum(each, log_ratio(scores, sighting.embedding, face));
    each -= std::log(static_cast<double>(confirmed.size()));
    return log_sum(weight.log_ratio, each) - std::log(2.0);
}

// Who somebody without a name may be: the logarithms of the shares of the people weighed, and of nobody of
// the collection.
struct Guess {
    std::vector<double> people;
    std::vector<double> log_ratios;  // that the people's own references alone give it
    double stranger = 0;
};
Guess guess(const vision::ScoreModel& scores, const Prior& prior, const Sighting& sighting,
            std::span<const Weight> people) {
    Guess out{.people = {}, .log_ratios = {}, .stranger = std::log(prior.unknown)};
    double all = out.stranger;
    const double each = std::log((1 - prior.unknown) / static_cast<double>(prior.people));
    for (const auto& weight : people) {
        const Weighed& person = weight.person;
        const double ratio = log_ratio(scores, person.portrait, sighting.embedding);
        const double share = sighting.is_rejected(person.person) ? kNever : each + ratio;
        out.log_ratios.push_back(ratio);
        out.people.push_back(share);
        all = log_sum(all, share);
    }
    for (auto& share : out.people)
        share -= all;
    out.stranger -= all;
    return out;
}

}  // namespace

Heard heard(const vision::ScoreModel& scores, const Prior& prior, const vision::Embedding& face,
            std::span<const Weight> people, std::span<const NearSighting> near) {
    Heard out{.log_ratios = {}, .strangers = kNever, .settled = std::nullopt};
    for (const auto& weight : people)
        out.log_ratios.push_back(with_confirmed(scores, face, weight));
    std::vector<bool> rejected(people.size());
    for (const auto& [sighting, cosine] : near) {
        const bool same_photograph = cosine >= kDuplicateCosine;
        for (std::size_t i = 0; same_photograph && i < people.size(); ++i) {
            const PersonId& person = people[i].person.get().person;
            const bool is_confirmed = std::any_of(
                sighting.corrections.begin(), sighting.corrections.end(),
                [&](const auto& one) { return one.verdict == Verdict::confirmed && one.person == person; });
            if (is_confirmed && !out.settled && !rejected[i]) out.settled = i;
            if (sighting.is_rejected(person)) rejected[i] = true;
        }
        if (sighting.person) continue;  // one of its references already
        const auto who = guess(scores, prior, sighting, people);
        const double ratio = log_ratio(scores, sighting.embedding, face);
        for (std::size_t i = 0; i < people.size(); ++i) {
            // If the sighting is this person's, and the face too, both have to resemble the person's own
            // references. Two photographs of one person say that but once: their mean counts.
            const double of_both = (people[i].log_ratio - who.log_ratios[i]) / 2;
            out.log_ratios[i] = log_sum(out.log_ratios[i], ratio + who.people[i] + of_both);
        }
        out.strangers = log_sum(out.strangers, ratio + who.stranger);
    }
    for (std::size_t i = 0; i < people.size(); ++i)
        if (rejected[i] && out.settled != i) out.log_ratios[i] = kNever;
    return out;
}

}  // namespace faces
