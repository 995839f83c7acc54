#include "vision/alignment.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/matrix.h"
#include "image/resample.h"

namespace vision {

float Similitude::scale() const {
    return std::hypot(a, b);
}

Similitude Similitude::inverse() const {
    float square = a * a + b * b;
    Similitude back{a / square, -b / square, 0, 0};
    Pixel shift = back({dx, dy});
    back.dx = -shift.x;
    back.dy = -shift.y;
    return back;
}

Similitude similitude_between(std::span<const Pixel> from, std::span<const Pixel> to) {
    auto mean = [](std::span<const Pixel> points) {
        double x = 0, y = 0;
        for (auto point : points) {
            x += point.x;
            y += point.y;
        }
        auto count = static_cast<double>(points.size());
        return std::pair{x / count, y / count};
    };
    auto [from_x, from_y] = mean(from);
    auto [to_x, to_y] = mean(to);
    double along = 0, across = 0, spread = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        double x = from[i].x - from_x, y = from[i].y - from_y;
        double u = to[i].x - to_x, v = to[i].y - to_y;
        along += x * u + y * v;
        across += x * v - y * u;
        spread += x * x + y * y;
    }
    double a = spread > 0 ? along / spread : 1;
    double b = spread > 0 ? across / spread : 0;
    return {static_cast<float>(a), static_cast<float>(b), static_cast<float>(to_x - a * from_x + b * from_y),
            static_cast<float>(to_y - b * from_x - a * from_y)};
}

namespace {

// Bilinear sampling reads four pixels, so it is true to the picture as long as it does not step further than
// this.
constexpr float kBilinearStepMax = 1.5f;
// A face as large as the largest picture needs less.
constexpr int kShrinkMax = 1024;

// The part of the picture that the aligned one shows, with a margin for interpolation.
cv::Rect source_region(const image::Picture& picture, const Similitude& from_aligned, int size) {
    auto last = static_cast<float>(size - 1);
    Pixel corners[] = {from_aligned({0, 0}), from_aligned({last, 0}), from_aligned({0, last}),
                       from_aligned({last, last})};
    auto [left, right] = std::minmax_element(std::begin(corners), std::end(corners),
                                             [](Pixel p, Pixel q) { return p.x < q.x; });
    auto [top, bottom] = std::minmax_element(std::begin(corners), std::end(corners),
                                             [](Pixel p, Pixel q) { return p.y < q.y; });
    float margin = 2 + 2 * from_aligned.scale();
    // Landmarks may lie anywhere: bring far-off corners near before they become integers.
    auto x = [&](float value) { return std::clamp(value, -1.0f, static_cast<float>(picture.width) + 1); };
    auto y = [&](float value) { return std::clamp(value, -1.0f, static_cast<float>(picture.height) + 1); };
    cv::Point first(static_cast<int>(std::floor(x(left->x - margin))),
                    static_cast<int>(std::floor(y(top->y - margin))));
    cv::Point end(static_cast<int>(std::ceil(x(right->x + margin))),
                  static_cast<int>(std::ceil(y(bottom->y + margin))));
    return cv::Rect(first, end) & cv::Rect(0, 0, picture.width, picture.height);
}

}  // namespace

image::Picture align(const image::Picture& picture, const Similitude& to_aligned, int size) {
    auto aligned = image::blank(size, size, 0, 0, 0);
    auto region = source_region(picture, to_aligned.inverse(), size);
    if (region.empty()) return aligned;

    // First shrink by a whole factor, which averages exactly; what is left for the bilinear warp is a small
    // step.
    auto source = image::matrix(picture)(region);
    float step = 1 / to_aligned.scale();
    int shrink = std::clamp(static_cast<int>(std::ceil(step / kBilinearStepMax)), 1, kShrinkMax);
    cv::Mat small = source;
    if (shrink > 1) {
        cv::Size shrunk(std::max(1, region.width / shrink), std::max(1, region.height / shrink));
        cv::Rect whole_cells(0, 0, shrunk.width * shrink, shrunk.height * shrink);
        cv::resize(source(whole_cells & cv::Rect(0, 0, region.width, region.height)), small, shrunk, 0, 0,
                   cv::INTER_AREA);
    }
    // Pixel (x, y) of `small` has its centre at (x + 1/2) shrink - 1/2 of the region.
    auto factor = static_cast<float>(shrink);
    float centre = (factor - 1) / 2;
    Pixel origin = to_aligned({static_cast<float>(region.x) + centre, static_cast<float>(region.y) + centre});
    cv::Matx23f warp(to_aligned.a * factor, -to_aligned.b * factor, origin.x,  //
                     to_aligned.b * factor, to_aligned.a * factor, origin.y);
    cv::Mat out = image::matrix(aligned);
    cv::warpAffine(small, out, warp, out.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar::all(0));
    return aligned;
}

}  // namespace vision
