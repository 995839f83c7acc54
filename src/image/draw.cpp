#include "image/draw.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <string>

#include "image/matrix.h"

namespace image {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontHeight = 21;  // pixels of a capital letter at scale 1

cv::Scalar scalar(Colour colour) {
    return {double(colour.red), double(colour.green), double(colour.blue)};
}

// One '?' for each character outside ASCII, whose bytes after the first all begin with the bits 10.
std::string ascii(std::string_view text) {
    std::string out;
    for (char letter : text) {
        auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x80)
            out += letter;
        else if ((byte & 0xc0) != 0x80)
            out += '?';
    }
    return out;
}

}  // namespace

void draw_rectangle(Picture& picture, const Rectangle& rectangle, Colour colour, int thickness) {
    auto canvas = matrix(picture);
    cv::rectangle(canvas, {rectangle.left, rectangle.top, rectangle.width, rectangle.height}, scalar(colour),
                  thickness);
}

void draw_label(Picture& picture, int left, int bottom, std::string_view text, Colour colour, int height) {
    auto canvas = matrix(picture);
    auto letters = ascii(text);
    int margin = height / 4;
    double scale = (height - 2 * margin) / kFontHeight;
    int thickness = std::max(1, height / 16);
    int width = cv::getTextSize(letters, kFont, scale, thickness, nullptr).width + 2 * margin;
    left = std::clamp(left, 0, std::max(0, picture.width - width));
    bottom = std::clamp(bottom, std::min(height, picture.height), picture.height);
    cv::rectangle(canvas, {left, bottom - height, width, height}, scalar(colour), cv::FILLED);
    cv::putText(canvas, letters, {left + margin, bottom - margin}, kFont, scale, cv::Scalar::all(255),
                thickness, cv::LINE_AA);
}

}  // namespace image
