// Three numbers: a place in millimetres, a direction, or a colour in linear light.
#pragma once

#include <algorithm>
#include <cmath>

namespace people {

struct Vec {
    float x = 0;
    float y = 0;
    float z = 0;

    Vec& operator+=(const Vec& b) {
        x += b.x, y += b.y, z += b.z;
        return *this;
    }
    Vec& operator*=(float s) {
        x *= s, y *= s, z *= s;
        return *this;
    }
    Vec& operator*=(const Vec& b) {
        x *= b.x, y *= b.y, z *= b.z;
        return *this;
    }
};

inline Vec operator+(Vec a, const Vec& b) {
    return a += b;
}
inline Vec operator-(const Vec& a, const Vec& b) {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Vec operator*(Vec a, float s) {
    return a *= s;
}
inline Vec operator*(float s, Vec a) {
    return a *= s;
}
inline Vec operator*(Vec a, const Vec& b) {
    return a *= b;
}
inline float dot(const Vec& a, const Vec& b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec cross(const Vec& a, const Vec& b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vec normalised(const Vec& a) {
    float length = std::sqrt(dot(a, a));
    return length > 1e-12f ? a * (1 / length) : Vec{0, 0, 1};
}
inline Vec mix(const Vec& a, const Vec& b, float t) {
    return a + (b - a) * t;
}
inline float mix(float a, float b, float t) {
    return a + (b - a) * t;
}
inline float clamp01(float x) {
    return std::min(1.0f, std::max(0.0f, x));
}
// 0 below `from`, 1 above `to`, smooth between; `from` may be the larger.
inline float smooth(float from, float to, float x) {
    float t = clamp01((x - from) / (to - from));
    return t * t * (3 - 2 * t);
}
inline float square(float x) {
    return x * x;
}
// A bump of height 1 around 0 that looks like a bell curve and ends at 3 deviations.
inline float bell_of_square(float x2) {
    if (x2 >= 9) return 0;
    float t = 1 - x2 * (1.0f / 9);
    float t2 = t * t;
    return t2 * t2 * std::sqrt(t);
}
inline float bell(float x) {
    return bell_of_square(x * x);
}
inline float bell(float x, float y) {
    return bell_of_square(x * x + y * y);
}

constexpr float kPi = 3.14159265f;

inline float linear_of(float srgb) {  // both 0 to 1 (IEC 61966-2-1)
    return srgb <= 0.04045f ? srgb / 12.92f : std::pow((srgb + 0.055f) / 1.055f, 2.4f);
}
inline Vec colour_of(int red, int green, int blue) {
    return {linear_of(static_cast<float>(red) / 255), linear_of(static_cast<float>(green) / 255),
            linear_of(static_cast<float>(blue) / 255)};
}

}  // namespace people
