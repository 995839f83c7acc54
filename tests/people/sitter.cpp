#include "people/sitter.h"

#include "people/chance.h"
#include "people/noise.h"

namespace people {
namespace {

// Joins the vertices of a grid whose rows have `columns` vertices.
void join_grid(Mesh& mesh, int columns, int rows, std::uint32_t first = 0) {
    for (int row = 0; row + 1 < rows; ++row)
        for (int column = 0; column + 1 < columns; ++column) {
            auto a = first + static_cast<std::uint32_t>(row * columns + column), b = a + 1;
            auto c = a + static_cast<std::uint32_t>(columns), d = c + 1;
            mesh.triangles.push_back({a, c, b});
            mesh.triangles.push_back({b, c, d});
        }
}

Mesh face_of(const Head& head) {
    Mesh mesh{Material::face};
    for (int row = 0; row < kRows; ++row) {
        float v = static_cast<float>(row) / (kRows - 1);
        Ring ring = head.ring(height_at(v));
        for (int column = 0; column < kColumns; ++column) {
            float u = static_cast<float>(column) / (kColumns - 1), angle = angle_at(u);
            float sine = std::sin(angle), cosine = std::cos(angle);
            float across = cosine > 0 ? head.smooth_place(ring, sine, cosine).x : (sine < 0 ? -90.0f : 90.0f);
            mesh.places.push_back(head.place(ring, sine, cosine, across));
            mesh.marks.push_back({u, v, across});
        }
    }
    mesh.follows.assign(mesh.places.size(), 1);
    join_grid(mesh, kColumns, kRows);
    return mesh;
}

// The height at which hair ends, by angle.
float hair_edge(const Hair& hair, float angle) {
    float a = std::abs(angle);
    float line =
        hair.line + hair.recession * bell((a - 0.55f) / 0.2f) - hair.peak * bell(a / 0.13f) - 7 * square(a);
    if (hair.fringe > 0) line -= (hair.fringe + hair.fringe_slant * angle) * smooth(1.05f, 0.7f, a);
    switch (hair.kind) {
        case HairKind::long_cut:
            return mix(line, hair.length, smooth(hair.curtain - 0.14f, hair.curtain + 0.06f, a));
        case HairKind::curls:
            return mix(line, hair.length, smooth(hair.curtain - 0.1f, hair.curtain + 0.3f, a));
        case HairKind::tied:
            line = mix(line, 10, smooth(0.85f, 1.25f, a));
            line = mix(line, 26, smooth(1.3f, 1.5f, a));
            return mix(line, hair.length, smooth(1.75f, 2.1f, a));
        default:
            line = mix(line, 8, smooth(0.85f, 1.2f, a));
            line = mix(line, -16, smooth(1.18f, 1.3f, a));
            line = mix(line, 25, smooth(1.36f, 1.5f, a));
            return mix(line, hair.length, smooth(1.75f, 2.1f, a));
    }
}

// Below this height hair no longer lies on the head but hangs.
float hanging_height(const Hair& hair) {
    return hair.length < -75 ? -22.0f : -62.0f;
}

Mesh hair_of(const Person& person, const Head& head) {
    constexpr int columns = 145, rows = 76;
    const auto& h = person.hair;
    auto seed = static_cast<std::uint32_t>(person.seed) + 77;
    float lies = hanging_height(h);
    Mesh mesh{Material::hair};
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float angle = kPi * (2 * static_cast<float>(column) / (columns - 1) - 1);
            float sine = std::sin(angle), cosine = std::cos(angle);
            float f = static_cast<float>(row) / (rows - 1);
            float edge = hair_edge(h, angle), bend = std::max(70.0f, edge);
            constexpr float share = 0.42f;
            float t = f < share || edge >= 70
                          ? bend + (kTop - bend) * std::cos(kPi / 2 * (edge >= 70 ? f : f / share))
                          : mix(bend, edge, (f - share) / (1 - share));
            float inside = t - edge;
            Ring ring = head.ring(std::max(t, lies));
            Vec place = head.smooth_place(ring, sine, cosine);
            float hangs = std::max(0.0f, lies - t);
            place.y -= hangs;
            float thick = mix(h.sides, h.top, smooth(35, 100, t)) * (0.18f + 0.82f * smooth(-1, 16, inside));
            if (hangs > 0)
                thick = h.sides * (1 + 0.004f * hangs) -
                        0.13f * std::min(hangs, 90.0f) * (cosine > 0 ? 1.0f : 0.8f);
            thick *= 1 - 0.55f * bell((place.x - h.parting * 60) / 4) * smooth(60, 95, t) *
                             smooth(-0.2f, 0.3f, cosine);
            float wave = noise((place.x + 0.7f * place.z) / h.curl_size,
                               (place.y - 0.6f * place.z) / h.curl_size, seed);
            float clump = noise(angle * 7, t * 0.02f, seed + 1);
            thick += h.curl * wave * 1.5f + 0.1f * thick * clump + 1;
            Vec out = normalised(Vec{sine, smooth(40, 118, t) * 1.2f, cosine});
            if (cosine > 0 && h.fringe > 0) out = normalised(out + Vec{0, 0, 0.2f});
            place += out * thick;
            mesh.places.push_back(place);
            mesh.marks.push_back(
                {angle * 75 + h.sweep * 0.35f * (kTop - t) + (h.curl > 1 ? 3 * wave : 0), t, inside});
        }
    mesh.follows.assign(mesh.places.size(), 1);
    join_grid(mesh, columns, rows);
    return mesh;
}

Mesh ball_of_hair(Vec centre, float radius, std::uint32_t seed) {
    constexpr int columns = 25, rows = 17;
    Mesh mesh{Material::hair};
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float a = 2 * kPi * static_cast<float>(column) / (columns - 1),
                  b = kPi * static_cast<float>(row) / (rows - 1);
            float r = radius * (1 + 0.06f * noise(a * 2, b * 3, seed));
            mesh.places.push_back(centre + Vec{r * std::sin(b) * std::sin(a), r * 0.85f * std::cos(b),
                                               r * std::sin(b) * std::cos(a)});
            mesh.marks.push_back({b * 30 + a * 6, a * 30, 40});
        }
    mesh.follows.assign(mesh.places.size(), 1);
    join_grid(mesh, columns, rows);
    return mesh;
}

