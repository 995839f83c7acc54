#include "people/render.h"

#include <limits>

#include "people/noise.h"

namespace people {
namespace {

constexpr int kSamples = 2;          // in each direction of a pixel
constexpr int kShadowSide = 224;     // texels of the shadow map
constexpr float kShadowReach = 210;  // mm around the head that it covers
constexpr float kFace_mm = 180;      // from hairline to chin on the average head
const Vec kPivot{0, -95, -18};       // where the head turns on the neck

struct Turn {  // a rotation
    Vec x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};
    Vec operator()(const Vec& v) const { return {dot(x, v), dot(y, v), dot(z, v)}; }
    Vec back(const Vec& v) const { return x * v.x + y * v.y + z * v.z; }
};

Turn turn_of(float yaw, float pitch, float roll) {
    float a = yaw * kPi / 180, b = pitch * kPi / 180, c = roll * kPi / 180;
    auto apply = [&](Vec v) {
        v = {v.x * std::cos(a) + v.z * std::sin(a), v.y, v.z * std::cos(a) - v.x * std::sin(a)};
        v = {v.x, v.y * std::cos(b) + v.z * std::sin(b), v.z * std::cos(b) - v.y * std::sin(b)};
        return Vec{v.x * std::cos(c) + v.y * std::sin(c), v.y * std::cos(c) - v.x * std::sin(c), v.z};
    };
    Vec x = apply({1, 0, 0}), y = apply({0, 1, 0}), z = apply({0, 0, 1});
    return {{x.x, y.x, z.x}, {x.y, y.y, z.y}, {x.z, y.z, z.z}};
}

struct Triangle {
    std::uint32_t a, b, c;
    Material material;
};

// All vertices of the scene, in the camera's space.
struct Scene {
    std::vector<Vec> places, normals, marks, screen;  // screen: pixels, and depth (larger is nearer)
    std::vector<Triangle> triangles;
    std::vector<Triangle> lenses;
};

// Orthographic depth as the lamp sees it.
class Shadow {
public:
    Shadow(const Scene& scene, const Vec& centre, const Vec& direction)
        : centre_(centre), z_(direction), depth_(kShadowSide * kShadowSide, -1e9f) {
        x_ = normalised(cross(std::abs(direction.y) > 0.9f ? Vec{1, 0, 0} : Vec{0, 1, 0}, direction));
        y_ = cross(z_, x_);
        std::vector<Vec> seen(scene.places.size());
        for (std::size_t i = 0; i < seen.size(); ++i)
            seen[i] = map(scene.places[i]);
        for (const auto& t : scene.triangles)
            draw(seen[t.a], seen[t.b], seen[t.c]);
    }

    // 0 in shadow to 1 in the light.
    float light_at(const Vec& place, const Vec& normal) const {
        Vec at = map(place + normal * 2.5f);
        float lit = 0;
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                int x = static_cast<int>(at.x + 1.7f * static_cast<float>(dx)),
                    y = static_cast<int>(at.y + 1.7f * static_cast<float>(dy));
                if (x < 0 || y < 0 || x >= kShadowSide || y >= kShadowSide) {
                    lit += 1;
                    continue;
                }
                lit +=
                    clamp01(1.2f - 0.4f * (depth_[static_cast<std::size_t>(y * kShadowSide + x)] - at.z - 1));
            }
        return lit / 9;
    }

private:
    Vec map(const Vec& place) const {
        Vec from = place - centre_;
        constexpr float scale = kShadowSide / (2 * kShadowReach);
        return {dot(from, x_) * scale + kShadowSide / 2.0f, dot(from, y_) * scale + kShadowSide / 2.0f,
                dot(from, z_)};
    }
    void draw(const Vec& a, const Vec& b, const Vec& c) {
        float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if (std::abs(area) < 1e-6f) return;
        int left = std::max(0, static_cast<int>(std::min({a.x, b.x, c.x}) - 0.5f)),
            right = std::min(kShadowSide - 1, static_cast<int>(std::max({a.x, b.x, c.x}) + 0.5f));
        int top = std::max(0, static_cast<int>(std::min({a.y, b.y, c.y}) - 0.5f)),
            bottom = std::min(kShadowSide - 1, static_cast<int>(std::max({a.y, b.y, c.y}) + 0.5f));
        float over = 1 / area;
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) {
                float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
                float w1 = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * over;
                float w2 = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * over;
                if (w1 < -0.01f || w2 < -0.01f || w1 + w2 > 1.01f) continue;
                float& depth = depth_[static_cast<std::size_t>(y * kShadowSide + x)];
                depth = std::max(depth, a.z + (b.z - a.z) * w1 + (c.z - a.z) * w2);
            }
    }

    Vec centre_, x_, y_, z_;
    std::vector<float> depth_;
};

