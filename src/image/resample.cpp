#include "image/resample.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "image/matrix.h"

namespace image {
namespace {

Picture resized(const cv::Mat& from, int width, int height) {
    Picture out{width, height, std::vector<std::uint8_t>(std::size_t{3} * width * height)};
    auto to = matrix(out);
    bool shrinks = width < from.cols || height < from.rows;
    cv::resize(from, to, to.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
}

cv::Rect visible(const Picture& picture, const Rectangle& rectangle) {
    return cv::Rect(rectangle.left, rectangle.top, rectangle.width, rectangle.height) &
           cv::Rect(0, 0, picture.width, picture.height);
}

}  // namespace

Picture resize(const Picture& picture, int width, int height) {
    return resized(matrix(picture), width, height);
}

Picture crop(const Picture& picture, const Rectangle& rectangle) {
    auto part = visible(picture, rectangle);
    Picture out{part.width, part.height, std::vector<std::uint8_t>(std::size_t{3} * part.area())};
    if (part.empty()) return Picture{};
    matrix(picture)(part).copyTo(matrix(out));
    return out;
}

Picture crop_resized(const Picture& picture, const Rectangle& rectangle, int width, int height) {
    auto part = visible(picture, rectangle);
    if (part.empty()) return blank(width, height, 0, 0, 0);
    cv::Mat region = matrix(picture)(part);
    if (part.size() == cv::Size(rectangle.width, rectangle.height)) return resized(region, width, height);
    cv::Mat padded(rectangle.height, rectangle.width, CV_8UC3, cv::Scalar::all(0));
    region.copyTo(padded(part - cv::Point(rectangle.left, rectangle.top)));
    return resized(padded, width, height);
}

Picture mirror(const Picture& picture) {
    Picture mirrored{picture.width, picture.height, std::vector<std::uint8_t>(picture.rgb.size())};
    auto to = matrix(mirrored);
    cv::flip(matrix(picture), to, 1);
    return mirrored;
}

}  // namespace image
