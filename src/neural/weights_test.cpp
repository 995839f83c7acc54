#include "neural/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace neural::detail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

base::ByteView bytes(const std::vector<std::uint8_t>& numbers) {
    return numbers;
}

TEST(Weights, EachKindOfNumberIsReadAsItsManifestSays) {
    const std::string manifest = R"([{"paths": ["a"], "weights": [
        {"name": "plain", "shape": [2], "dtype": "float32"},
        {"name": "byte", "shape": [1, 3], "dtype": "float32",
         "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}},
        {"name": "word", "shape": [], "dtype": "float32",
         "quantization": {"dtype": "uint16", "scale": 2, "min": 0.25}}]},
        {"paths": ["b"], "weights": [
        {"name": "half", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}}]}])";
    const std::vector<std::uint8_t> shards = {
        0, 0,    0x80, 0x3f, 0, 0, 0, 0xc0,  // 1, -2
        0, 2,    255,                        //
        1, 1,                                // 257
        0, 0x3c, 0,    0xc1,                 // 1, -2.5
    };
    auto weights = read_weights(manifest, shards);
    ASSERT_TRUE(weights.ok()) << weights.error().message();
    EXPECT_EQ(weights->size(), 4u);
    EXPECT_THAT(weights->at("plain")->floats, ElementsAre(1, -2));
    EXPECT_THAT(weights->at("byte")->floats, ElementsAre(-1, 0, 126.5f));
    EXPECT_EQ(weights->at("byte")->shape, (Shape{1, 3}));
    EXPECT_THAT(weights->at("word")->floats, ElementsAre(514.25f));
    EXPECT_THAT(weights->at("half")->floats, ElementsAre(1, -2.5f));
}

std::string one(const std::string& tensor) {
    return R"([{"paths": ["a"], "weights": [)" + tensor + "]}]";
}

TEST(Weights, WhatContradictsItselfIsRefused) {
    const std::string byte =
        R"({"name": "x", "shape": [2], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}})";
    EXPECT_TRUE(read_weights(one(byte), bytes({1, 2})).ok());
    const std::vector<std::pair<std::string, std::vector<std::uint8_t>>> wrong = {
        {one(byte), {1}},
        {one(byte), {1, 2, 3}},
        {one(byte + "," + byte), {1, 2, 3, 4}},
        {"", {}},
        {"{}", {}},
        {"[3]", {}},
        {"[{}]", {}},
        {one("3"), {}},
        {one(R"({"shape": [2], "dtype": "float32"})"), {}},
        {one(R"({"name": "x", "shape": 2, "dtype": "float32"})"), {}},
        {one(R"({"name": "x", "shape": [-2], "dtype": "float32"})"), {}},
        {one(R"({"name": "x", "shape": [0], "dtype": "float32"})"), {}},
        {one(R"({"name": "x", "shape": [1.5], "dtype": "float32"})"), {}},
        {one(R"({"name": "x", "shape": [1], "dtype": "float32", "quantization": 3})"), {1}},
        {one(R"({"name": "x", "shape": [1], "dtype": "float32", "quantization": {"dtype": "uint8", "min": 0}})"),
         {1}},
        {one(R"({"name": "x", "shape": [1], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1e300, "min": 0}})"),
         {1}},
    };
    for (const auto& [manifest, shards] : wrong) {
        auto weights = read_weights(manifest, shards);
        ASSERT_FALSE(weights.ok()) << manifest;
        EXPECT_TRUE(weights.error().is(Refusal::not_a_model)) << manifest;
    }
}

TEST(Weights, OtherKindsOfNumbersAreRefusedByName) {
    auto integers =
        read_weights(one(R"({"name": "steps", "shape": [1], "dtype": "int32"})"), bytes({1, 0, 0, 0}));
    EXPECT_TRUE(integers.error().is(Refusal::unsupported_operator));
    EXPECT_THAT(integers.error().message(), HasSubstr("steps"));
    auto narrow = read_weights(
        one(R"({"name": "x", "shape": [1], "dtype": "float32", "quantization": {"dtype": "int4"}})"),
        bytes({1}));
    EXPECT_TRUE(narrow.error().is(Refusal::unsupported_operator));
}

TEST(Weights, WhatIsTooLargeIsRefusedBeforeItIsRead) {
    const auto tensor = [](const char* shape) {
        return one(std::string(R"({"name": "x", "dtype": "float32", "shape": )") + shape + "}");
    };
    for (const char* shape : {"[100000, 100000]", "[1,1,1,1,1,1,1]", "[4611686018427387904, 4]"})
        EXPECT_TRUE(read_weights(tensor(shape), {}).error().is(Refusal::too_large)) << shape;
    EXPECT_TRUE(read_weights(std::string(kManifestBytesMax + 1, ' '), {}).error().is(Refusal::too_large));
}

}  // namespace
}  // namespace neural::detail