class Renderer {
public:
    Renderer(const Sitter& sitter, const Shot& shot, const Framing& framing)
        : sitter_(sitter),
          person_(sitter.person()),
          shot_(shot),
          framing_(framing),
          width_(framing.width * kSamples),
          height_(framing.height * kSamples),
          head_turn_(turn_of(shot.yaw, shot.pitch, shot.roll)),
          body_turn_(turn_of(shot.yaw * 0.35f, 0, shot.roll * 0.1f)),
          seed_(static_cast<std::uint32_t>(sitter.person().seed * 0x9E3779B1u + 5)) {
        // The face's middle, half-way between hairline and chin, comes to the framing's middle.
        middle_ = head_turn_(Vec{0, -22, 60} - kPivot) + kPivot;
        scale_ = framing.face_px * kSamples / kFace_mm;
    }

    Layer draw() {
        for (const auto& mesh : sitter_.meshes())
            add(mesh);
        if (shot_.glasses)
            for (const auto& mesh : sitter_.glasses())
                add(mesh);
        find_normals();
        nearest_.assign(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), -1e9f);
        seen_.assign(nearest_.size(), -1);
        for (std::size_t i = 0; i < scene_.triangles.size(); ++i)
            rasterise(scene_.triangles[i], static_cast<std::int32_t>(i));
        prepare_light();
        std::vector<Vec> colours(nearest_.size());
        Shadow shadow(scene_, Vec{0, -20, 0}, shot_.light.key_direction);
        shadow_ = &shadow;
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_; ++x) {
                auto at = static_cast<std::size_t>(y * width_ + x);
                if (seen_[at] >= 0)
                    colours[at] = shade(x, y, scene_.triangles[static_cast<std::size_t>(seen_[at])]);
            }
        for (const auto& lens : scene_.lenses)
            look_through(lens, colours);
        return layer_of(colours);
    }

