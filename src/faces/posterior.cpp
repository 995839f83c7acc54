#include "faces/posterior.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include "base/result.h"
#include "faces/assignment.h"

namespace faces {
namespace {

// A candidate this much less likely than nobody, who is always free, plays no part: its share is below 1e-9
// whoever the other faces are.
constexpr double kNegligible = 21;

// The odds of somebody whom people named: beyond what any score says, and within what sums over a hundred
// faces can hold.
constexpr double kSaidLogOdds = 80;

// None of the candidates: a stranger, or others of the collection.
double none(const FaceOdds& face) {
    return log_sum(0, face.others);
}

Shares shares_of(const FaceOdds& face, const std::vector<double>& candidates, double none_share) {
    const double others = std::exp(face.others - none(face));
    return {candidates, none_share * others, none_share * (1 - others)};
}

// A candidate of one face of a group, and how likely it is against none of them.
struct Edge {
    std::size_t place = 0;   // in FaceOdds::candidates
    std::size_t person = 0;  // numbered from 0 within the group
    double log_odds = 0;
};

// Faces that may be the same people, directly or through others.
struct Group {
    std::vector<std::size_t> faces;
    std::vector<std::vector<Edge>> edges;  // of each face
    std::size_t people = 0;
};

std::size_t root(std::vector<std::size_t>& parents, std::size_t at) {
    while (parents[at] != at)
        at = parents[at] = parents[parents[at]];
    return at;
}

std::vector<Group> groups_of(std::span<const FaceOdds> faces) {
    std::vector<std::size_t> parents(faces.size());
    std::iota(parents.begin(), parents.end(), 0);
    std::vector<std::vector<std::size_t>> places(faces.size());
    std::unordered_map<std::size_t, std::size_t> first_with;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const double least = none(faces[i]) - kNegligible;
        for (std::size_t place = 0; place < faces[i].candidates.size(); ++place) {
            const auto& candidate = faces[i].candidates[place];
            if (!(candidate.log_odds > least)) continue;
            places[i].push_back(place);
            const auto [known, is_new] = first_with.try_emplace(candidate.person, i);
            if (!is_new) parents[root(parents, i)] = root(parents, known->second);
        }
    }
    std::map<std::size_t, Group> groups;
    std::unordered_map<std::size_t, std::size_t> numbers;  // a person is in one group only
    for (std::size_t i = 0; i < faces.size(); ++i) {
        auto& group = groups[root(parents, i)];
        group.faces.push_back(i);
        auto& edges = group.edges.emplace_back();
        for (std::size_t place : places[i]) {
            const auto& candidate = faces[i].candidates[place];
            const auto [number, is_new] = numbers.try_emplace(candidate.person, group.people);
            if (is_new) ++group.people;
            edges.push_back({place, number->second, candidate.log_odds - none(faces[i])});
        }
    }
    std::vector<Group> out;
    for (auto& [at, group] : groups)
        out.push_back(std::move(group));
    return out;
}

// The edge that each face of a group gets.
std::vector<std::optional<std::size_t>> best_of(const Group& group) {
    const std::size_t faces = group.faces.size();
    // Behind the people each face has a column of its own: nobody.
    constexpr double kForbidden = 1e6;
    std::vector<std::vector<double>> costs(faces, std::vector<double>(group.people + faces, kForbidden));
    for (std::size_t i = 0; i < faces; ++i) {
        for (const auto& edge : group.edges[i])
            costs[i][edge.person] = -edge.log_odds;
        costs[i][group.people + i] = 0;
    }
    const auto columns = cheapest_assignment(costs);
    std::vector<std::optional<std::size_t>> out(faces);
    for (std::size_t i = 0; i < faces; ++i)
        for (std::size_t e = 0; e < group.edges[i].size(); ++e)
            if (group.edges[i][e].person == columns[i]) out[i] = e;
    return out;
}

// Of each face, the shares of its edges and, last, of none.
using Marginals = std::vector<std::vector<double>>;

std::vector<std::size_t> faces_with(const Group& group) {
    std::vector<std::size_t> counts(group.people);
    for (const auto& edges : group.edges)
        for (const auto& edge : edges)
            ++counts[edge.person];
    return counts;
}

// Sums over all assignments, face by face: what matters of the faces before is only which of the people that
// several faces could be are taken. The range of long double holds the product of a hundred faces' odds.
Marginals marginals_by_sums(const Group& group) {
    const auto counts = faces_with(group);
    constexpr std::size_t kAlone = 64;
    std::vector<std::size_t> bit_of(group.people, kAlone);
    std::size_t shared = 0;
    for (std::size_t person = 0; person < group.people; ++person)
        if (counts[person] > 1) bit_of[person] = shared++;
    const std::size_t states = std::size_t{1} << shared;
    const std::size_t faces = group.faces.size();

    using Sums = std::vector<long double>;
    std::vector<std::vector<long double>> weights(faces);
    for (std::size_t i = 0; i < faces; ++i)
        for (const auto& edge : group.edges[i])
            weights[i].push_back(std::exp(static_cast<long double>(edge.log_odds)));
    auto taken_with = [&](std::size_t taken, const Edge& edge) -> std::optional<std::size_t> {
        const std::size_t bit = bit_of[edge.person];
        if (bit == kAlone) return taken;
        if (taken >> bit & 1) return std::nullopt;
        return taken | std::size_t{1} << bit;
    };
    // after[i][taken]: of the faces from i on, when `taken` are gone.
    std::vector<Sums> after(faces + 1, Sums(states, 1));
    for (std::size_t i = faces; i-- > 0;)
        for (std::size_t taken = 0; taken < states; ++taken) {
            long double sum = after[i + 1][taken];
            for (std::size_t e = 0; e < weights[i].size(); ++e)
                if (const auto then = taken_with(taken, group.edges[i][e]))
                    sum += weights[i][e] * after[i + 1][*then];
            after[i][taken] = sum;
        }
    Marginals out;
    Sums before(states, 0);
    before[0] = 1;
    for (std::size_t i = 0; i < faces; ++i) {
        Sums next = before;
        std::vector<long double> sums(weights[i].size() + 1, 0);
        for (std::size_t taken = 0; taken < states; ++taken) {
            if (before[taken] == 0) continue;
            sums.back() += before[taken] * after[i + 1][taken];
            for (std::size_t e = 0; e < weights[i].size(); ++e)
                if (const auto then = taken_with(taken, group.edges[i][e])) {
                    sums[e] += before[taken] * weights[i][e] * after[i + 1][*then];
                    next[*then] += before[taken] * weights[i][e];
                }
        }
        const long double all = std::accumulate(sums.begin(), sums.end(), 0.0L);
        auto& shares = out.emplace_back();
        for (long double sum : sums)
            shares.push_back(static_cast<double>(sum / all));
        before = std::move(next);
    }
    return out;
}

// Williams and Lau, "Approximate evaluation of marginal association probabilities with belief propagation",
// IEEE Transactions on Aerospace and Electronic Systems, 2014: the messages converge to the one fixed point.
Marginals marginals_by_propagation(const Group& group) {
    constexpr int kRoundsMax = 2000;
    constexpr double kSettled = 1e-10;
    const std::size_t faces = group.faces.size();
    std::vector<std::vector<double>> weights(faces), to_person(faces), from_person(faces);
    for (std::size_t i = 0; i < faces; ++i) {
        for (const auto& edge : group.edges[i])
            weights[i].push_back(std::exp(std::min(edge.log_odds, 600.0)));
        to_person[i].assign(weights[i].size(), 0);
        from_person[i].assign(weights[i].size(), 1);
    }
    for (int round = 0; round < kRoundsMax; ++round) {
        std::vector<double> claims(group.people, 0);
        for (std::size_t i = 0; i < faces; ++i) {
            double all = 1;
            for (std::size_t e = 0; e < weights[i].size(); ++e)
                all += weights[i][e] * from_person[i][e];
            for (std::size_t e = 0; e < weights[i].size(); ++e) {
                const double rest = std::max(1.0, all - weights[i][e] * from_person[i][e]);
                to_person[i][e] = weights[i][e] / rest;
                claims[group.edges[i][e].person] += to_person[i][e];
            }
        }
        double change = 0;
        for (std::size_t i = 0; i < faces; ++i)
            for (std::size_t e = 0; e < weights[i].size(); ++e) {
                const double rest = std::max(0.0, claims[group.edges[i][e].person] - to_person[i][e]);
                const double message = 1 / (1 + rest);
                change = std::max(change, std::abs(message - from_person[i][e]));
                from_person[i][e] = message;
            }
        if (change < kSettled) break;
    }
    Marginals out;
    for (std::size_t i = 0; i < faces; ++i) {
        double all = 1;
        auto& shares = out.emplace_back();
        for (std::size_t e = 0; e < weights[i].size(); ++e) {
            shares.push_back(weights[i][e] * from_person[i][e]);
            all += shares.back();
        }
        shares.push_back(1);
        for (double& share : shares)
            share /= all;
    }
    return out;
}

PictureShares shares_of_groups(std::span<const FaceOdds> faces, bool sums_allowed) {
    PictureShares out;
    out.faces.resize(faces.size());
    out.assigned.resize(faces.size());
    for (const auto& group : groups_of(faces)) {
        const auto counts = faces_with(group);
        const auto shared = static_cast<std::size_t>(
            std::count_if(counts.begin(), counts.end(), [](std::size_t count) { return count > 1; }));
        const auto marginals = sums_allowed && shared <= kSharedPeopleMax ? marginals_by_sums(group)
                                                                          : marginals_by_propagation(group);
        const auto best = best_of(group);
        for (std::size_t i = 0; i < group.faces.size(); ++i) {
            const std::size_t face = group.faces[i];
            std::vector<double> candidates(faces[face].candidates.size(), 0);
            for (std::size_t e = 0; e < group.edges[i].size(); ++e)
                candidates[group.edges[i][e].place] = marginals[i][e];
            out.faces[face] = shares_of(faces[face], candidates, marginals[i].back());
            if (best[i]) out.assigned[face] = group.edges[i][*best[i]].place;
        }
    }
    return out;
}

}  // namespace

