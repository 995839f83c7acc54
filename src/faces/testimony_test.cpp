#include "faces/testimony.h"

#include <cmath>
#include <gtest/gtest.h>

namespace faces {
namespace {

const vision::ModelId kModel("m");
const PersonId kBob{PersonId::Kind::user, "bob"}, kJo{PersonId::Kind::user, "jo"};

vision::Embedding looking(float x, float y) {
    return {kModel, {x, y, std::sqrt(1 - x * x - y * y)}};
}

const vision::ScoreModel& scores() {
    static const auto model =
        *vision::ScoreModel::create({.mean = 0.004, .deviation = 0.107},
                                    {.mode = 0.73, .below = 0.165, .above = 0.085, .outliers = 0.005});
    return model;
}

Weighed known_as(const PersonId& person, const vision::Embedding& face) {
    Weighed out;
    out.person = person;
    const std::vector<const vision::Embedding*> faces = {&face};
    out.portrait = *portrait_of(faces);
    return out;
}

// People said that `seen` is not Bob.
NearSighting rejected(const vision::Embedding& seen, const vision::Embedding& face) {
    Correction correction;
    correction.verdict = Verdict::rejected;
    correction.person = kBob;
    correction.embedding = seen;
    NearSighting near;
    near.sighting.embedding = seen;
    near.sighting.corrections = {correction};
    near.cosine = cosine_of(seen.values, face.values);
    return near;
}

// Jo against somebody without a name who was seen before, in logarithms.
double jo_ahead(const vision::Embedding& seen, const vision::Embedding& face) {
    const auto jo = known_as(kJo, looking(1, 0));
    const std::vector<Weight> people = {{jo, log_ratio(scores(), jo.portrait, face)}};
    const std::vector<NearSighting> near = {rejected(seen, face)};
    const auto said = heard(scores(), {.unknown = 0.15, .people = 200}, face, people, near);
    return said.log_ratios[0] - said.strangers;
}

// The sighting looks rather like Jo, which may be chance: it is for the face to say so too.
TEST(Testimony, ASightingWithoutANameIsGuessedByTheFaceThatIsLikeIt) {
    const auto seen = looking(0.5f, 0.866f);
    const auto unlike_jo = looking(0.1f, 0.98f), like_jo = looking(0.6f, 0.69f);
    EXPECT_NEAR(cosine_of(seen.values, unlike_jo.values), cosine_of(seen.values, like_jo.values), 0.01);
    EXPECT_LT(jo_ahead(seen, unlike_jo), -1);
    EXPECT_GT(jo_ahead(seen, like_jo), 2);
}

}  // namespace
}  // namespace faces
