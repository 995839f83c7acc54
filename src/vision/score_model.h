// What a cosine says for and against two faces being one person's: how the scores of strangers and of the
// same person are spread, and their ratio. docs/identification.md has the formulae and where they come from.
//
// Strangers' cosines follow a normal distribution (ImpostorTail). Those of one person follow two halves of
// normal distributions that meet at the mode, since poor photographs draw the lower side out, and a share of
// outliers that score like strangers: wrong labels, faces beyond recognition. That share is also the least
// that a score can say for a person: nothing is ever quite ruled out by a cosine.
//
// A person of several reference faces is compared by their mean at length 1. A stranger's cosine with such a
// mean is spread as that with one face; one's own is larger and more even the more the mean has averaged out.
// How much it has is read off the mean's length, so that a second copy of a photograph counts for nothing.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/result.h"

namespace vision {

// P(cosine of two different people >= c) = Q((c - mean) / deviation), Q the normal distribution's upper tail.
struct ImpostorTail {
    double mean = 0;
    double deviation = 0;

    double cosine_at(double false_match_rate) const;
};

// Cosines of two photographs of one person.
struct GenuineSpread {
    double mode = 0;
    double below = 0;     // deviation of the half below the mode
    double above = 0;     // and of the half above
    double outliers = 0;  // share that scores as strangers do

    double density(double cosine) const;  // of those that are no outliers
    double share_below(double cosine) const;
    double mean() const;
};

inline constexpr double kReliabilityMin = 0.1;

// The same, by how far both embeddings can be relied on together: the product of what Embedding::reliability
// says of each, from 0 to 1. Two embeddings that lean away from one face seen well, each in a direction of
// its own, have cosines that shrink with that product; so the mode does, and the deviations change with it.
struct GenuineByReliability {
    double mode = 0;                         // at 1; at 0 it is 0
    std::array<double, 2> below{}, above{};  // deviations at 0 and at 1, linear between

    // Products below kReliabilityMin count as that: there is hardly anything left to compare.
    GenuineSpread at(double reliability, double outliers) const;
};

// What a person's reference faces amount to together.
struct References {
    std::size_t count = 1;
    double mean_length = 1;                            // of the mean of their unit vectors; 1 for one face
    std::optional<double> reliability = std::nullopt;  // mean of theirs; nothing if it is unknown of one
};

// A value.
class ScoreModel {
public:
    // Fails unless all deviations are positive, the genuine mean lies above the impostors', and outliers are
    // more than none and fewer than half.
    static Result<ScoreModel> create(const ImpostorTail& impostor, const GenuineSpread& genuine,
                                     std::optional<GenuineByReliability> by_reliability = std::nullopt);

    // Natural logarithm of P(cosine | the person) / P(cosine | a stranger), where the cosine is that of the
    // probe with the mean of the person's references, and `reliability` the probe's. Never falls as the
    // cosine rises.
    double log_ratio(double cosine, const References& references = {},
                     std::optional<double> reliability = std::nullopt) const;
    // The least log_ratio can be.
    double log_ratio_floor() const;

    // Share of strangers that score at least so high against one person.
    double false_match_rate(double cosine) const;
    // Share of a person's own photographs that score below, against one reference face.
    double false_non_match_rate(double cosine) const;

    // To how many independent references these are equal: between 1 and their count.
    double independent(const References& references) const;

    const ImpostorTail& impostor() const { return impostor_; }
    const GenuineSpread& genuine() const { return genuine_; }
    const std::optional<GenuineByReliability>& by_reliability() const { return by_reliability_; }

private:
    ScoreModel(const ImpostorTail& impostor, const GenuineSpread& genuine,
               std::optional<GenuineByReliability> by_reliability);
    GenuineSpread genuine_at(std::optional<double> one, std::optional<double> other) const;

    ImpostorTail impostor_;
    GenuineSpread genuine_;
    std::optional<GenuineByReliability> by_reliability_;
};

}  // namespace vision
