#include "people/head.h"

#include "people/noise.h"

namespace people {
namespace {

constexpr std::array<float, 18> kHeights = {-118, -116, -111, -103, -92, -78, -62, -40, -15,
                                            0,    20,   45,   70,   92,  106, 115, 120, 122};

Curve<18> profile(const std::array<float, 18>& values) {
    std::array<Knot, 18> knots{};
    for (std::size_t i = 0; i < knots.size(); ++i)
        knots[i] = {kHeights[i], values[i]};
    return Curve(knots);
}

}  // namespace

// The average head, from anthropometric tables' round figures; the person's factors are applied in ring().
Head::Head(const Person& person, float age)
    : person_(person),
      age_(age),
      width_(profile({0, 17, 30, 41, 50, 57, 62, 67, 70, 71, 72, 75, 73, 64, 51, 33, 17, 0})),
      front_(profile({52, 66, 76, 82, 83, 83, 84, 83, 83, 84, 89, 93, 89, 74, 54, 33, 15, 0})),
      back_(profile({44, 30, 16, 4, -8, -22, -38, -62, -82, -88, -95, -98, -92, -74, -56, -35, -18, 0})),
      centre_(profile({48, 45, 40, 34, 28, 22, 16, 8, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0})),
      tilt_(profile({54, 54, 53, 51, 46, 38, 28, 14, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0})),
      ridge_(std::array<Knot, 9>{
          {{-1.1f * person.nose.length, 0},
           {-1.0f * person.nose.length, 0.1f * person.nose.tip},
           {-0.93f * person.nose.length + 0.6f * person.nose.tip_up, 0.66f * person.nose.tip},
           {-0.83f * person.nose.length + person.nose.tip_up, person.nose.tip},
           {-0.72f * person.nose.length + person.nose.tip_up,
            mix(person.nose.bridge, person.nose.tip, 0.72f)},
           {-0.45f * person.nose.length, person.nose.bridge + person.nose.hump},
           {-0.12f * person.nose.length,
            mix(person.nose.root, person.nose.bridge, 0.42f) + 0.5f * person.nose.hump},
           {5, person.nose.root},
           {22, 0}}}),
      ridge_width_(std::array<Knot, 6>{{{-1.0f * person.nose.length, person.nose.tip_width},
                                        {-0.83f * person.nose.length, person.nose.tip_width},
                                        {-0.6f * person.nose.length, person.nose.bridge_width * 1.05f},
                                        {-0.3f * person.nose.length, person.nose.bridge_width},
                                        {5, person.nose.bridge_width + 1},
                                        {20, person.nose.bridge_width + 7}}}) {}

Ring Head::ring(float t) const {
    const auto& s = person_.skull;
    float jaw = bell((t + 68) / 22), chin = smooth(-80, -104, t), temple = bell((t - 25) / 16);
    float bone = bell((t + 14) / 16);
    float width = width_.at(t) * s.width *
                  (1 + (s.jaw - 1) * jaw * (1 - chin) + (s.chin - 1) * chin + (s.temples - 1) * temple +
                   (s.cheekbones - 1) * bone);
    float centre = centre_.at(t) * s.depth;
    float front = (front_.at(t) - centre_.at(t)) * s.depth + s.chin_forward * smooth(-76, -100, t) +
                  s.forehead * bell((t - 55) / 22);
    float back = (centre_.at(t) - back_.at(t)) * s.depth;
    Ring ring{
        t, t * (t > 0 ? s.cranium : s.lower_face), width, front, back, centre, tilt_.at(t) * s.jaw_slant};
    ring.ridge = ridge_.at(t);
    ring.ridge_width = ridge_width_.at(t);
    ring.ridge_shift = person_.nose.bend * std::sin(clamp01(-t / person_.nose.length) * kPi) * 2;
    return ring;
}

float Head::radius(const Ring& ring, float sine, float cosine) const {
    if (ring.width < 1e-3f) return 0;
    float depth = std::max(cosine >= 0 ? ring.front : ring.back, 1e-3f);
    float n = cosine >= 0 ? person_.skull.squareness : 2.1f;
    float a = std::abs(sine) / ring.width, b = std::abs(cosine) / depth;
    if (a < 1e-6f) return 1 / b;
    if (b < 1e-6f) return 1 / a;
    return std::pow(std::pow(a, n) + std::pow(b, n), -1 / n);
}

Vec Head::smooth_place(const Ring& ring, float sine, float cosine) const {
    float r = radius(ring, sine, cosine);
    return {r * sine, ring.y + ring.tilt * 0.5f * (1 - cosine), ring.centre + r * cosine};
}

float Head::angle_of(const Ring& ring, float across) const {
    float angle = std::asin(std::clamp(across / std::max(ring.front, 30.0f), -0.95f, 0.95f));
    for (int i = 0; i < 6; ++i) {
        float r = radius(ring, std::sin(angle), std::cos(angle));
        angle = std::asin(std::clamp(across / std::max(r, 1.0f), -0.98f, 0.98f));
    }
    return angle;
}

float Head::mouth_line(float across) const {
    float q = across / person_.mouth.width;
    return person_.mouth.height + person_.mouth.corners * q * q +
           0.9f * person_.mouth.bow * (bell(std::abs(q) * 4 - 1.1f) - bell(q * 4.5f));
}

float Head::upper_lip(float across) const {
    float q2 = square(across / person_.mouth.width);
    if (q2 >= 1) return mouth_line(across);
    float rise = std::pow(1 - q2, 0.85f) *
                 (1 - 0.5f * person_.mouth.bow * bell(across / person_.mouth.width * 6.7f)) *
                 (1 - 0.12f * smooth(45, 75, age_));
    return mouth_line(across) + person_.mouth.upper * rise;
}

float Head::lower_lip(float across) const {
    float q2 = square(across / person_.mouth.width);
    if (q2 >= 1) return mouth_line(across);
    return mouth_line(across) -
           person_.mouth.lower * std::pow(1 - q2, 0.72f) * (1 - 0.12f * smooth(45, 75, age_));
}

float Head::beard(float across, float t, float angle) const {
    const auto& b = person_.beard;
    const auto& m = person_.mouth;
    if (b.cheeks + b.chin + b.moustache <= 0 || t > 0) return 0;
    float ax = std::abs(across), turn = std::abs(angle);
    float lip = std::max(smooth(1.04f, 0.94f, ax / m.width) *
                             smooth(lower_lip(across) - 1.5f, lower_lip(across) + 0.5f, t) *
                             smooth(upper_lip(across) + 1.2f, upper_lip(across) - 0.5f, t),
                         0.0f);
    float base = -person_.nose.length;
    float moustache = smooth(base - 3.5f, base - 7, t) * smooth(m.height - 5, m.height - 1, t) *
                      smooth(m.width + 9, m.width + 2, ax + 0.3f * std::abs(t - m.height));
    float chin = smooth(m.height - 3, m.height - 11, t) * smooth(34, 22, ax);
    chin = std::max(chin, smooth(m.height + 2, m.height - 6, t) * bell((ax - m.width - 5) / 5));
    // The cheek's edge runs from the corner of the mouth up to the ear.
    float edge = mix(m.height + 6, -20.0f, smooth(30, 78, turn * 70));
    float cheeks = smooth(edge + 4, edge - 5, t) * smooth(16, 30, ax) * smooth(2.05f, 1.65f, turn);
    float sum = std::max({b.moustache * moustache, b.chin * chin, b.cheeks * std::max(cheeks, chin * 0.9f)});
    return sum * (1 - lip);
}

Vec Head::place(const Ring& ring, float sine, float cosine, float across) const {
    Vec place = smooth_place(ring, sine, cosine);
    const auto& p = person_;
    const auto& s = p.skull;
    float t = ring.t, ax = std::abs(across), old = smooth(35, 80, age_);
    // What no two halves share.
    float out = s.crooked * (noise(across * 0.035f, t * 0.035f, static_cast<std::uint32_t>(p.seed)) +
                             0.5f * noise(across * 0.08f, t * 0.08f, static_cast<std::uint32_t>(p.seed) + 7));
    if (cosine > -0.2f) {
        float fat = s.cheek_fat - 2.5f * old * s.cheek_bone * 0.2f;
        out += s.cheek_bone * bell((ax - 48) / 12, (t + 20) / 11) + fat * bell((ax - 40) / 15, (t + 50) / 17);
        out += s.brow_ridge * bell((ax - 24) / 17, (t - p.brows.height + 3) / 6.5f);
        out -= 1.4f * bell((ax - 52) / 9, (t - 18) / 16);  // temples
        out += s.double_chin * bell(ax / 26, (t + 113) / 9);
        out += 2.2f * old * bell((ax - 34) / 9, (t + 92) / 10);  // jowls
        out += p.beard.length * beard(across, t, std::atan2(sine, cosine)) *
               (0.8f + 0.3f * noise(across * 0.3f, t * 0.2f, static_cast<std::uint32_t>(p.seed) + 31));
    }
    place += Vec{sine, 0, cosine} * out;
    if (cosine < 0.2f) return place;

    float forward = 0;
    // Eyes: sockets, the ball below the lids, bags.
    float ex = ax - p.eyes.apart;
    forward -= p.eyes.depth * bell(ex / 13.5f, (t - 1) / 9.5f);
    forward -= 0.42f * p.eyes.depth * bell((ex + 15) / 6, (t - 3) / 8);
    forward += p.eyes.bulge * bell(ex / 9.5f, (t - 0.5f) / 7);
    forward += (0.8f * p.eyes.bags + 1.3f * old) * bell(ex / 9, (t + 11) / 3.2f) -
               (0.5f * p.eyes.bags + 0.8f * old) * bell(ex / 11, (t + 15.5f) / 2.4f);
    // Nose.
    float from_ridge = (across - ring.ridge_shift) / ring.ridge_width;
    forward += ring.ridge * bell(from_ridge * 1.1f);
    float wing_t = -0.87f * p.nose.length + 0.5f * p.nose.tip_up;
    float wing = (ax - p.nose.wings) / (0.66f * p.nose.wing_size);
    forward += 0.5f * p.nose.tip * bell(wing, (t - wing_t) / (0.85f * p.nose.wing_size));
    forward -= 1.6f * bell((ax - p.nose.wings - p.nose.wing_size) / 2.6f, (t - wing_t) / 6.5f);
    // Mouth and chin.
    forward += s.muzzle * bell(across / 20, (t - p.mouth.height) / 15);
    forward -=
        p.mouth.philtrum * bell(across / 2.6f, (t + 0.5f * (p.nose.length + upper_lip(0) * -1)) / 5.5f);
    float q = ax / p.mouth.width;
    if (q < 1.25f) {
        float line = mouth_line(across), full = p.mouth.fullness * clamp01(1.15f - q * q);
        float up = std::max(upper_lip(across) - line, 1.0f), low = std::max(line - lower_lip(across), 1.0f);
        forward += full * bell((t - line - 0.45f * up) / (0.42f * up + 0.6f));
        forward += 1.15f * full * bell((t - line + 0.5f * low) / (0.42f * low + 0.6f));
        forward -= (0.8f + 0.35f * full) * bell((t - line) / 1.5f) * clamp01(1.3f - q);
        forward -= 1.8f * bell(across / 15, (t - line + low + 4.5f) / 4);
    }
    forward -= 1.3f * bell((ax - p.mouth.width - 3) / 4, (t - mouth_line(p.mouth.width)) / 4);
    forward += s.chin_ball * bell(across / (14 * s.chin), (t + 101) / 9);
    forward -= s.chin_cleft * bell(across / 2.4f, (t + 102) / 7);
    // The fold from the nose to the corner of the mouth.
    float along = clamp01((-p.nose.length * 0.86f - t) / (-p.nose.length * 0.86f - p.mouth.height + 8));
    float fold = mix(p.nose.wings + 5, p.mouth.width + 7, along);
    float inside = smooth(-0.9f * p.nose.length + 6, -0.9f * p.nose.length, t) *
                   smooth(p.mouth.height - 10, p.mouth.height, t);
    forward -= (0.35f + 1.6f * old * p.skin.lines) * inside * bell((ax - fold) / 2.2f);
    forward += (0.5f + 1.6f * old) * inside * bell((ax - fold - 6) / 5);
    place.z += forward;
    return place;
}

Vec Head::moved(const Expression& e, float across, float t) const {
    const auto& m = person_.mouth;
    float ax = std::abs(across), side = across < 0 ? -1.0f : 1.0f;
    Vec move;
    if (t < 0) {
        float corner = bell((ax - m.width) / 11, (t - m.height) / 12);
        move += Vec{side * 4.2f, 5.2f, -2} * (corner * e.smile);
        move += Vec{side * 0.6f, 2.6f, 3.4f} * (bell((ax - 36) / 13, (t + 34) / 11) * e.smile);
        move += Vec{0, 1.5f, 0} * (bell(across / 14, (t - m.height - 5) / 6) * e.smile);
        move += Vec{0, -4.2f, 0} * (corner * e.frown);
        float lip = bell(across / 24, (t - m.height) / 14);
        move += Vec{-0.3f * across, 0, 3.5f} * (lip * e.pucker);
        // The jaw: what lies below the mouth goes down with it, the corners stretch.
        float lens = std::sqrt(std::max(0.0f, 1 - square(across / (m.width * 1.02f))));
        float reach = kMouthGap + (15 - kMouthGap) * square(1 - lens);
        float below = clamp01((mouth_line(across) + reach - t) / (2 * reach));
        float jaw = 1 - smooth(34, 74, ax);
        move += Vec{0, -1, -0.25f} * (e.open * below * jaw);
    } else {
        float height = person_.brows.height;
        float brow = bell((ax - person_.eyes.apart) / 22, (t - height) / 10);
        move += Vec{0, e.brows_up, 0} * brow;
        move += Vec{-side * 2, -2.6f, 0.6f} * (e.furrow * bell((ax - 12) / 9, (t - height) / 8));
        move += Vec{0, 0.45f * e.brows_up, 0} * bell((ax - 20) / 40, (t - height - 16) / 14);
    }
    return move;
}

}  // namespace people
