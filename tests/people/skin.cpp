#include "people/skin.h"

#include "people/chance.h"
#include "people/noise.h"

namespace people {
namespace {

constexpr float kUpper = 0.21f, kLower = 0.92f;  // where in v the fine rows begin and end
constexpr float kUpperHeight = 40, kLowerHeight = -95;

struct Spot {
    float across = 0;
    float t = 0;
    float radius = 1;
    float depth = 0.5f;
};

// A line in the skin: a groove along a curve t(across) or across(t).
float groove(float distance, float width) {
    return bell(distance / width);
}

// Lines that age and muscles draw, as a depth in mm.
float lines_of(const Person& p, float age, float across, float t) {
    float ax = std::abs(across);
    float old = smooth(28, 78, age) * p.skin.lines;
    float depth = 0;
    auto seed = static_cast<std::uint32_t>(p.seed);
    if (t > 24 && t < 66) {  // forehead
        float wave = 2.2f * noise(across * 0.04f, 1, seed + 40);
        for (int i = 0; i < 4; ++i) {
            float line = 32 + 8.5f * static_cast<float>(i) + wave +
                         1.2f * noise(across * 0.09f, static_cast<float>(i), seed + 41);
            depth += 0.5f * old * groove(t - line, 1.1f) * smooth(48, 26, ax) *
                     clamp01(0.75f + 0.6f * noise(across * 0.06f, static_cast<float>(i) * 3, seed + 42));
        }
    }
    if (t > 4 && t < 32)  // between the brows
        depth += 0.45f * old * groove(ax - 5.5f - 0.08f * (t - 16), 1) * smooth(5, 11, t) * smooth(31, 22, t);
    float ex = ax - p.eyes.apart;
    if (ex > 8 && ex < 36 && t > -26 && t < 20) {  // crow's feet
        float from = ex - p.eyes.width - 2;
        for (int i = -2; i <= 2; ++i) {
            float line = static_cast<float>(i) * (2.2f + 0.33f * from) - 1 +
                         noise(from * 0.2f, static_cast<float>(i), seed + 43);
            depth += 0.4f * old * groove(t - line, 0.8f) * smooth(0, 4, from) * smooth(19, 9, from);
        }
    }
    if (std::abs(ex) < 16 && t > -26 && t < -6)  // below the eyes
        for (int i = 0; i < 2; ++i) {
            float line = -10.5f - 4.5f * static_cast<float>(i) + 0.03f * ex * ex * 0.7f;
            depth += (0.12f + 0.3f * old) * groove(t - line, 0.9f) * smooth(15, 9, std::abs(ex));
        }
    if (t < -p.nose.length * 0.8f && t > p.mouth.height - 34) {  // from the nose, and from the mouth down
        float top = -p.nose.length * 0.86f;
        float along = clamp01((top - t) / (top - p.mouth.height + 8));
        float fold = mix(p.nose.wings + 5, p.mouth.width + 7, along);
        depth += (0.22f + 0.5f * old) * groove(ax - fold, 1.3f) *
                 smooth(p.mouth.height - 9, p.mouth.height + 2, t) * smooth(top + 5, top - 2, t);
        depth += 0.4f * old * groove(ax - p.mouth.width - 3 - 0.12f * (p.mouth.height - t), 1.2f) *
                 smooth(p.mouth.height - 2, p.mouth.height - 7, t) *
                 smooth(p.mouth.height - 28, p.mouth.height - 16, t);
    }
    return depth;
}

// How much less light the shape of the face lets in, beyond what the mesh's own shadow shows.
float openness(const Person& p, const Head& head, float across, float t, float angle) {
    float ax = std::abs(across), open = 1;
    float ex = ax - p.eyes.apart;
    float socket = 0.16f + 0.035f * p.eyes.depth;
    open -= socket * bell((ex + 12) / 7, (t - 5) / 6);
    open -= 0.5f * socket * bell(ex / 14, (t - 8) / 4.5f);
    float base = -p.nose.length;
    open -= 0.42f * bell(across / (p.nose.wings + 2), (t - base + 0.5f) / 3.2f);
    open -= 0.3f * bell((ax - p.nose.wings - p.nose.wing_size * 0.85f) / 2.2f, (t - 0.87f * base) / 6);
    open -= 0.16f * bell((ax - 12) / 4.5f, (t - 0.4f * base) / 16);
    open -= 0.24f * bell(across / 14, (t - head.lower_lip(0) + 4) / 4);
    open -= 0.22f * bell((ax - p.mouth.width - 1.5f) / 3.4f, (t - head.mouth_line(p.mouth.width)) / 3.2f);
    open -= 0.35f * smooth(-104, -118, t);
    open -= 0.2f * smooth(1.25f, 1.6f, std::abs(angle)) * smooth(30, 0, t);
    return std::max(open, 0.15f);
}

std::vector<Spot> moles_of(const Person& p) {
    Chance chance(p.seed ^ 0x6D6F6C65);
    std::vector<Spot> moles;
    for (int i = 0; i < static_cast<int>(p.skin.moles); ++i)
        moles.push_back({chance.between(-62, 62), chance.between(-100, 55), chance.between(0.7f, 2.1f),
                         chance.between(0.4f, 0.85f)});
    return moles;
}

}  // namespace

float angle_at(float u) {
    float s = 2 * u - 1;
    return kPi * (0.38f * s + 0.62f * s * s * s);
}
float u_of(float angle) {
    float s = angle / kPi;
    for (int i = 0; i < 5; ++i)
        s -= (0.38f * s + 0.62f * s * s * s - angle / kPi) / (0.38f + 1.86f * s * s);
    return 0.5f * (s + 1);
}
float height_at(float v) {
    if (v < kUpper) return mix(kTop, kUpperHeight, v / kUpper);
    if (v < kLower) return mix(kUpperHeight, kLowerHeight, (v - kUpper) / (kLower - kUpper));
    return mix(kLowerHeight, kBottom, (v - kLower) / (1 - kLower));
}
float v_of(float t) {
    if (t > kUpperHeight) return kUpper * (kTop - t) / (kTop - kUpperHeight);
    if (t > kLowerHeight)
        return kUpper + (kLower - kUpper) * (kUpperHeight - t) / (kUpperHeight - kLowerHeight);
    return kLower + (1 - kLower) * (kLowerHeight - t) / (kLowerHeight - kBottom);
}

Vec greyed(const Vec& colour, std::uint64_t seed, float age) {
    float begins = 30 + 30 * Chance(seed ^ 0x67726579).share();
    return mix(colour, colour_of(196, 194, 190), 0.92f * smooth(begins, begins + 32, age));
}

SkinMap::SkinMap(const Person& person, const Head& head, float age)
    : texels_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {
    paint(person, head, age);
    draw_hairs(person, head, age);
}

void SkinMap::paint(const Person& p, const Head& head, float age) {
    auto seed = static_cast<std::uint32_t>(p.seed * 0x9E3779B1u);
    auto moles = moles_of(p);
    float old = smooth(35, 80, age);
    Vec beard_colour = greyed(p.beard.colour, p.seed + 5, age + 6);
    Vec lips = mix(p.mouth.colour, p.make_up.lip_colour, p.make_up.lips) * (1 - 0.12f * old);
    bool has_beard = p.beard.cheeks + p.beard.chin + p.beard.moustache > 0;
    Chance chance(p.seed ^ 0x73636172);
    float scar_x = chance.between(-45, 45), scar_t = chance.between(-90, 50),
          scar_turn = chance.between(0, kPi);
    float mark_x = chance.between(-50, 50), mark_t = chance.between(-80, 50), mark_r = chance.between(7, 20);
    std::vector<float> relief(texels_.size());
    for (int row = 0; row < height_; ++row) {
        float t = height_at((static_cast<float>(row) + 0.5f) / static_cast<float>(height_));
        Ring ring = head.ring(t);
        for (int column = 0; column < width_; ++column) {
            float angle = angle_at((static_cast<float>(column) + 0.5f) / static_cast<float>(width_));
            auto& texel = texels_[static_cast<std::size_t>(row * width_ + column)];
            float sine = std::sin(angle), cosine = std::cos(angle);
            float r = head.smooth_place(ring, sine, cosine).x;
            float across = cosine > 0 ? r : (sine < 0 ? -90.0f : 90.0f);
            float ax = std::abs(across), ex = ax - p.eyes.apart;
            float around = angle * 70;

            // Blood, sun and chance.
            Vec colour = p.skin.colour;
            float red = p.skin.ruddy * (0.9f * bell((ax - 40) / 15, (t + 34) / 14) +
                                        bell(across / 11, (t + 0.84f * p.nose.length) / 9) +
                                        0.4f * bell(across / 16, (t + 100) / 9) +
                                        0.4f * bell(across / 30, (t - 45) / 14)) +
                        0.12f * bell((ax - p.nose.wings - 3) / 5, (t + 0.87f * p.nose.length) / 6);
            red += 0.5f * p.make_up.cheeks * bell((ax - 43) / 14, (t + 28 - 0.25f * (ax - 43)) / 11);
            float blotch = rough_noise(around * 0.06f, t * 0.06f, seed) * p.skin.blotches;
            red += 0.25f * blotch;
            colour *= Vec{1 + 0.1f * red, 1 - 0.26f * red, 1 - 0.22f * red};
            float grain = 0.05f * rough_noise(around * 0.35f, t * 0.35f, seed + 3) +
                          (0.03f + 0.05f * p.skin.pores) * noise(around * 1.3f, t * 1.3f, seed + 4);
            colour *= 1 + grain + 0.1f * blotch + 0.05f * old * noise(around * 0.2f, t * 0.2f, seed + 5);
            // Circles under the eyes, thin skin of the lids.
            float dark = p.eyes.dark_circles * bell(ex / 12, (t + 9 - 0.02f * ex * ex) / 4.5f) +
                         0.25f * p.eyes.dark_circles * bell(ex / 15, (t - 3) / 9);
            colour *= Vec{1 - 0.35f * dark, 1 - 0.45f * dark, 1 - 0.36f * dark};
            float lid = bell(ex / (p.eyes.width * 0.85f), (t - p.eyes.upper - 2.5f) / 4);
            colour = mix(colour, p.make_up.lid_colour, 0.75f * p.make_up.lids * lid);
            if (p.skin.freckles > 0 && std::abs(angle) < 1.6f) {
                float where = bell((ax - 24) / 26, (t + 24) / 22) + 0.35f * bell(across / 50, (t - 40) / 30);
                for (int layer = 0; layer < 2; ++layer) {
                    float size = layer == 0 ? 2.6f : 4.1f;
                    float gx = across / size, gy = t / size;
                    auto cx = static_cast<std::int32_t>(std::floor(gx)),
                         cy = static_cast<std::int32_t>(std::floor(gy));
                    auto h = hashed(cx, cy, seed + 11 + static_cast<std::uint32_t>(layer));
                    float px = (static_cast<float>(h & 255) / 255) * 0.6f + 0.2f,
                          py = (static_cast<float>((h >> 8) & 255) / 255) * 0.6f + 0.2f;
                    float chance_of = static_cast<float>((h >> 16) & 255) / 255;
                    if (chance_of > p.skin.freckles * where * 0.9f) continue;
                    float d2 =
                        square(gx - static_cast<float>(cx) - px) + square(gy - static_cast<float>(cy) - py);
                    colour *= mix(Vec{1, 1, 1}, Vec{0.68f, 0.5f, 0.4f}, 0.85f * bell_of_square(d2 * 45));
                }
            }
            for (const auto& mole : moles)
                if (std::abs(across - mole.across) < 5 && std::abs(t - mole.t) < 5) {
                    float spot =
                        smooth(1.25f, 0.6f,
                               std::sqrt(square(across - mole.across) + square(t - mole.t)) / mole.radius);
                    colour *= mix(Vec{1, 1, 1}, Vec{0.42f, 0.27f, 0.2f}, spot * mole.depth);
                    relief[static_cast<std::size_t>(row * width_ + column)] += 0.5f * spot;
                }
            if (old > 0 && cosine > -0.2f) {
                float spots = smooth(0.42f, 0.7f, rough_noise(around * 0.16f, t * 0.16f, seed + 21));
                colour *= mix(Vec{1, 1, 1}, Vec{0.78f, 0.66f, 0.56f}, 0.6f * old * spots);
            }
            if (p.skin.birthmark > 0) {
                float edge = 0.25f * rough_noise(across * 0.1f, t * 0.1f, seed + 25);
                float inside = smooth(
                    1.1f, 0.85f, std::sqrt(square(across - mark_x) + square(t - mark_t)) / mark_r + edge);
                colour *= mix(Vec{1, 1, 1}, Vec{0.8f, 0.45f, 0.45f}, p.skin.birthmark * inside);
            }
            float& height = relief[static_cast<std::size_t>(row * width_ + column)];
            if (p.skin.scar > 0) {
                float along = (across - scar_x) * std::cos(scar_turn) + (t - scar_t) * std::sin(scar_turn);
                float beside = (t - scar_t) * std::cos(scar_turn) - (across - scar_x) * std::sin(scar_turn);
                float scar =
                    smooth(16, 11, std::abs(along)) * bell((beside + noise(along * 0.2f, 1, seed)) / 0.9f);
                colour = mix(colour, colour * Vec{1.25f, 1.05f, 1.05f}, scar);
                height -= 0.4f * scar;
            }

            texel.shine = p.skin.shine * (0.55f + 0.45f * bell(across / 16, (t - 35) / 30) +
                                          0.5f * bell(across / 9, (t + 25) / 26));
            if (std::abs(angle) < 1.9f) {
                float lines = lines_of(p, age, across, t);
                height -= lines;
                colour *= 1 - std::min(0.45f * lines, 0.4f);
                texel.open = openness(p, head, across, t, angle);
            }
            // The fold above the upper lid.
            float q = ex / p.eyes.width;
            if (std::abs(q) < 1.3f && t > -6 && t < 26) {
                float crease = p.eyes.upper * (1 - square(q)) + p.eyes.crease + p.eyes.slant * ex * 2;
                float fold =
                    p.eyes.crease_depth * bell((t - crease) / 1.1f) * smooth(1.25f, 0.8f, std::abs(q));
                colour *= 1 - 0.42f * fold;
                height -= 0.6f * fold;
            }
            // Nostrils.
            float nostril = smooth(1.15f, 0.75f,
                                   std::sqrt(square((ax - 0.5f * p.nose.wings) / (0.36f * p.nose.wings)) +
                                             square((t + 0.965f * p.nose.length - 0.3f * p.nose.tip_up) /
                                                    (1.7f + 0.25f * std::max(0.0f, p.nose.tip_up)))));
            colour = mix(colour, colour * Vec{0.12f, 0.06f, 0.05f}, 0.92f * nostril);
            // Lips.
            float qm = ax / p.mouth.width;
            if (qm < 1.05f) {
                float line = head.mouth_line(across);
                float inside = smooth(head.upper_lip(across) + 0.5f, head.upper_lip(across) - 0.6f, t) *
                               smooth(head.lower_lip(across) - 0.7f, head.lower_lip(across) + 0.8f, t) *
                               smooth(1.0f, 0.94f, qm);
                float grooves = 0.1f * noise(across * 1.1f, t * 0.15f, seed + 50);
                Vec lip = lips * (1 + grooves + (t > line ? -0.14f : 0.04f));
                colour = mix(colour, lip, 0.92f * inside);
                height += grooves * 0.6f * inside;
                texel.shine = mix(texel.shine, 0.5f + 0.4f * p.make_up.lips, inside);
                float seam = smooth(1.03f, 0.9f, qm) * bell((t - line) / 0.75f);
                colour *= 1 - 0.72f * seam;
            }
            // Beards.
            if (p.beard.shadow > 0 && t < -30) {
                float where =
                    std::max({smooth(-56, -66, t) * smooth(2, 1.6f, std::abs(angle)),
                              smooth(-p.nose.length - 3, -p.nose.length - 6, t) * smooth(32, 24, ax),
                              smooth(-40, -60, t) * smooth(40, 60, ax)}) *
                    smooth(0.95f, 1.12f, std::max(qm, std::abs(t - head.mouth_line(across)) / 7));
                float dots = 0.6f + 0.5f * noise(around * 1.6f, t * 1.6f, seed + 60);
                colour = mix(colour, mix(colour * Vec{0.5f, 0.52f, 0.58f}, beard_colour, 0.3f),
                             clamp01(0.75f * p.beard.shadow * where * dots));
            }
            if (has_beard && t < 0) {
                float dense = head.beard(across, t, angle);
                if (dense > 0) {
                    float thick = smooth(0, 2.5f, p.beard.length);
                    float hairs =
                        rough_noise(around * 1.1f + 1.5f * noise(around * 0.15f, t * 0.12f, seed + 61),
                                    t * mix(1.1f, 0.22f, thick), seed + 62);
                    float cover = clamp01(dense * (1 + thick) - 0.35f + 0.75f * hairs);
                    colour = mix(colour, beard_colour * (1 + 0.55f * hairs), cover * (0.75f + 0.25f * thick));
                    height += 0.8f * hairs * cover * thick;
                    texel.shine *= 1 - 0.8f * cover;
                    texel.hair = cover * thick;
                }
            }
            texel.colour = colour;
        }
    }
    for (int row = 1; row + 1 < height_; ++row) {
        float v = (static_cast<float>(row) + 0.5f) / static_cast<float>(height_),
              dv = 1 / static_cast<float>(height_);
        float high = height_at(v - dv) - height_at(v + dv);
        for (int column = 1; column + 1 < width_; ++column) {
            float u = (static_cast<float>(column) + 0.5f) / static_cast<float>(width_),
                  du = 1 / static_cast<float>(width_);
            float wide = 78 * (angle_at(u + du) - angle_at(u - du));
            auto at = static_cast<std::size_t>(row * width_ + column),
                 down = at + static_cast<std::size_t>(width_), up = at - static_cast<std::size_t>(width_);
            texels_[at].slope_x = (relief[at + 1] - relief[at - 1]) / wide;
            texels_[at].slope_y = (relief[up] - relief[down]) / high;
        }
    }
}

void SkinMap::draw_hairs(const Person& p, const Head& head, float age) {
    const auto& b = p.brows;
    Chance chance(p.seed ^ 0x62726F77);
    Vec colour = greyed(b.colour, p.seed + 9, age - 8);
    int count = static_cast<int>(60 + 210 * b.density * b.thickness / 5);
    for (float side : {-1.0f, 1.0f})
        for (int i = 0; i < count; ++i) {
            float along = chance.share();
            float over = chance.about(0, 0.42f);
            // Where the hair grows, and how it lies: up near the nose, outward and down at the end.
            float thin = (0.75f + 0.5f * smooth(0, 0.3f, along)) * (1 - 0.75f * smooth(0.55f, 1, along));
            float x = b.gap + along * b.length;
            float t = b.height + b.arch * std::sin(std::min(along * 1.25f, 1.0f) * kPi * 0.62f) -
                      b.arch * 0.9f * square(square(along)) + b.slant * b.length * (along - 0.3f) +
                      over * b.thickness * thin;
            float turn = mix(1.15f, -0.25f, smooth(0, 0.7f, along)) - 0.5f * over + chance.about(0, 0.15f);
            float length = chance.between(3.2f, 6) * (0.7f + 0.06f * b.thickness);
            float dark = chance.between(0.6f, 1.3f);
            for (float s = 0; s < length; s += 0.3f) {
                float px = side * (x + s * std::cos(turn)), pt = t + s * std::sin(turn);
                float fu = u_of(head.angle_of(head.ring(pt), px)) * static_cast<float>(width_) - 0.5f;
                float fv = v_of(pt) * static_cast<float>(height_) - 0.5f;
                float fade = smooth(0, 0.6f, s) * smooth(length, length * 0.6f, s);
                for (int dy = 0; dy < 2; ++dy)
                    for (int dx = 0; dx < 2; ++dx) {
                        int cx = static_cast<int>(std::floor(fu)) + dx,
                            cy = static_cast<int>(std::floor(fv)) + dy;
                        if (cx < 0 || cy < 0 || cx >= width_ || cy >= height_) continue;
                        float weight = (1 - std::abs(fu - static_cast<float>(cx))) *
                                       (1 - std::abs(fv - static_cast<float>(cy)));
                        auto& texel = texels_[static_cast<std::size_t>(cy * width_ + cx)];
                        texel.colour = mix(texel.colour, colour * dark, 0.55f * fade * weight);
                        texel.shine *= 1 - 0.3f * fade * weight;
                    }
            }
        }
}

SkinTexel SkinMap::at(float u, float v) const {
    float x =
        std::clamp(u * static_cast<float>(width_) - 0.5f, 0.0f, static_cast<float>(width_ - 1) - 0.001f);
    float y =
        std::clamp(v * static_cast<float>(height_) - 0.5f, 0.0f, static_cast<float>(height_ - 1) - 0.001f);
    auto ix = static_cast<int>(x), iy = static_cast<int>(y);
    float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
    const auto* a = &texels_[static_cast<std::size_t>(iy * width_ + ix)];
    const auto* c = a + width_;
    float w0 = (1 - fx) * (1 - fy), w1 = fx * (1 - fy), w2 = (1 - fx) * fy, w3 = fx * fy;
    SkinTexel out;
    out.colour = a[0].colour * w0 + a[1].colour * w1 + c[0].colour * w2 + c[1].colour * w3;
    out.slope_x = a[0].slope_x * w0 + a[1].slope_x * w1 + c[0].slope_x * w2 + c[1].slope_x * w3;
    out.slope_y = a[0].slope_y * w0 + a[1].slope_y * w1 + c[0].slope_y * w2 + c[1].slope_y * w3;
    out.open = a[0].open * w0 + a[1].open * w1 + c[0].open * w2 + c[1].open * w3;
    out.shine = a[0].shine * w0 + a[1].shine * w1 + c[0].shine * w2 + c[1].shine * w3;
    out.hair = a[0].hair * w0 + a[1].hair * w1 + c[0].hair * w2 + c[1].hair * w3;
    return out;
}

}  // namespace people
