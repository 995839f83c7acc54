// A picture as OpenCV sees it: the same memory, nothing copied. Only source files include this.
#pragma once

#include <opencv2/core/mat.hpp>

#include "image/picture.h"

namespace image {

inline cv::Mat matrix(Picture& picture) {
    return cv::Mat(picture.height, picture.width, CV_8UC3, picture.rgb.data());
}
inline const cv::Mat matrix(const Picture& picture) {
    // OpenCV has no matrix of constant memory; the caller gets a constant matrix instead.
    return cv::Mat(picture.height, picture.width, CV_8UC3, const_cast<std::uint8_t*>(picture.rgb.data()));
}

}  // namespace image