private:
    Vec to_camera(const Vec& place, float follows) const {
        Vec head = head_turn_(place - kPivot) + kPivot;
        if (follows >= 1) return head;
        return mix(body_turn_(place - kPivot) + kPivot, head, follows);
    }
    Vec to_screen(const Vec& camera) const {
        float d = shot_.camera.distance;
        float nearer = d / std::max(d - (camera.z - middle_.z), 50.0f) * scale_;
        return {framing_.middle.x * kSamples + (camera.x - middle_.x) * nearer,
                framing_.middle.y * kSamples - (camera.y - middle_.y) * nearer, camera.z};
    }

    void add(const Mesh& mesh) {
        auto first = static_cast<std::uint32_t>(scene_.places.size());
        for (std::size_t i = 0; i < mesh.places.size(); ++i) {
            Vec place = mesh.places[i];
            const Vec& mark = mesh.marks[i];
            if (mesh.material == Material::face && place.z > 20)
                place += sitter_.head().moved(shot_.expression, mark.z, height_at(mark.y));
            place = to_camera(place, mesh.follows[i]);
            scene_.places.push_back(place);
            scene_.marks.push_back(mark);
            scene_.screen.push_back(to_screen(place));
        }
        auto& into = mesh.material == Material::lens ? scene_.lenses : scene_.triangles;
        for (const auto& t : mesh.triangles)
            into.push_back({first + t[0], first + t[1], first + t[2], mesh.material});
    }

    void find_normals() {
        scene_.normals.assign(scene_.places.size(), {});
        for (const auto& t : scene_.triangles) {
            Vec normal =
                cross(scene_.places[t.b] - scene_.places[t.a], scene_.places[t.c] - scene_.places[t.a]);
            scene_.normals[t.a] += normal, scene_.normals[t.b] += normal, scene_.normals[t.c] += normal;
        }
        for (auto& normal : scene_.normals)
            normal = normalised(normal);
    }

    void rasterise(const Triangle& t, std::int32_t id) {
        const Vec &a = scene_.screen[t.a], &b = scene_.screen[t.b], &c = scene_.screen[t.c];
        float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        // Counter-clockwise with y up is clockwise on the screen.
        bool closed = t.material == Material::face || t.material == Material::cloth;
        if (std::abs(area) < 1e-6f || (closed && area > 0)) return;
        int left = std::max(0, static_cast<int>(std::ceil(std::min({a.x, b.x, c.x}) - 0.5f)));
        int right = std::min(width_ - 1, static_cast<int>(std::floor(std::max({a.x, b.x, c.x}) - 0.5f)));
        int top = std::max(0, static_cast<int>(std::ceil(std::min({a.y, b.y, c.y}) - 0.5f)));
        int bottom = std::min(height_ - 1, static_cast<int>(std::floor(std::max({a.y, b.y, c.y}) - 0.5f)));
        float over = 1 / area;
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) {
                float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
                float w1 = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * over;
                float w2 = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * over;
                if (w1 < 0 || w2 < 0 || w1 + w2 > 1) continue;
                float depth = a.z + (b.z - a.z) * w1 + (c.z - a.z) * w2;
                auto at = static_cast<std::size_t>(y * width_ + x);
                if (depth <= nearest_[at]) continue;
                if (t.material == Material::hair && is_gap(mark_at(t, w1, w2))) continue;
                nearest_[at] = depth;
                seen_[at] = id;
            }
    }

    Vec mark_at(const Triangle& t, float w1, float w2) const {
        return scene_.marks[t.a] * (1 - w1 - w2) + scene_.marks[t.b] * w1 + scene_.marks[t.c] * w2;
    }

    // Between strands one sees through hair.
    bool is_gap(const Vec& mark) const {
        const auto& h = person_.hair;
        bool cropped = h.kind == HairKind::cropped;
        float strand = noise(mark.x * 0.5f, mark.y * 0.02f, seed_ + 3) * 0.6f +
                       0.4f * noise(mark.x * 1.4f, mark.y * 0.03f, seed_ + 4);
        if (mark.z < (cropped ? 3 : 6) * (0.55f + 0.6f * strand)) return true;
        float thin = h.thinning * smooth(62, 88, mark.y);
        if (cropped) thin = std::max(thin, 0.55f * smooth(14, 2, mark.z));
        return thin > 0 && noise(mark.x * 1.7f, mark.y * 1.7f, seed_ + 5) * 0.5f + 0.5f < thin * 1.05f;
    }

    void prepare_light() {
        const auto& l = shot_.light;
        // As a camera does: what faces it comes out at about the same brightness, whoever it is, but not
        // quite.
        Vec arriving =
            l.key * (0.3f + 0.7f * std::max(0.0f, l.key_direction.z)) + (l.sky * 0.55f + l.ground * 0.45f);
        float skin = dot(person_.skin.colour, {0.21f, 0.72f, 0.07f});
        exposure_ = l.exposure * 0.42f /
                    (dot(arriving, {0.21f, 0.72f, 0.07f}) * std::pow(skin, 0.5f) * std::pow(0.38f, 0.5f));
        view_ = {0, 0, 1};
        half_ = normalised(l.key_direction + view_);
        up_ = head_turn_({0, 1, 0});
    }

    struct Surface {
        Vec place, normal, colour;
        float open = 1;
        float shine = 0;  // strength of the mirror-like part
        float sharpness = 24;
        float through = 0;  // how much light goes round inside the skin
    };

    Vec lit(const Surface& s) const {
        const auto& l = shot_.light;
        float facing = dot(s.normal, l.key_direction);
        float shadow = facing > -0.3f ? shadow_->light_at(s.place, s.normal) : 0.0f;
        Vec wrap{0.34f * s.through, 0.16f * s.through, 0.1f * s.through};
        Vec diffuse{std::max(0.0f, (facing + wrap.x) / (1 + wrap.x)),
                    std::max(0.0f, (facing + wrap.y) / (1 + wrap.y)),
                    std::max(0.0f, (facing + wrap.z) / (1 + wrap.z))};
        Vec soft = mix(Vec{shadow, shadow, shadow}, Vec{std::sqrt(shadow), shadow, shadow}, 0.5f * s.through);
        Vec light = l.key * diffuse * soft * (0.55f + 0.45f * s.open);
        light += mix(l.ground, l.sky, 0.5f + 0.5f * s.normal.y) *
                 (s.open * (0.62f + 0.38f * std::max(0.0f, s.normal.z)));
        light += l.rim * std::max(0.0f, dot(s.normal, l.rim_direction)) * s.open;
        float edge = 1 - std::max(0.0f, s.normal.z);
        float mirror = std::pow(std::max(0.0f, dot(s.normal, half_)), s.sharpness) * shadow + 0.0f;
        Vec gloss =
            l.key * (s.shine * mirror * (0.35f + edge)) + (l.sky * (0.1f * s.shine * edge * edge * s.open));
        return (s.colour * light + gloss) * exposure_;
    }

    Vec shade(int x, int y, const Triangle& t) const {
        const Vec &a = scene_.screen[t.a], &b = scene_.screen[t.b], &c = scene_.screen[t.c];
        float over = 1 / ((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
        float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
        float w1 = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * over;
        float w2 = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * over;
        float w0 = 1 - w1 - w2;
        Surface s;
        s.place = scene_.places[t.a] * w0 + scene_.places[t.b] * w1 + scene_.places[t.c] * w2;
        s.normal = normalised(scene_.normals[t.a] * w0 + scene_.normals[t.b] * w1 + scene_.normals[t.c] * w2);
        if (s.normal.z < 0 && t.material != Material::face) s.normal *= -1;
        Vec mark = mark_at(t, w1, w2);
        switch (t.material) {
            case Material::face:
                return face(s, mark);
            case Material::skin:
                return skin(s, mark);
            case Material::hair:
                return hair(s, mark);
            case Material::cloth:
                return cloth(s, mark);
            case Material::frame:
            case Material::lens:
                break;
        }
        s.colour = person_.glasses.colour;
        s.shine = 0.5f, s.sharpness = 40;
        return lit(s);
    }

    Vec skin(Surface s, const Vec& mark) const {
        float grain = 0.06f * rough_noise(mark.x * 0.3f, mark.y * 0.3f, seed_ + 9);
        s.colour = person_.skin.colour * (1 + grain) * Vec{1.02f, 0.93f, 0.92f};
        s.open = mark.z;
        s.shine = 0.3f * person_.skin.shine;
        s.through = 1;
        return lit(s);
    }

    Vec face(Surface s, const Vec& mark) const {
        SkinTexel texel = sitter_.skin().at(mark.x, mark.y);
        float across = mark.z, t = height_at(mark.y);
        Vec right = normalised(cross(up_, s.normal)), up = cross(s.normal, right);
        s.normal = normalised(s.normal - right * (0.8f * texel.slope_x) - up * (0.8f * texel.slope_y));
        s.colour = texel.colour;
        s.open = texel.open * scalp_shade(t, mark.x);
        s.shine = 0.42f * texel.shine * (1 - texel.hair);
        s.through = 1 - 0.7f * texel.hair;
        float side = across < 0 ? -1.0f : 1.0f, out = std::abs(across) - person_.eyes.apart;
        if (std::abs(out) < person_.eyes.width * 1.3f && std::abs(t) < 14) return eye(s, side, out, t);
        if (std::abs(across) < person_.mouth.width && std::abs(t - person_.mouth.height) < 6)
            return mouth(s, across, t);
        return lit(s);
    }

    // Light is scarce close to hair that stands over the skin.
    float scalp_shade(float t, float u) const {
        if (person_.hair.kind == HairKind::none || t < 0) return 1;
        float a = std::abs(angle_at(u));
        float line = person_.hair.line - 7 * a * a -
                     (person_.hair.fringe > 0 ? person_.hair.fringe * smooth(1.05f, 0.7f, a) : 0);
        return 1 - 0.35f * smooth(line - 9, line + 2, t) * smooth(0, 8, person_.hair.top);
    }

    Vec eye(Surface s, float side, float out, float t) const {
        const auto& e = person_.eyes;
        const auto& x = shot_.expression;
        float q = out / e.width, y = t - e.slant * out;
        float arch = std::max(0.0f, 1 - q * q);
        float lower = e.lower * arch * (1 - 0.25f * x.smile);
        float open = e.upper * std::pow(arch, 0.8f) * (1 + 0.3f * e.outer_fullness * q);
        float upper = mix(-lower + 0.2f, open, x.lids);
        Vec lid = lit(s);
        float dark = 0;
        if (std::abs(q) < 1.12f) {
            float lash = (0.7f + 1.2f * e.lashes + 1.1f * person_.make_up.liner) *
                         (0.7f + 0.5f * smooth(-0.5f, 0.9f, q));
            dark = bell((y - upper - 0.25f * lash) / lash) * smooth(1.1f, 0.85f, std::abs(q)) *
                   (0.55f + 0.4f * e.lashes + 0.3f * person_.make_up.liner);
            dark = std::max(dark, (0.16f + 0.45f * person_.make_up.liner) * bell((y + lower) / 0.8f) *
                                      smooth(1, 0.7f, std::abs(q)));
        }
        Vec rim = lid * (1 - std::min(dark, 0.93f));
        float inside = smooth(0.35f, -0.35f, y - upper) * smooth(-0.35f, 0.35f, y + lower) *
                       (std::abs(q) < 1 ? 1.0f : 0.0f);
        if (inside <= 0) return rim;
        return mix(rim, eyeball(s, side, out, y, q, upper - y), inside);
    }

    Vec eyeball(Surface s, float side, float out, float y, float q, float below_lid) const {
        const auto& e = person_.eyes;
        const auto& x = shot_.expression;
        float ix = side * out - 12.5f * std::sin(x.gaze_x * kPi / 180),
              iy = y - 0.7f - 12.5f * std::sin(x.gaze_y * kPi / 180);
        float r = std::sqrt(ix * ix + iy * iy) / e.iris;
        Vec white =
            mix(colour_of(222, 214, 210), colour_of(206, 160, 150), 0.75f * smooth(0.5f, 1.05f, std::abs(q)));
        white = mix(white, colour_of(196, 120, 112), smooth(-0.8f, -0.97f, q));
        // Exposed for dark skin the white would glare.
        white *= 0.62f + 0.38f * clamp01(dot(person_.skin.colour, {0.21f, 0.72f, 0.07f}) / 0.35f);
        float fibres = noise(std::atan2(iy, ix) * 7, r * 1.5f, seed_ + 15);
        Vec iris = e.iris_colour * (0.9f + 0.35f * fibres + 0.5f * smooth(0.75f, 0.45f, r)) *
                   (1 - 0.65f * smooth(0.8f, 1.0f, r));
        Vec colour = mix(white, iris, smooth(1.06f, 0.95f, r));
        colour = mix(colour, Vec{0.004f, 0.004f, 0.005f}, smooth(0.46f, 0.39f, r));
        s.colour = colour;
        Vec ball = normalised(Vec{side * out, y, 12});
        s.normal = normalised(head_turn_(ball) + Vec{0, 0, 0.6f});
        s.open = 0.42f + 0.5f * smooth(0, 4.5f, below_lid);
        s.through = 0.6f;
        s.shine = 0;
        Vec lit_ball = lit(s) * (0.72f + 0.28f * smooth(0, 3, below_lid));
        // The lamp's image in the cornea, and the sky's.
        Vec cornea = normalised(head_turn_(normalised(Vec{ix, iy, 7.6f})));
        float lamp = std::pow(std::max(0.0f, dot(cornea, half_)), 420);
        float window = std::pow(std::max(0.0f, dot(cornea, normalised({-0.25f, 0.3f, 0.9f}))), 500);
        return lit_ball + (shot_.light.key * (1.6f * lamp) + shot_.light.sky * (0.7f * window)) * exposure_ *
                              smooth(0.2f, 1.2f, below_lid);
    }

    Vec mouth(Surface s, float across, float t) const {
        const auto& x = shot_.expression;
        Vec lip = lit(s);
        if (x.open < 0.4f) return lip;
        float lens = std::sqrt(std::max(0.0f, 1 - square(across / (person_.mouth.width * 0.97f))));
        float line = sitter_.head().mouth_line(across);
        float gap = Head::kMouthGap * std::min(1.0f, lens * 2);
        float inside = smooth(gap + 0.12f, gap - 0.12f, std::abs(t - line)) * smooth(0.3f, 1, x.open);
        if (inside <= 0 || gap < 0.05f) return lip;
        float height = (x.open + 1.5f) * lens;  // of the opening here, mm
        float deep = clamp01((line + gap - t) / (2 * gap)) * height;
        float upper_teeth = smooth(7.4f + 0.6f * x.smile, 6.8f, deep + 1.2f * square(across / 22)) *
                            smooth(21, 17, std::abs(across));
        float lower_teeth =
            x.open > 6 ? 0.7f * smooth(height - 4.5f, height - 3.6f, deep) * smooth(17, 13, std::abs(across))
                       : 0;
        float tooth = std::abs(std::fmod(std::abs(across) + 0.001f, 7.6f) - 7.6f * 0.5f) * 2 / 7.6f;
        float gaps = 1 - 0.35f * smooth(0.93f, 1, std::max(tooth, std::abs(across) < 0.35f ? 1.0f : 0.0f));
        Vec enamel = colour_of(228, 220, 202) * gaps * (1 - 0.45f * smooth(8, 20, std::abs(across)));
        Vec dark = mix(colour_of(44, 14, 14), colour_of(150, 66, 66),
                       0.7f * smooth(height * 0.55f, height, deep) * smooth(14, 6, std::abs(across)));
        s.colour = mix(dark, enamel, std::max(upper_teeth, lower_teeth));
        s.normal = normalised(head_turn_(Vec{across * 0.03f, 0, 1}));
        s.open = 0.4f + 0.35f * std::max(upper_teeth, lower_teeth) * smooth(0, 2.5f, deep);
        s.shine = 0.2f * upper_teeth, s.through = 0.5f;
        return mix(lip, lit(s), inside);
    }

    Vec hair(Surface s, const Vec& mark) const {
        const auto& h = person_.hair;
        float strand = rough_noise(mark.x * 0.4f, mark.y * 0.022f, seed_ + 3);
        float fine = noise(mark.x * 1.9f, mark.y * 0.05f, seed_ + 7);
        s.colour =
            sitter_.hair_colour() * std::max(0.25f, 1 + (0.25f + 0.4f * h.streaks) * strand + 0.3f * fine);
        Vec down = normalised(s.normal * dot(s.normal, up_) - up_);
        Vec across = cross(down, s.normal);
        s.normal = normalised(s.normal + across * (0.55f * strand + 0.3f * fine));
        s.open = 0.5f + 0.5f * clamp01(0.6f + 0.5f * strand) * (0.6f + 0.4f * smooth(-140, 40, mark.y));
        s.through = 0.5f;
        float along = dot(normalised(down + across * (0.02f * h.sweep)), half_);
        float band = std::pow(std::sqrt(std::max(0.0f, 1 - along * along)), 70);
        float shadow = shadow_->light_at(s.place, s.normal);
        Vec gloss = mix(Vec{1, 1, 1}, sitter_.hair_colour() * 4, 0.5f) *
                    (0.1f * h.shine * band * shadow * (0.5f + 0.7f * std::max(0.0f, fine + strand)));
        return lit(s) + gloss * (dot(shot_.light.key, {0.3f, 0.4f, 0.3f}) * exposure_);
    }

    Vec cloth(Surface s, const Vec& mark) const {
        Chance chance(shot_.background ^ person_.seed);
        int neckline = chance.below(3), pattern = chance.below(5);
        float low = chance.between(6, 46);
        Vec colour = mix(Vec{chance.share(), chance.share(), chance.share()}, Vec{0.2f, 0.2f, 0.2f}, 0.45f) *
                     chance.between(0.06f, 0.9f);
        Vec other = mix(colour, Vec{0.8f, 0.8f, 0.78f}, chance.between(0.2f, 0.9f));
        float size = chance.between(6, 26);
        float ax = std::abs(mark.x);
        // Above the neckline there is skin; a collar stands.
        float edge = neckline == 0   ? -150 - low * std::max(0.0f, 1 - ax / (30 + 0.6f * low)) * 1.6f
                     : neckline == 1 ? -148 - 0.5f * low * std::sqrt(std::max(0.0f, 1 - square(ax / 78)))
                                     : -141.0f;
        if (mark.z > -40 && mark.y > edge && mark.y > -240) {
            Vec lit_skin = skin(s, {mark.x, mark.y, 0.8f});
            return lit_skin * (0.75f + 0.25f * smooth(0, 5, mark.y - edge));
        }
        float weave = 0.05f * noise(mark.x * 0.8f, mark.y * 0.8f, seed_ + 20);
        if (pattern == 1 && std::fmod(mark.y + 1000, size) < size * 0.45f) colour = other;
        if (pattern == 2 && std::fmod(mark.x + 1000, size) < size * 0.3f) colour = other;
        if (pattern == 3 && (std::fmod(mark.x + 1000, size * 1.6f) < size * 0.5f) !=
                                (std::fmod(mark.y + 1000, size * 1.6f) < size * 0.5f))
            colour = mix(colour, other, 0.6f);
        s.colour = colour * (1 + weave) * (mark.y > edge - 4 ? 0.8f : 1.0f);
        float fold = 0.5f * rough_noise(mark.x * 0.02f + 0.3f * mark.z * 0.02f, mark.y * 0.016f, seed_ + 21);
        s.normal = normalised(s.normal + Vec{fold, 0.3f * fold, 0});
        return lit(s);
    }

    // Glass takes a little light and mirrors a little.
    void look_through(const Triangle& t, std::vector<Vec>& colours) const {
        const Vec &a = scene_.screen[t.a], &b = scene_.screen[t.b], &c = scene_.screen[t.c];
        float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if (std::abs(area) < 1e-6f) return;
        int left = std::max(0, static_cast<int>(std::ceil(std::min({a.x, b.x, c.x}) - 0.5f)));
        int right = std::min(width_ - 1, static_cast<int>(std::floor(std::max({a.x, b.x, c.x}) - 0.5f)));
        int top = std::max(0, static_cast<int>(std::ceil(std::min({a.y, b.y, c.y}) - 0.5f)));
        int bottom = std::min(height_ - 1, static_cast<int>(std::floor(std::max({a.y, b.y, c.y}) - 0.5f)));
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) {
                float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
                float w1 = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) / area;
                float w2 = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) / area;
                auto at = static_cast<std::size_t>(y * width_ + x);
                if (w1 < 0 || w2 < 0 || w1 + w2 > 1 || seen_[at] < 0) continue;
                if (a.z + (b.z - a.z) * w1 + (c.z - a.z) * w2 < nearest_[at]) continue;
                float sheen =
                    0.05f *
                    smooth(-0.2f, 0.8f,
                           std::sin(0.02f * (px + 2 * py) + static_cast<float>(shot_.background & 7)));
                colours[at] = colours[at] * (0.93f * (1 - person_.glasses.tint)) +
                              shot_.light.sky * (sheen * exposure_);
            }
    }

    Layer layer_of(const std::vector<Vec>& colours) const {
        Layer layer{framing_.width, framing_.height};
        auto pixels = static_cast<std::size_t>(framing_.width) * static_cast<std::size_t>(framing_.height);
        layer.colour.resize(pixels);
        layer.cover.resize(pixels);
        constexpr float share = 1.0f / (kSamples * kSamples);
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_; ++x) {
                auto from = static_cast<std::size_t>(y * width_ + x);
                if (seen_[from] < 0) continue;
                auto to = static_cast<std::size_t>(y / kSamples * framing_.width + x / kSamples);
                layer.colour[to] += colours[from] * share;
                layer.cover[to] += share;
            }
        layer.label = label();
        return layer;
    }

    Point on_picture(float across, float t) const {
        const auto& head = sitter_.head();
        Ring ring = head.ring(t);
        float angle = head.angle_of(ring, across);
        Vec place = head.place(ring, std::sin(angle), std::cos(angle), across) +
                    head.moved(shot_.expression, across, t);
        Vec screen = to_screen(to_camera(place, 1));
        return {screen.x / kSamples, screen.y / kSamples};
    }

    Label label() const {
        const auto& p = person_;
        Label label;
        float eye = 0.3f * (p.eyes.upper - p.eyes.lower), corner = 0.96f * p.mouth.width;
        label.landmarks = {on_picture(-p.eyes.apart, eye), on_picture(p.eyes.apart, eye),
                           on_picture(p.nose.bend, -0.82f * p.nose.length + p.nose.tip_up),
                           on_picture(-corner, sitter_.head().mouth_line(corner)),
                           on_picture(corner, sitter_.head().mouth_line(corner))};
        float left = 1e9f, top = 1e9f, right = -1e9f, bottom = -1e9f;
        for (std::size_t i = 0; i < static_cast<std::size_t>(kRows * kColumns); ++i) {
            const Vec& mark = scene_.marks[i];
            float t = height_at(mark.y);
            if (t > 52 || t < -117 || std::abs(angle_at(mark.x)) > 1.35f) continue;
            const Vec& at = scene_.screen[i];
            left = std::min(left, at.x), right = std::max(right, at.x);
            top = std::min(top, at.y), bottom = std::max(bottom, at.y);
        }
        label.box = {left / kSamples, top / kSamples, (right - left) / kSamples, (bottom - top) / kSamples};
        return label;
    }

    const Sitter& sitter_;
    const Person& person_;
    const Shot& shot_;
    const Framing& framing_;
    int width_, height_;
    Turn head_turn_, body_turn_;
    std::uint32_t seed_;
    Vec middle_;
    float scale_ = 1;
    Scene scene_;
    std::vector<float> nearest_;
    std::vector<std::int32_t> seen_;
    const Shadow* shadow_ = nullptr;
    float exposure_ = 1;
    Vec view_, half_, up_;
};

}  // namespace

Layer render(const Sitter& sitter, const Shot& shot, const Framing& framing) {
    return Renderer(sitter, shot, framing).draw();
}

}  // namespace people
