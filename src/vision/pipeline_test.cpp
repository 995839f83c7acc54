// The whole pipeline on real photographs with the open pack. Skipped where ../shared is not.
#include "vision/pipeline.h"

#include <cmath>
#include <fmt/format.h>
#include <thread>

#include "image/resample.h"
#include "vision/test_pipeline.h"

namespace vision {
namespace {

class PipelineOnPhotos : public OnPhotos {
protected:
    static Embedding embedding_of(const image::Picture& picture) {
        auto faces = faces_of(picture);
        auto embedding = pipeline_->embed(picture, faces.at(0));
        EXPECT_TRUE(embedding.ok());
        return *embedding;
    }

    // For a message: where each face is and how sure it is.
    static std::string boxes_of(const std::vector<Face>& faces) {
        std::string out;
        for (const auto& face : faces)
            out += fmt::format("({:.3f} {:.3f} {:.3f} {:.3f}: {:.1f} %) ", face.box.left, face.box.top,
                               face.box.width, face.box.height, face.confidence);
        return out;
    }
};

TEST_F(PipelineOnPhotos, EachPortraitHasOneFaceWithItsLandmarksInOrder) {
    for (const char* name :
         {"obama.jpg", "obama_small.jpg", "biden.jpg", "alex-lacamoire.png", "lin-manuel-miranda.png"}) {
        auto faces = faces_of(photo_named(name));
        ASSERT_EQ(faces.size(), 1u) << name;
        const auto& face = faces[0];
        EXPECT_GT(face.confidence, 99) << name;
        EXPECT_LT(face.landmarks[eye_left].x, face.landmarks[eye_right].x) << name;
        EXPECT_LT(face.landmarks[eye_left].y, face.landmarks[nose].y) << name;
        EXPECT_LT(face.landmarks[nose].y, face.landmarks[mouth_left].y) << name;
        EXPECT_LT(face.landmarks[mouth_left].x, face.landmarks[mouth_right].x) << name;
        EXPECT_LT(std::abs(face.pose.roll), 15) << name;
        EXPECT_GT(face.quality.sharpness, 15) << name;
        EXPECT_GT(face.quality.brightness, 20) << name;
    }
}

TEST_F(PipelineOnPhotos, ThePersonIsRecognisedAndTheOtherIsNot) {
    auto obama = embedding_of(photo_named("obama.jpg"));
    auto biden = embedding_of(photo_named("biden.jpg"));
    EXPECT_EQ(obama.values.size(), pipeline_->dimensions());
    EXPECT_EQ(pipeline_->similarity(obama, obama), Similarity{100});
    for (const char* name : {"obama2.jpg", "obama3.jpg", "obama_small.jpg"})
        EXPECT_GT(pipeline_->similarity(obama, embedding_of(photo_named(name))).percent, 80) << name;
    EXPECT_LT(pipeline_->similarity(obama, biden).percent, 50);
    auto two = photo_named("two_people.jpg");
    auto faces = faces_of(two);
    ASSERT_EQ(faces.size(), 2u);
    float best_obama = 0, best_biden = 0;
    for (const auto& face : faces) {
        auto embedding = *pipeline_->embed(two, face);
        best_obama = std::max(best_obama, pipeline_->similarity(obama, embedding).percent);
        best_biden = std::max(best_biden, pipeline_->similarity(biden, embedding).percent);
    }
    EXPECT_GT(best_obama, 80);
    EXPECT_GT(best_biden, 80);
}

// The portrait of 110 x 150 pixels, shrunk until its face is 20 pixels wide, and cut so that the face fills
// it.
TEST_F(PipelineOnPhotos, FacesFrom20PixelsUpToOneThatFillsThePictureAreFound) {
    auto portrait = photo_named("obama.jpg");
    auto face = faces_of(portrait).at(0);
    for (float side : {20.0f, 30.0f, 60.0f, 300.0f, 900.0f, 2000.0f}) {
        float scale = side / face.side_px;
        auto scaled = image::resize(portrait, static_cast<int>(static_cast<float>(portrait.width) * scale),
                                    static_cast<int>(static_cast<float>(portrait.height) * scale));
        auto found = faces_of(scaled);
        EXPECT_EQ(found.size(), 1u) << side << ": " << boxes_of(found);
    }
    // A small face in a large picture.
    auto canvas = image::blank(1280, 720, 90, 110, 100);
    float scale = 20 / face.side_px;
    auto small = image::resize(portrait, static_cast<int>(static_cast<float>(portrait.width) * scale),
                               static_cast<int>(static_cast<float>(portrait.height) * scale));
    for (int y = 0; y < small.height; ++y)
        std::copy_n(small.at(0, y), 3 * small.width, canvas.at(700, 300 + y));
    EXPECT_EQ(faces_of(canvas).size(), 1u);
    auto in_pixels = [&](float ratio, int length) {
        return static_cast<int>(ratio * static_cast<float>(length));
    };
    auto close_up = image::crop(
        portrait, {in_pixels(face.box.left, portrait.width), in_pixels(face.box.top, portrait.height),
                   in_pixels(face.box.width, portrait.width), in_pixels(face.box.height, portrait.height)});
    for (int width : {100, 250, 1000, 3000}) {
        auto found = faces_of(image::resize(close_up, width, width * close_up.height / close_up.width));
        ASSERT_EQ(found.size(), 1u) << width;
        EXPECT_GT(found[0].box.width, 0.6f) << width;
    }
}

TEST_F(PipelineOnPhotos, FacesComeLargestFirstAndNoMoreThanAskedFor) {
    auto picture = photo_named("two_people.jpg");
    auto faces = faces_of(picture);
    ASSERT_EQ(faces.size(), 2u);
    EXPECT_GE(faces[0].box.area(), faces[1].box.area());
    auto one = pipeline_->detect(picture, {.faces_max = 1});
    ASSERT_EQ(one->size(), 1u);
    EXPECT_FLOAT_EQ(one->at(0).box.left, faces[0].box.left);
}

TEST_F(PipelineOnPhotos, APictureWithoutFacesHasNone) {
    EXPECT_TRUE(faces_of(image::blank(640, 480, 128, 128, 128)).empty());
    EXPECT_TRUE(faces_of(image::blank(1, 1, 128, 128, 128)).empty());
    EXPECT_TRUE(faces_of(image::Picture{}).empty());
}

TEST_F(PipelineOnPhotos, AnyThreadMayCall) {
    auto picture = photo_named("obama_small.jpg");
    auto expected = embedding_of(picture).values;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { EXPECT_EQ(embedding_of(picture).values, expected); });
}

TEST_F(PipelineOnPhotos, TheSamePersonIsNearerThanAnyOther) {
    if (!std::filesystem::exists(kPeople)) GTEST_SKIP() << "needs the people of ../shared";
    std::vector<std::pair<std::string, Embedding>> first, second;
    for (const auto& person : std::filesystem::directory_iterator(kPeople)) {
        std::vector<std::filesystem::path> photos;
        for (const auto& file : std::filesystem::directory_iterator(person))
            photos.push_back(file.path());
        std::sort(photos.begin(), photos.end());
        first.emplace_back(person.path().filename(), embedding_of(photo(photos.at(0))));
        if (photos.size() > 1) second.emplace_back(person.path().filename(), embedding_of(photo(photos[1])));
    }
    for (const auto& [name, probe] : second) {
        auto best = std::max_element(first.begin(), first.end(), [&, &likeness = probe](auto& a, auto& b) {
            return cosine(a.second, likeness) < cosine(b.second, likeness);
        });
        EXPECT_EQ(best->first, name);
    }
}

}  // namespace
}  // namespace vision
