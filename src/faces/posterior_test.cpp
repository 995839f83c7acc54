#include "faces/posterior.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>

namespace faces {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Optional;

double sum_of(const Shares& shares) {
    return std::accumulate(shares.candidates.begin(), shares.candidates.end(),
                           shares.others + shares.unknown);
}

// Every way to give people to faces, each person once, with its weight.
struct AllWays {
    explicit AllWays(std::vector<FaceOdds> odds) : faces(std::move(odds)) {
        chosen.resize(faces.size());
        for (const auto& face : faces)
            shares.emplace_back(face.candidates.size() + 1, 0.0);
        go(0, 1);
        for (auto& of_face : shares)
            for (auto& share : of_face)
                share /= all;
    }
    void go(std::size_t i, double weight) {
        if (i == faces.size()) {
            all += weight;
            for (std::size_t f = 0; f < faces.size(); ++f)
                shares[f][chosen[f].value_or(faces[f].candidates.size())] += weight;
            if (weight > best_weight) {
                best_weight = weight;
                best = chosen;
            }
            return;
        }
        chosen[i].reset();
        go(i + 1, weight * (1 + std::exp(faces[i].others)));
        for (std::size_t place = 0; place < faces[i].candidates.size(); ++place) {
            const auto& candidate = faces[i].candidates[place];
            bool taken = false;
            for (std::size_t f = 0; f < i; ++f)
                taken |= chosen[f] && faces[f].candidates[*chosen[f]].person == candidate.person;
            if (taken) continue;
            chosen[i] = place;
            go(i + 1, weight * std::exp(candidate.log_odds));
            chosen[i].reset();
        }
    }
    std::vector<FaceOdds> faces;
    std::vector<std::optional<std::size_t>> chosen, best;
    std::vector<std::vector<double>> shares;  // of each face: its candidates, and none
    double all = 0, best_weight = -1;
};

std::vector<FaceOdds> drawn(std::mt19937& random) {
    std::uniform_real_distribution<double> odds(-6, 8);
    std::vector<FaceOdds> faces(1 + random() % 4);
    for (auto& face : faces) {
        face.others = -3;
        for (std::size_t person = 0; person < 5; ++person)
            if (random() % 2) face.candidates.push_back({person, odds(random)});
    }
    return faces;
}

TEST(Posterior, SharesOfOneFaceAreItsOddsNormalised) {
    FaceOdds face{{{7, std::log(6.0)}, {8, std::log(2.0)}}, std::log(0.5)};
    const auto shares = separate_shares(std::span(&face, 1));
    EXPECT_THAT(shares.faces[0].candidates,
                ElementsAre(DoubleNear(6 / 9.5, 1e-12), DoubleNear(2 / 9.5, 1e-12)));
    EXPECT_NEAR(shares.faces[0].others, 0.5 / 9.5, 1e-12);
    EXPECT_NEAR(shares.faces[0].unknown, 1 / 9.5, 1e-12);
    EXPECT_THAT(shares.assigned[0], Optional(0u));
    const auto joint = joint_shares(std::span(&face, 1));
    EXPECT_NEAR(joint.faces[0].candidates[1], 2 / 9.5, 1e-12) << "alone, joint and separate are the same";
}

TEST(Posterior, JointSharesAreThoseOfAllWaysTogether) {
    std::mt19937 random(2);
    for (int trial = 0; trial < 300; ++trial) {
        const auto faces = drawn(random);
        const auto shares = joint_shares(faces);
        const AllWays truth(faces);
        for (std::size_t i = 0; i < faces.size(); ++i) {
            EXPECT_NEAR(sum_of(shares.faces[i]), 1, 1e-9);
            for (std::size_t place = 0; place < faces[i].candidates.size(); ++place)
                EXPECT_NEAR(shares.faces[i].candidates[place], truth.shares[i][place], 1e-9);
        }
        EXPECT_EQ(shares.assigned, truth.best);
    }
}

TEST(Posterior, PropagationComesNear) {
    std::mt19937 random(3);
    double far = 0, sum = 0;
    std::size_t count = 0;
    for (int trial = 0; trial < 300; ++trial) {
        const auto faces = drawn(random);
        const auto shares = joint_shares_by_propagation(faces);
        const AllWays truth(faces);
        EXPECT_EQ(shares.assigned, truth.best) << "the assignment itself is not an approximation";
        for (std::size_t i = 0; i < faces.size(); ++i) {
            EXPECT_NEAR(sum_of(shares.faces[i]), 1, 1e-9);
            for (std::size_t place = 0; place < faces[i].candidates.size(); ++place) {
                const double off = std::abs(shares.faces[i].candidates[place] - truth.shares[i][place]);
                far = std::max(far, off);
                sum += off;
                ++count;
            }
        }
    }
    // Where few people are contested by few faces it is surer than it should be; such groups are summed.
    EXPECT_LT(far, 0.4);
    EXPECT_LT(sum / static_cast<double>(count), 0.01);
}

// Ann's photo resembles Bob a little more than Ann; Bob's own photo settles it.
TEST(Posterior, APersonIsInAPictureOnce) {
    const std::vector<FaceOdds> faces = {{{{1, 5.0}, {2, 6.0}}, -5}, {{{2, 15.0}}, -5}};
    const auto separate = separate_shares(faces);
    EXPECT_THAT(separate.assigned, ElementsAre(Optional(1u), Optional(0u)));
    const auto joint = joint_shares(faces);
    EXPECT_THAT(joint.assigned, ElementsAre(Optional(0u), Optional(0u)));
    EXPECT_GT(joint.faces[0].candidates[0], 0.98);
    EXPECT_LT(joint.faces[0].candidates[1], 0.01);
}

// A picture of many copies of one face: more people are shared than sums are made for.
TEST(Posterior, ManyFacesOfManyPeopleAddUp) {
    FaceOdds face;
    for (std::size_t person = 0; person < 40; ++person)
        face.candidates.push_back({person, 40.0 - static_cast<double>(person)});
    face.others = -4;
    const std::vector<FaceOdds> faces(100, face);
    const auto shares = joint_shares(faces);
    std::size_t named = 0;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        EXPECT_NEAR(sum_of(shares.faces[i]), 1, 1e-9);
        for (double share : shares.faces[i].candidates)
            EXPECT_TRUE(share >= 0 && share <= 1);
        named += shares.assigned[i].has_value();
    }
    EXPECT_EQ(named, 40u);
}

