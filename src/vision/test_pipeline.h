// The open pack's pipeline as a fixture for this room's tests, which are skipped where ../shared is not.
#pragma once

#include <gtest/gtest.h>

#include "image/decode.h"
#include "vision/pipeline.h"
#include "vision/test_pack.h"

namespace vision {

class OnOpenPack : public testing::Test {
protected:
    // Compiled once for all tests of a suite.
    static void SetUpTestSuite() {
        auto pack = open_pack();
        if (!pack) return;
        auto created = Pipeline::create(*pack);
        ASSERT_TRUE(created.ok()) << created.error().detail();
        pipeline_ = std::make_unique<Pipeline>(std::move(*created));
    }
    static void TearDownTestSuite() { pipeline_.reset(); }
    void SetUp() override {
        if (!pipeline_) GTEST_SKIP() << "needs the weights of ../shared";
    }

    static std::vector<Face> faces_of(const image::Picture& picture) {
        auto faces = pipeline_->detect(picture);
        EXPECT_TRUE(faces.ok()) << faces.error().detail();
        return faces.ok() ? *faces : std::vector<Face>{};
    }

    inline static std::unique_ptr<Pipeline> pipeline_;
};

// On photographs too.
class OnPhotos : public OnOpenPack {
protected:
    static void SetUpTestSuite() {
        if (std::filesystem::exists(kPhotos)) OnOpenPack::SetUpTestSuite();
    }
    void SetUp() override {
        if (!pipeline_) GTEST_SKIP() << "needs the weights and photographs of ../shared";
    }

    static image::Picture photo(const std::filesystem::path& path) {
        auto bytes = base::read_file(path, std::size_t{16} << 20);
        EXPECT_TRUE(bytes.ok()) << path;
        auto picture = image::decode(*bytes);
        EXPECT_TRUE(picture.ok()) << path;
        return *picture;
    }
    static image::Picture photo_named(const char* name) {
        return photo(std::filesystem::path(kPhotos) / name);
    }
};

}  // namespace vision
