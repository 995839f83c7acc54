#include "vision/pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vision {
namespace {

struct Vector3 {
    double x = 0, y = 0, z = 0;
};

double dot(const Vector3& a, const Vector3& b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
Vector3 scaled(const Vector3& a, double by) {
    return {a.x * by, a.y * by, a.z * by};
}
Vector3 cross(const Vector3& a, const Vector3& b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

// A mean adult face in millimetres about its own centre: x to the picture's right, y down, z away from the
// camera. The plane positions are those of the 112-pixel template that embedders are trained with, at 63 mm
// between the eyes; the tip of the nose lies 35 mm before the eyes and the corners of the mouth 6 mm.
constexpr std::array<Vector3, kLandmarks> kMeanFace = {Vector3{-31.5, 0, 0}, Vector3{31.5, 0, 0},
                                                       Vector3{0, 36, -35}, Vector3{-26, 73, -6},
                                                       Vector3{26, 73, -6}};

double degrees(double radians) {
    return radians * 180 / std::numbers::pi;
}

// The solution of the symmetric system m x = right by Cramer's rule; m is given by its columns.
Vector3 solve(const std::array<Vector3, 3>& m, const Vector3& right) {
    double determinant = dot(m[0], cross(m[1], m[2]));
    return {dot(right, cross(m[1], m[2])) / determinant, dot(m[0], cross(right, m[2])) / determinant,
            dot(m[0], cross(m[1], right)) / determinant};
}

}  // namespace

Pose estimate_pose(const PixelLandmarks& landmarks) {
    double across_x = landmarks[eye_right].x - landmarks[eye_left].x;
    double across_y = landmarks[eye_right].y - landmarks[eye_left].y;
    double roll = std::atan2(across_y, across_x);
    double cosine = std::cos(roll), sine = std::sin(roll);

    // Least squares: the two rows of a scaled rotation that take the mean face to the upright landmarks.
    Vector3 face_mean;
    double mean_x = 0, mean_y = 0;
    for (std::size_t i = 0; i < kLandmarks; ++i) {
        face_mean.x += kMeanFace[i].x / kLandmarks;
        face_mean.y += kMeanFace[i].y / kLandmarks;
        face_mean.z += kMeanFace[i].z / kLandmarks;
        mean_x += landmarks[i].x / static_cast<double>(kLandmarks);
        mean_y += landmarks[i].y / static_cast<double>(kLandmarks);
    }
    std::array<Vector3, 3> moments{};
    Vector3 right_x, right_y;
    for (std::size_t i = 0; i < kLandmarks; ++i) {
        Vector3 p{kMeanFace[i].x - face_mean.x, kMeanFace[i].y - face_mean.y, kMeanFace[i].z - face_mean.z};
        double x = landmarks[i].x - mean_x, y = landmarks[i].y - mean_y;
        double upright_x = cosine * x + sine * y, upright_y = -sine * x + cosine * y;
        auto add = [](Vector3& sum, const Vector3& vector, double weight) {
            sum = {sum.x + vector.x * weight, sum.y + vector.y * weight, sum.z + vector.z * weight};
        };
        add(moments[0], p, p.x);
        add(moments[1], p, p.y);
        add(moments[2], p, p.z);
        add(right_x, p, upright_x);
        add(right_y, p, upright_y);
    }
    auto row_x = solve(moments, right_x);
    auto row_y = solve(moments, right_y);
    double length_x = std::sqrt(dot(row_x, row_x)), length_y = std::sqrt(dot(row_y, row_y));
    if (!(length_x > 0) || !(length_y > 0)) return {0, 0, static_cast<float>(degrees(roll))};

    auto axis_x = scaled(row_x, 1 / length_x);
    auto axis_y = scaled(row_y, 1 / length_y);
    auto axis_z = cross(axis_x, axis_y);
    // The face looks along its own -z; the third column of the rotation says where that points.
    double yaw = std::atan2(-axis_x.z, std::max(1e-9, axis_z.z));
    double pitch = std::asin(std::clamp(axis_y.z, -1.0, 1.0));
    return {static_cast<float>(degrees(yaw)), static_cast<float>(degrees(pitch)),
            static_cast<float>(degrees(roll))};
}

}  // namespace vision