TEST(Posterior, ACandidateThatIsRuledOutHasNoShare) {
    const std::vector<FaceOdds> faces = {{{{1, -std::numeric_limits<double>::infinity()}, {2, 3.0}}, -5}};
    for (const auto& shares : {separate_shares(faces), joint_shares(faces)}) {
        EXPECT_EQ(shares.faces[0].candidates[0], 0);
        EXPECT_NEAR(sum_of(shares.faces[0]), 1, 1e-9);
        EXPECT_THAT(shares.assigned[0], Optional(1u));
    }
}

TEST(Posterior, WithoutPeopleEverybodyIsUnknown) {
    const auto odds = odds_of({}, {}, std::log(0.005), {.people = 0});
    const auto shares = joint_shares(std::span(&odds, 1));
    EXPECT_EQ(shares.faces[0].unknown, 1);
}

TEST(Posterior, ThePriorIsSharedAmongThePeople) {
    const std::vector<std::size_t> people = {4};
    const std::vector<double> nothing_said = {0.0};
    const auto odds = odds_of(people, nothing_said, 0.0, {.unknown = 0.2, .people = 10});
    const auto shares = separate_shares(std::span(&odds, 1)).faces[0];
    EXPECT_NEAR(shares.unknown, 0.2, 1e-12);
    EXPECT_NEAR(shares.candidates[0], 0.08, 1e-12);
    EXPECT_NEAR(shares.others, 0.72, 1e-12);
}

TEST(Portrait, IsTheMeanOfTheReferences) {
    using Seen = std::vector<const vision::Embedding*>;
    const vision::ModelId model("m");
    const vision::Embedding a{model, {1, 0}, 0.9f}, b{model, {0, 1}, 0.5f}, minus_a{model, {-1, 0}};
    const auto portrait = *portrait_of(Seen{&a, &b});
    EXPECT_NEAR(portrait.direction[0], std::sqrt(0.5), 1e-6);
    EXPECT_EQ(portrait.references.count, 2u);
    EXPECT_NEAR(portrait.references.mean_length, std::sqrt(0.5), 1e-6);
    EXPECT_NEAR(*portrait.references.reliability, 0.7, 1e-6);
    EXPECT_FALSE(portrait_of(Seen{&a, &minus_a}));
    EXPECT_EQ(portrait_of(Seen{&a})->references.mean_length, 1);
    EXPECT_FALSE(portrait_of(Seen{&minus_a, &b})->references.reliability) << "unknown of one";
}

TEST(Posterior, StrangersSeenBeforeAreAsLikelyAsPeopleOfTheCollection) {
    const std::vector<std::size_t> people = {1};
    const std::vector<double> ratios = {std::log(50.0)};
    const auto odds = odds_of(people, ratios, std::log(0.5), {.unknown = 0.2, .people = 4}, std::log(100.0));
    const auto shares = separate_shares(std::span(&odds, 1)).faces[0];
    const double person = 0.2 * 50, others = 3 * 0.2 * 0.5, stranger = 0.2 + 0.2 * 100;
    const double all = person + others + stranger;
    EXPECT_NEAR(shares.candidates[0], person / all, 1e-12);
    EXPECT_NEAR(shares.others, others / all, 1e-12);
    EXPECT_NEAR(shares.unknown, stranger / all, 1e-12);
}

TEST(Posterior, AFaceThatIsSettledIsThatPersonWhateverScoresSay) {
    const double never = -std::numeric_limits<double>::infinity();
    FaceOdds settled{{{1, -5}, {2, 12}, {3, never}}, 3}, other{{{1, 40}}, -3};
    settle(settled, 0);
    const std::vector<FaceOdds> both = {settled, other};
    for (const auto& shares : {joint_shares(both), joint_shares_by_propagation(both)}) {
        EXPECT_THAT(shares.assigned, ElementsAre(Optional(0u), testing::Eq(std::nullopt)));
        EXPECT_GT(shares.faces[0].candidates[0], 1 - 1e-9);
        EXPECT_EQ(shares.faces[0].candidates[2], 0);
        EXPECT_LT(shares.faces[1].candidates[0], 1e-9);
    }
    EXPECT_GT(separate_shares(both).faces[0].candidates[0], 1 - 1e-9);
}

}  // namespace
}  // namespace faces
