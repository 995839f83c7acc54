#include "services/rekognition/images.h"

#include <gmock/gmock.h>

#include "image/decode.h"
#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

Answer detect(Bench& bench, json::object image) {
    return bench.call("DetectFaces", {{"Image", std::move(image)}});
}

TEST(Images, ComeFromARequestOrFromABucket) {
    Bench bench;
    bench.objects["photos/ann.jpg"] = photo_of(kAnn);
    const auto from_bucket = detect(bench, Bench::object("photos", "ann.jpg"));
    EXPECT_EQ(from_bucket.body.at("FaceDetails").as_array().size(), 1u);
    EXPECT_EQ(detect(bench, Bench::bytes(photo_of(kAnn))).body, from_bucket.body);
}

TEST(Images, AnObjectThatCannotBeReadIsRefusedWhateverTheReason) {
    Bench bench;
    auto answer = detect(bench, Bench::object("photos", "none.jpg"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "InvalidS3ObjectException");
    EXPECT_EQ(answer.message,
              "Unable to get object metadata from S3. Check object key, region and/or access permissions.");
}

TEST(Images, ExactlyOneSourceMustBeGiven) {
    Bench bench;
    auto both = Bench::bytes(photo_of(kAnn));
    both["S3Object"] = {{"Bucket", "photos"}, {"Name", "ann.jpg"}};
    for (const json::object& image :
         {both, json::object(), json::object{{"S3Object", {{"Bucket", "photos"}}}},
          json::object{{"S3Object", {{"Name", "ann.jpg"}}}}}) {
        auto answer = detect(bench, image);
        EXPECT_EQ(answer.error, "InvalidParameterException");
        EXPECT_EQ(answer.message, "Request has invalid parameters");
    }
}

TEST(Images, AreToldByTheirContentAndOnlyJpegAndPngAreTaken) {
    Bench bench;
    const std::string text = "this is a text that was given the name of a picture";
    for (base::Bytes bytes :
         {base::Bytes(text.begin(), text.end()), base::Bytes{'G', 'I', 'F', '8', '9', 'a', 0},
          base::Bytes{0xff, 0xd8, 0xff, 0xe0}}) {
        auto answer = detect(bench, Bench::bytes(bytes));
        EXPECT_EQ(answer.error, "InvalidImageFormatException");
        EXPECT_EQ(answer.message, "Request has invalid image format");
    }
    auto cut = photo_of(kAnn);
    cut.resize(cut.size() / 2);
    EXPECT_EQ(detect(bench, Bench::bytes(cut)).error, "InvalidImageFormatException");
    bench.objects["photos/empty.jpg"] = {};
    EXPECT_EQ(detect(bench, Bench::object("photos", "empty.jpg")).error, "InvalidImageFormatException");
}

TEST(Images, SmallerThan80PixelsAreInvalid) {
    Bench bench;
    auto answer_for = [&](int width, int height) {
        return detect(bench, Bench::bytes(*image::encode_jpeg(image::blank(width, height, 255, 255, 255))));
    };
    EXPECT_EQ(answer_for(80, 80).status, 200);
    for (const auto& answer : {answer_for(79, 200), answer_for(200, 79)}) {
        EXPECT_EQ(answer.error, "InvalidParameterException");
        EXPECT_EQ(answer.message, "Request has invalid parameters");
    }
}

TEST(Images, OfTooManyPixelsAreTooLarge) {
    Bench bench;
    const auto wide = *image::encode_jpeg(image::blank(10'001, 80, 255, 255, 255));
    auto answer = detect(bench, Bench::bytes(wide));
    EXPECT_EQ(answer.error, "ImageTooLargeException");
    EXPECT_EQ(answer.message, "Image size is too large.");
}

TEST(Images, OfTooManyBytesAreRefused) {
    Bench bench;
    auto answer = detect(bench, Bench::bytes(base::Bytes(kImageBytesMax + 1, 0xff)));
    EXPECT_EQ(answer.error, "ValidationException");
    EXPECT_THAT(answer.message,
                testing::HasSubstr("'image.bytes' failed to satisfy constraint: Member must have "
                                   "length less than or equal to 5242880"));
    EXPECT_EQ(detect(bench, {{"Bytes", ""}}).error, "ValidationException");
    bench.objects["photos/large.jpg"] = base::Bytes(kObjectBytesMax + 1, 0xff);
    EXPECT_EQ(detect(bench, Bench::object("photos", "large.jpg")).error, "ImageTooLargeException");
}

TEST(Images, EveryOperationThatTakesOneRefusesAlike) {
    Bench bench;
    bench.create();
    bench.objects["photos/large.jpg"] = base::Bytes(kObjectBytesMax + 1, 0xff);
    auto both = Bench::bytes(photo_of(kAnn));
    both["S3Object"] = {{"Bucket", "photos"}, {"Name", "ann.jpg"}};
    const auto narrow = *image::encode_jpeg(image::blank(79, 200, 255, 255, 255), 90);
    const auto wide = *image::encode_jpeg(image::blank(10'001, 80, 255, 255, 255), 90);
    const std::vector<std::pair<json::object, std::string>> cases = {
        {Bench::bytes({1, 2, 3}), "InvalidImageFormatException"},
        {Bench::bytes(narrow), "InvalidParameterException"},
        {Bench::bytes(wide), "ImageTooLargeException"},
        {json::object(), "InvalidParameterException"},
        {both, "InvalidParameterException"},
        {Bench::object("photos", "none.jpg"), "InvalidS3ObjectException"},
        {Bench::object("photos", "large.jpg"), "ImageTooLargeException"},
        {Bench::bytes({}), "ValidationException"},
        {{{"Bytes", "not base64!"}}, "SerializationException"},
        {Bench::object("a b", "x"), "ValidationException"},
    };
    for (const auto* operation : {"IndexFaces", "SearchFacesByImage", "SearchUsersByImage", "DetectFaces"}) {
        for (const auto& [image, error] : cases) {
            const auto answer = bench.call(operation, {{"CollectionId", "staff"}, {"Image", image}});
            EXPECT_EQ(answer.status, 400);
            EXPECT_EQ(answer.error, error) << operation << json::serialize(image).substr(0, 80);
        }
        EXPECT_THAT(bench.call(operation, {{"CollectionId", "staff"}}).message,
                    testing::HasSubstr("Value null at 'image'"));
    }
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body.at("FaceCount"), 0);
}

// `jpeg` with an EXIF segment that says how it is to be turned (TIFF 6.0: one entry, Orientation).
base::Bytes with_orientation(const base::Bytes& jpeg, std::uint8_t orientation) {
    const base::Bytes exif = {0xff, 0xe1, 0, 34, 'E', 'x',         'i', 'f', 0, 0,  'M', 'M',
                              0,    42,   0, 0,  0,   8,           0,   1,   1, 18, 0,   3,
                              0,    0,    0, 1,  0,   orientation, 0,   0,   0, 0,  0,   0};
    base::Bytes out(jpeg.begin(), jpeg.begin() + 2);  // the start of image
    out.insert(out.end(), exif.begin(), exif.end());
    out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
    return out;
}

// Boxes are ratios of the picture as it is to be seen.
TEST(Images, AreTurnedUprightBeforeTheyAreLookedAt) {
    Bench bench;
    const auto upright = image::decode(photo_of({{kAnn, 60}, {kBob, 90}}));
    image::Picture lying = image::blank(upright->height, upright->width, 255, 255, 255);
    for (int y = 0; y < upright->height; ++y)
        for (int x = 0; x < upright->width; ++x)
            std::copy_n(upright->at(x, y), 3, lying.at(y, upright->width - 1 - x));
    const auto photo = with_orientation(*image::encode_jpeg(lying, 95), 6);
    const auto answer = detect(bench, Bench::bytes(photo));
    ASSERT_EQ(answer.status, 200) << answer.message;
    ASSERT_EQ(answer.body.at("FaceDetails").as_array().size(), 2u);
    const auto& bob = answer.body.at("FaceDetails").at(0).at("BoundingBox");
    EXPECT_NEAR(bob.at("Left").as_double(), 0.35, 0.02);
    EXPECT_NEAR(bob.at("Height").as_double(), 0.9, 0.03);
    EXPECT_FALSE(answer.body.contains("OrientationCorrection"));
}

TEST(Images, NamesOfObjectsMustKeepTheirLimits) {
    Bench bench;
    EXPECT_THAT(detect(bench, Bench::object("a b", "k")).message,
                testing::HasSubstr("Value 'a b' at 'image.s3Object.bucket' failed to satisfy constraint"));
    EXPECT_EQ(detect(bench, Bench::object("ab", "k")).error, "ValidationException");
    EXPECT_EQ(detect(bench, Bench::object("photos", std::string(1025, 'k'))).error, "ValidationException");
    EXPECT_EQ(detect(bench, Bench::object("photos", "")).error, "ValidationException");
    EXPECT_EQ(detect(bench, Bench::object(std::string(256, 'b'), "k")).error, "ValidationException");
    for (const auto& version : {std::string(), std::string(1025, 'v')}) {
        const json::object object = {{"Bucket", "photos"}, {"Name", "k"}, {"Version", version}};
        EXPECT_THAT(detect(bench, {{"S3Object", object}}).message,
                    testing::HasSubstr("at 'image.s3Object.version' failed to satisfy constraint"));
    }
}

TEST(Images, ThatAreNotBase64AreASerializationError) {
    Bench bench;
    EXPECT_EQ(detect(bench, {{"Bytes", "not base64!"}}).error, "SerializationException");
}

}  // namespace
}  // namespace services::rekognition
