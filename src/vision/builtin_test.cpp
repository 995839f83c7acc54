// The pack that is part of the program computes what it was trained to compute, on this machine too.
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <numeric>

#include "neural/pack.h"
#include "people/cast.h"
#include "people/picture.h"
#include "vision/pipeline.h"

namespace vision {
namespace {

std::shared_ptr<const neural::Pack> builtin() {
    auto known = neural::known_pack("builtin");
    auto pack = known.ok() ? neural::Pack::builtin(**known) : known.error();
    return pack.ok() ? *pack : nullptr;
}

// The picture of training/export_embedder.py and export_attributes.py, which wrote what PyTorch says of it.
base::Bytes reference_picture(int size) {
    base::Bytes rgb;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x)
            for (int channel = 0; channel < 3; ++channel)
                rgb.push_back(static_cast<std::uint8_t>((x * 7 + y * 13 + channel * 57 + x * y % 31) % 256));
    return rgb;
}

std::vector<float> numbers_of(const char* path) {
    std::ifstream file(path);
    return {std::istream_iterator<float>(file), std::istream_iterator<float>()};
}

double cosine_of(std::span<const float> a, std::span<const float> b) {
    double dot = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    return dot / std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                           std::inner_product(b.begin(), b.end(), b.begin(), 0.0));
}

// What the network of the role says of the reference picture: these outputs, one behind the other.
std::vector<float> said_by(const neural::Pack& pack, const char* role_name,
                           const std::vector<const char*>& outputs, neural::Precision precision) {
    const auto* role = *pack.role(role_name);
    auto network =
        neural::Network::compile(*pack.model(role_name), {1, 3, role->height, role->width}, precision);
    if (!network.ok()) return {};
    neural::Session session(*network);
    session.load(reference_picture(role->width), static_cast<std::size_t>(role->width) * 3,
                 role->normalisation);
    if (!session.run().ok()) return {};
    std::vector<float> numbers;
    for (const char* name : outputs) {
        const auto output = session.output(name);
        if (!output.ok()) return {};
        numbers.insert(numbers.end(), output->begin(), output->end());
    }
    return numbers;
}

double cosine_to_reference(const neural::Pack& pack, neural::Precision precision) {
    const auto said = said_by(pack, "embedder", {"embedding"}, precision);
    const auto reference = numbers_of("models/builtin/reference.txt");
    return said.size() == reference.size() ? cosine_of(said, reference) : 0;
}

TEST(Builtin, TheEmbedderSaysWhatItSaidInTraining) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    EXPECT_GT(cosine_to_reference(*pack, neural::Precision::f32), 0.99999);
}

TEST(Builtin, Bf16ChangesTheLastDigitsOnly) {
    if (!neural::has_bf16()) GTEST_SKIP() << "this CPU has no bf16";
    auto pack = builtin();
    ASSERT_TRUE(pack);
    EXPECT_GT(cosine_to_reference(*pack, neural::Precision::bf16), 0.999);
}

TEST(Builtin, TheAttributesAreWhatTheyWereInTraining) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    const auto said =
        said_by(*pack, "attributes",
                {"age", "gender", "expression", "landmarks", "beard", "mustache", "eyes_open", "sunglasses"},
                neural::Precision::f32);
    const auto reference = numbers_of("models/builtin/attributes.txt");
    ASSERT_EQ(said.size(), 1 + 1 + kEmotions + 2 * 68 + 4);
    ASSERT_EQ(reference.size(), said.size());
    EXPECT_NEAR(said[0], reference[0], 0.01) << "years";
    for (std::size_t i = 1; i < said.size(); ++i)
        EXPECT_NEAR(said[i], reference[i], 1e-3) << i;
}

TEST(Builtin, TheCosineToBeExpectedIsWhatItWasInTraining) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    const auto said = said_by(*pack, "embedder", {"expected_cosine"}, neural::Precision::f32);
    const auto reference = numbers_of("models/builtin/quality.txt");
    ASSERT_EQ(said.size(), 1u);
    ASSERT_EQ(reference.size(), 1u);
    auto odds = [](double share) { return std::log(share / (1 - share)); };
    EXPECT_NEAR(odds(said[0]), odds(reference[0]), 0.05) << "weights as f16 against f32";
}