double log_sum(double a, double b) {
    const double high = std::max(a, b), low = std::min(a, b);
    return std::isinf(high) ? high : high + std::log1p(std::exp(low - high));
}

double cosine_of(std::span<const float> a, std::span<const float> b) {
    INVARIANT(a.size() == b.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

double log_ratio(const vision::ScoreModel& scores, const Portrait& person, const vision::Embedding& face) {
    return scores.log_ratio(cosine_of(person.direction, face.values), person.references, face.reliability);
}

double log_ratio(const vision::ScoreModel& scores, const vision::Embedding& a, const vision::Embedding& b) {
    return scores.log_ratio(cosine_of(a.values, b.values), {.reliability = a.reliability}, b.reliability);
}

std::optional<Portrait> portrait_of(std::span<const vision::Embedding* const> references) {
    INVARIANT(!references.empty());
    const auto count = static_cast<double>(references.size());
    std::vector<double> mean(references.front()->values.size(), 0);
    std::optional<double> reliability = 0;
    for (const auto* reference : references) {
        INVARIANT(reference->values.size() == mean.size());
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += static_cast<double>(reference->values[i]) / count;
        if (!reference->reliability)
            reliability.reset();
        else if (reliability)
            *reliability += static_cast<double>(*reference->reliability) / count;
    }
    double squares = 0;
    for (double x : mean)
        squares += x * x;
    const double length = std::sqrt(squares);
    constexpr double kShortest = 1e-6;
    if (!(length > kShortest)) return std::nullopt;
    Portrait out;
    out.references = {references.size(), std::min(1.0, length), reliability};
    out.direction.reserve(mean.size());
    for (double x : mean)
        out.direction.push_back(static_cast<float>(x / length));
    return out;
}

FaceOdds odds_of(std::span<const std::size_t> people, std::span<const double> log_ratios,
                 double log_ratio_floor, const Prior& prior, double strangers_seen) {
    INVARIANT(people.size() == log_ratios.size() && people.size() <= prior.people);
    INVARIANT(prior.unknown > 0 && prior.unknown < 1);
    FaceOdds out;
    out.others = -std::numeric_limits<double>::infinity();
    if (prior.people == 0) return out;
    const double against =
        std::log((1 - prior.unknown) / (prior.unknown * static_cast<double>(prior.people)));
    // Each stranger who was seen before is as likely to come as somebody of the collection.
    const double each = against - log_sum(0, against + strangers_seen);
    for (std::size_t i = 0; i < people.size(); ++i)
        out.candidates.push_back({people[i], log_ratios[i] + each});
    if (const std::size_t left = prior.people - people.size(); left > 0)
        out.others = std::log(static_cast<double>(left)) + log_ratio_floor + each;
    return out;
}

void settle(FaceOdds& face, std::size_t place) {
    face.candidates.at(place).log_odds = kSaidLogOdds;
    face.others = -kSaidLogOdds;
}

PictureShares separate_shares(std::span<const FaceOdds> faces) {
    PictureShares out;
    for (const auto& face : faces) {
        const double nobody = none(face);
        double all = nobody, best = nobody;
        std::optional<std::size_t> assigned;
        for (std::size_t place = 0; place < face.candidates.size(); ++place) {
            const double odds = face.candidates[place].log_odds;
            all = log_sum(all, odds);
            if (odds <= best) continue;
            best = odds;
            assigned = place;
        }
        std::vector<double> shares;
        for (const auto& candidate : face.candidates)
            shares.push_back(std::exp(candidate.log_odds - all));
        out.faces.push_back(shares_of(face, shares, std::exp(nobody - all)));
        out.assigned.push_back(assigned);
    }
    return out;
}

PictureShares joint_shares(std::span<const FaceOdds> faces) {
    return shares_of_groups(faces, true);
}

PictureShares joint_shares_by_propagation(std::span<const FaceOdds> faces) {
    return shares_of_groups(faces, false);
}

}  // namespace faces
