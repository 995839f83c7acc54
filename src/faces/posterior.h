// Who the faces of a picture could be, with what probability: from the log likelihood ratios of scores
// (vision/score_model.h) to shares that sum to one, with nobody of the collection as an answer of its own,
// and with one person at most once in a picture. docs/identification.md has the formulae and their sources.
//
// Pure arithmetic: no records, no pictures. Callable from any thread.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "vision/face.h"
#include "vision/score_model.h"

namespace faces {

// That a face that comes is of nobody in the collection, before anybody has looked at it.
inline constexpr double kUnknownPriorDefault = 0.15;

struct Prior {
    double unknown = kUnknownPriorDefault;  // between 0 and 1, exclusive
    std::size_t people = 0;                 // in the collection: each is as likely as the next
};

// A person's reference faces as one direction.
struct Portrait {
    std::vector<float> direction;  // length 1: the mean of the references' unit vectors
    vision::References references;
};
// Of embeddings by one model, at least one. Nothing where they cancel out.
std::optional<Portrait> portrait_of(std::span<const vision::Embedding* const> references);

// What a face's score with a person, or with another face, says for it: vision::ScoreModel::log_ratio.
double log_ratio(const vision::ScoreModel& scores, const Portrait& person, const vision::Embedding& face);
double log_ratio(const vision::ScoreModel& scores, const vision::Embedding& a, const vision::Embedding& b);
// The logarithm of the sum of both numbers, of which a and b are the logarithms.
double log_sum(double a, double b);
// Of vectors of one length.
double cosine_of(std::span<const float> a, std::span<const float> b);

// A person that a face could be. Numbers are the caller's own; the same person has the same in every face of
// a picture, and stands at most once in each.
struct Candidate {
    std::size_t person = 0;
    double log_odds = 0;  // natural, of this person against a stranger, with the prior in it
};

// What is known of one face.
struct FaceOdds {
    std::vector<Candidate> candidates;
    // Log odds, against a stranger, of the people of the collection who are no candidates, all together.
    double others = 0;
};

// The odds of people whose scores' log likelihood ratios are given; all others of the collection get
// `log_ratio_floor`. `people` and `log_ratios` have the same length, at most prior.people. `strangers_seen`
// is the log likelihood ratio of strangers who were seen before (testimony.h), against others.
FaceOdds odds_of(std::span<const std::size_t> people, std::span<const double> log_ratios,
                 double log_ratio_floor, const Prior& prior,
                 double strangers_seen = -std::numeric_limits<double>::infinity());
// Of a face that is known to be the candidate at this place.
void settle(FaceOdds& face, std::size_t place);

// They sum to one.
struct Shares {
    std::vector<double> candidates;  // in the order of FaceOdds::candidates
    double others = 0;               // somebody of the collection who is no candidate
    double unknown = 0;              // nobody of the collection
};

struct PictureShares {
    std::vector<Shares> faces;
    // The candidate, by place, that the best assignment of people to faces gives to each face; nothing for
    // one that is better left to nobody of the candidates.
    std::vector<std::optional<std::size_t>> assigned;
};

// Each face by itself: several may be the same person.
PictureShares separate_shares(std::span<const FaceOdds> faces);

// Nobody stands in the picture twice. Assigned is the most probable of all assignments; the shares are the
// probabilities of each face's candidates over all of them: exact where the faces of a group share no more
// than kSharedPeopleMax people, and by belief propagation beyond.
inline constexpr std::size_t kSharedPeopleMax = 10;
PictureShares joint_shares(std::span<const FaceOdds> faces);

// The same by belief propagation whatever the number; for tests.
PictureShares joint_shares_by_propagation(std::span<const FaceOdds> faces);

}  // namespace faces