Mesh ear_of(const Person& person, const Head& head, float side) {
    constexpr int columns = 25, rows = 11;
    const auto& e = person.ears;
    Ring ring = head.ring(e.height + 4);
    Vec root{side * (ring.width - 1.5f), e.height, ring.centre - 6};
    Vec back = Vec{side * std::sin(e.angle), -0.12f, -std::cos(e.angle)};
    Vec out = Vec{side * std::cos(e.angle), 0, std::sin(e.angle)};
    Mesh mesh{Material::skin};
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float ratio = static_cast<float>(row) / (rows - 1),
                  turn = 2 * kPi * static_cast<float>(column) / (columns - 1);
            float a = ratio * std::cos(turn), b = ratio * std::sin(turn);
            float wide = 17 * e.size * (b > 0 ? 1 + 0.12f * b : 1 + (0.45f - 0.3f * e.lobe) * b);
            float rim = bell((ratio - 0.86f) / 0.1f) * smooth(-0.75f, -0.3f, b);
            float deep = smooth(0.75f, 0.25f, ratio) * smooth(-0.7f, -0.2f, b);
            float ridge = bell((ratio - 0.58f) / 0.13f) * smooth(0.2f, -0.4f, a) * -0.6f;
            float rise = (3 + 3 * rim - 5 * deep + ridge) * (ratio > 0.97f ? 0.2f : 1.0f) * e.size;
            mesh.places.push_back(root + back * ((a + 0.92f) * wide) + Vec{0, b * 31 * e.size, 0} +
                                  out * rise);
            mesh.marks.push_back({a * 17, b * 30, 1 - 0.55f * deep - 0.25f * bell((ratio - 0.7f) / 0.12f)});
        }
    mesh.follows.assign(mesh.places.size(), 1);
    join_grid(mesh, columns, rows);
    return mesh;
}