// Nobody can say how old a drawn person is, but it is told, within bounds and with the points on the face.
TEST(Builtin, AFaceIsDescribed) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    auto pipeline = Pipeline::create(*pack);
    ASSERT_TRUE(pipeline.ok()) << pipeline.error().detail();
    for (std::size_t who = 0; who < 4; ++who) {
        const people::Sitter sitter(people::person_of(people::cast()[who].seed));
        people::Chance chance(1);
        const auto shot = people::shot_of(chance, people::Variety::album, sitter.person().glasses.worn);
        const auto drawn = people::portrait(sitter, shot, 160);
        const auto faces = pipeline->detect(drawn.picture);
        ASSERT_TRUE(faces.ok() && faces->size() == 1) << who;
        const auto told = pipeline->describe(drawn.picture, faces->at(0), AttributeChoice::all());
        ASSERT_TRUE(told.ok()) << told.error().detail();

        ASSERT_TRUE(told->age_range && told->gender && told->smile && told->mouth_open && told->outline)
            << who;
        EXPECT_LT(told->age_range->low, told->age_range->high) << who;
        EXPECT_LT(told->age_range->low, 75) << who << ": none of the cast is drawn as old";
        EXPECT_GE(told->gender->confidence, 50) << who;
        float sum = 0;
        for (const auto& each : told->emotions)
            sum += each.confidence;
        EXPECT_NEAR(sum, 100, 0.5) << who;
        const auto& eyes = faces->at(0).landmarks;
        const float apart = eyes[eye_right].x - eyes[eye_left].x;
        EXPECT_NEAR((*told->outline)[left_pupil].x, eyes[eye_left].x, 0.2f * apart) << who;
        EXPECT_NEAR((*told->outline)[right_pupil].y, eyes[eye_right].y, 0.2f * apart) << who;
        EXPECT_GT((*told->outline)[chin_bottom].y, eyes[mouth_left].y) << who;
    }
}

// How a person of the cast is drawn.
struct Look {
    bool has_beard = false;
    bool has_closed_eyes = false;
    bool has_dark_glasses = false;
};
std::optional<FaceAttributes> told_of(const Pipeline& pipeline, std::size_t who, const Look& look) {
    auto person = people::person_of(people::cast()[who].seed);
    person.beard = {};
    if (look.has_beard)
        person.beard = {
            .cheeks = 0.95f, .chin = 1, .moustache = 0.95f, .length = 6, .colour = {0.02f, 0.015f, 0.01f}};
    person.glasses.width = 25;
    person.glasses.height = 19;
    person.glasses.colour = {0.02f, 0.02f, 0.02f};
    person.glasses.tint = 0.97f;
    people::Chance chance(who + 1);
    auto shot = people::shot_of(chance, people::Variety::album, false);
    shot.glasses = look.has_dark_glasses;
    shot.expression.lids = look.has_closed_eyes ? 0.0f : 1.0f;
    const auto drawn = people::portrait(people::Sitter(person), shot, 256);
    const auto faces = pipeline.detect(drawn.picture);
    if (!faces.ok() || faces->empty()) return std::nullopt;
    const auto told = pipeline.describe(drawn.picture, faces->at(0), AttributeChoice::all());
    return told.ok() ? std::optional(*told) : std::nullopt;
}

// Of 100.
float probability_of(const Judgement& judgement) {
    return judgement.value ? judgement.confidence : 100 - judgement.confidence;
}

// Learned from photographs: of a drawing not always said outright, but more surely than of the same person
// without it.
TEST(Builtin, BeardsClosedEyesAndDarkGlassesOfDrawnPeopleAreSeen) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    auto pipeline = Pipeline::create(*pack);
    ASSERT_TRUE(pipeline.ok());
    for (std::size_t who = 0; who < 3; ++who) {
        const auto plain = told_of(*pipeline, who, {}), beard = told_of(*pipeline, who, {.has_beard = true}),
                   lids = told_of(*pipeline, who, {.has_closed_eyes = true}),
                   glasses = told_of(*pipeline, who, {.has_dark_glasses = true});
        ASSERT_TRUE(plain && beard && lids && glasses) << who;
        ASSERT_TRUE(plain->beard && plain->mustache && plain->eyes_open && plain->sunglasses) << who;
        EXPECT_GT(probability_of(*beard->beard), probability_of(*plain->beard)) << who;
        EXPECT_GT(probability_of(*beard->mustache), probability_of(*plain->mustache)) << who;
        EXPECT_LT(probability_of(*lids->eyes_open), probability_of(*plain->eyes_open)) << who;
        EXPECT_GT(probability_of(*glasses->sunglasses), 50) << who;
        EXPECT_LT(probability_of(*plain->sunglasses), 50) << who;
        EXPECT_LT(probability_of(*plain->beard), 50) << who;
        EXPECT_GT(probability_of(*plain->eyes_open), 50) << who;
    }
}

}  // namespace
}  // namespace vision