Mesh neck_of(const Person& person) {
    constexpr int columns = 49, rows = 21;
    Mesh mesh{Material::skin};
    float r = person.skull.neck;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float f = static_cast<float>(row) / (rows - 1), y = mix(-25.0f, -200.0f, f);
            float angle = kPi * (2 * static_cast<float>(column) / (columns - 1) - 1);
            float wide = r * (0.7f + 0.2f * smooth(0, 0.45f, f) + 0.22f * square(smooth(0.55f, 1, f))),
                  deep = 0.96f * r;
            float front = std::cos(angle) > 0 ? 1.0f : 0.0f;
            float larynx = front * (1 + 3 * person.sturdy) * bell(angle / 0.16f, (f - 0.62f) / 0.07f);
            float cords = front * 1.5f * bell((std::abs(angle) - 0.55f + 0.35f * (f - 0.4f)) / 0.12f);
            mesh.places.push_back({std::sin(angle) * (wide + cords), y,
                                   mix(-8.0f, -30.0f, f) + std::cos(angle) * (deep + cords) + larynx});
            mesh.marks.push_back({angle * r, y, 0.35f + 0.65f * smooth(-98, -150, y)});
            mesh.follows.push_back(smooth(0.9f, 0.4f, f));
        }
    join_grid(mesh, columns, rows);
    return mesh;
}

Mesh torso_of(const Person& person) {
    constexpr int columns = 65, rows = 31;
    Curve wide(std::array<Knot, 6>{{{0, 50}, {0.12f, 66}, {0.3f, 112}, {0.5f, 172}, {0.72f, 205}, {1, 214}}});
    Curve deep(std::array<Knot, 6>{{{0, 50}, {0.12f, 58}, {0.3f, 74}, {0.5f, 92}, {0.72f, 108}, {1, 120}}});
    Curve low(std::array<Knot, 6>{
        {{0, -138}, {0.12f, -150}, {0.3f, -164}, {0.5f, -186}, {0.72f, -240}, {1, -480}}});
    float size = 0.86f + 0.22f * person.sturdy;
    Mesh mesh{Material::cloth};
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float f = static_cast<float>(row) / (rows - 1);
            float angle = kPi * (2 * static_cast<float>(column) / (columns - 1) - 1);
            float sine = std::sin(angle), cosine = std::cos(angle);
            float w = wide.at(f) * mix(1, size, smooth(0, 0.4f, f)), d = deep.at(f);
            float r = 1 / std::pow(std::pow(std::abs(sine) / w, 2.3f) + std::pow(std::abs(cosine) / d, 2.3f),
                                   1 / 2.3f);
            // In front the neck's root is lower than behind.
            float y = low.at(f) - (cosine > 0 ? 16 * cosine * smooth(0.5f, 0, f) : 0);
            Vec place{r * sine, y, -34 + r * cosine};
            mesh.places.push_back(place);
            mesh.marks.push_back(place);
        }
    mesh.follows.assign(mesh.places.size(), 0);
    join_grid(mesh, columns, rows);
    return mesh;
}

// A tube along a path.
void add_tube(Mesh& mesh, const std::vector<Vec>& path, float radius) {
    constexpr int sides = 6;
    auto first = static_cast<std::uint32_t>(mesh.places.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        Vec along = normalised(path[std::min(i + 1, path.size() - 1)] - path[i > 0 ? i - 1 : 0]);
        Vec a = normalised(cross(along, std::abs(along.z) > 0.8f ? Vec{0, 1, 0} : Vec{0, 0, 1})),
            b = cross(along, a);
        for (int k = 0; k <= sides; ++k) {
            float turn = 2 * kPi * static_cast<float>(k) / sides;
            mesh.places.push_back(path[i] + a * (radius * std::cos(turn)) + b * (radius * std::sin(turn)));
            mesh.marks.push_back({});
        }
    }
    join_grid(mesh, sides + 1, static_cast<int>(path.size()), first);
}

std::vector<Mesh> glasses_of(const Person& person, const Head& head) {
    const auto& g = person.glasses;
    Mesh frame{Material::frame}, lens{Material::lens};
    float middle = std::max(person.eyes.apart + 1, g.width + 5);
    Ring ring = head.ring(-2);
    float sine = std::sin(head.angle_of(ring, middle));
    float plane = head.place(ring, sine, std::sqrt(1 - sine * sine), middle).z + 17;
    auto bent = [&](float x, float y) { return Vec{x, y, plane - 0.0032f * x * x}; };
    for (float side : {-1.0f, 1.0f}) {
        std::vector<Vec> rim;
        auto first = static_cast<std::uint32_t>(lens.places.size());
        lens.places.push_back(bent(side * middle, -3));
        for (int i = 0; i <= 40; ++i) {
            float turn = 2 * kPi * static_cast<float>(i) / 40, c = std::cos(turn), s = std::sin(turn);
            float r = 1 / std::pow(std::pow(std::abs(c) / g.width, g.squareness) +
                                       std::pow(std::abs(s) / g.height, g.squareness),
                                   1 / g.squareness);
            rim.push_back(bent(side * middle + r * c, -3 + r * s * (s < 0 ? 1 : 0.92f)));
            lens.places.push_back(rim.back());
            if (i > 0)
                lens.triangles.push_back({first, first + static_cast<std::uint32_t>(i),
                                          first + static_cast<std::uint32_t>(i) + 1});
        }
        add_tube(frame, rim, g.thickness);
        float outer = side * (middle + g.width);
        add_tube(frame,
                 {bent(outer, 3),
                  bent(outer + side * 3, 4),
                  {side * 79, 5, plane - 32},
                  {side * 80, 4, 20},
                  {side * 79, 2, -12}},
                 std::max(g.thickness * 0.8f, 1.0f));
    }
    std::vector<Vec> bridge;
    for (int i = 0; i <= 8; ++i) {
        float f = static_cast<float>(i) / 4 - 1;
        bridge.push_back(bent(f * (middle - g.width), 1 + 3 * (1 - f * f)) + Vec{0, 0, 2.5f * (1 - f * f)});
    }
    add_tube(frame, bridge, g.thickness);
    lens.marks.resize(lens.places.size());
    frame.follows.assign(frame.places.size(), 1);
    lens.follows.assign(lens.places.size(), 1);
    return {std::move(frame), std::move(lens)};
}

}  // namespace

Sitter::Sitter(const Person& person, float age)
    : person_(person),
      age_(age),
      head_(person_, age),
      skin_(person_, head_, age),
      hair_colour_(greyed(person.hair.colour, person.seed + 5, age)) {
    meshes_.push_back(face_of(head_));
    if (person_.hair.kind != HairKind::none) meshes_.push_back(hair_of(person_, head_));
    if (person_.hair.bun > 0)
        meshes_.push_back(ball_of_hair({0, 96 * person_.skull.cranium + person_.hair.top, -48},
                                       person_.hair.bun, static_cast<std::uint32_t>(person_.seed)));
    for (float side : {-1.0f, 1.0f})
        meshes_.push_back(ear_of(person_, head_, side));
    meshes_.push_back(neck_of(person_));
    meshes_.push_back(torso_of(person_));
    glasses_ = glasses_of(person_, head_);
}

}  // namespace people
