#include "people/person.h"

#include <array>

#include "people/chance.h"

namespace people {
namespace {

// A drawing has less to tell people apart by than a photograph, so its features differ more than real ones
// do. Measured with measure_people: at 1 different persons are at cosine 0.37 in the median, at 1.8 at 0.24.
constexpr float kSkulls = 1.3f;
constexpr float kFeatures = 1.8f;

// From very fair to very dark, as sRGB; what lies between is interpolated.
Vec skin_colour(float melanin, float warmth) {
    static const std::array<Vec, 7> tones = {colour_of(246, 214, 196), colour_of(236, 194, 168),
                                             colour_of(222, 171, 138), colour_of(198, 144, 108),
                                             colour_of(160, 108, 76),  colour_of(112, 72, 50),
                                             colour_of(66, 42, 32)};
    float place = clamp01(melanin) * 5.999f;
    auto tone = static_cast<std::size_t>(place);
    Vec colour = mix(tones[tone], tones[tone + 1], place - static_cast<float>(tone));
    return colour * Vec{1 + 0.04f * warmth, 1 + 0.01f * warmth, 1 - 0.14f * warmth};
}

Vec hair_colour(Chance& chance, float melanin) {
    static const std::array<Vec, 9> colours = {
        colour_of(14, 12, 12),   colour_of(34, 24, 20),    colour_of(62, 42, 30),
        colour_of(98, 66, 42),   colour_of(120, 60, 34),   colour_of(168, 84, 38),
        colour_of(168, 128, 78), colour_of(214, 180, 120), colour_of(232, 214, 178)};
    // Dark skin nearly always goes with dark hair.
    float light = chance.share() * (melanin > 0.55f ? 0.28f : melanin > 0.3f ? 0.62f : 1.0f);
    float place = light * 7.999f;
    auto lower = static_cast<std::size_t>(place);
    return mix(colours[lower], colours[lower + 1], place - static_cast<float>(lower));
}

Vec iris_colour(Chance& chance, float melanin) {
    static const std::array<Vec, 7> colours = {
        colour_of(46, 28, 18),  colour_of(70, 42, 24),   colour_of(104, 70, 36),  colour_of(110, 104, 52),
        colour_of(78, 110, 86), colour_of(96, 124, 142), colour_of(118, 150, 186)};
    float light = chance.share() * (melanin > 0.5f ? 0.3f : 1.0f);
    float place = light * 5.999f;
    auto lower = static_cast<std::size_t>(place);
    return mix(colours[lower], colours[lower + 1], place - static_cast<float>(lower));
}

Skull skull_of(Chance c, float sturdy) {
    Skull s;
    s.width = c.about(1, kSkulls * 0.055f);
    s.depth = c.about(1, kSkulls * 0.04f);
    s.cranium = c.about(1, kSkulls * 0.06f);
    s.lower_face = c.about(0.97f + 0.05f * sturdy, kSkulls * 0.065f);
    s.temples = c.about(1, kSkulls * 0.035f);
    s.cheekbones = c.about(1.01f, kSkulls * 0.045f);
    s.jaw = c.about(0.95f + 0.09f * sturdy, kSkulls * 0.085f);
    s.chin = std::max(0.6f, c.about(0.9f + 0.22f * sturdy, kSkulls * 0.2f));
    s.chin_forward = c.about(0, kSkulls * 4);
    s.chin_ball = c.about(3.5f, kSkulls * 2.2f);
    s.chin_cleft = c.happens(0.2f) ? c.between(0.6f, 2.2f) : 0;
    s.jaw_slant = c.about(1, kSkulls * 0.22f);
    s.forehead = c.about(1 - 2 * sturdy, kSkulls * 3);
    s.squareness = c.about(2.3f + 0.15f * sturdy, kSkulls * 0.16f);
    s.brow_ridge = c.about(0.6f + 2.8f * sturdy, kSkulls * 1.2f);
    s.cheek_bone = std::max(0.0f, c.about(3.2f, kSkulls * 2));
    s.cheek_fat = c.about(0.5f, kSkulls * 3.6f);
    s.muzzle = c.about(2.5f, kSkulls * 2.2f);
    s.double_chin = std::max(0.0f, c.about(-2, kSkulls * 4));
    s.neck = c.about(48 + 11 * sturdy, kSkulls * 4);
    s.crooked = c.between(0.3f, 1.3f);
    return s;
}

Eyes eyes_of(Chance c, float melanin) {
    Eyes e;
    e.apart = std::max(26.0f, c.about(31.8f, kFeatures * 2.1f));
    e.width = std::max(11.0f, c.about(14.6f, kFeatures * 1.2f));
    e.upper = std::max(2.6f, c.about(5.4f, kFeatures * 1.1f));
    e.lower = std::max(1.8f, c.about(3.7f, kFeatures * 0.7f));
    e.slant = c.about(0.06f, kFeatures * 0.09f);
    e.outer_fullness = c.about(0, kFeatures * 0.5f);
    e.depth = c.about(5, kFeatures * 2.2f);
    e.bulge = c.about(4, kFeatures * 1.2f);
    e.crease = std::max(1.0f, c.about(4, kFeatures * 1.5f));
    e.crease_depth = clamp01(c.about(0.55f, kFeatures * 0.4f));
    e.lashes = c.share();
    e.iris = c.about(5.9f, kFeatures * 0.3f);
    e.bags = clamp01(c.about(0.25f, kFeatures * 0.35f));
    e.dark_circles = clamp01(c.about(0.2f, kFeatures * 0.3f));
    e.iris_colour = iris_colour(c, melanin);
    return e;
}

Brows brows_of(Chance c, float sturdy, const Vec& hair) {
    Brows b;
    b.height = c.about(20.5f - 2 * sturdy, kFeatures * 2.4f);
    b.length = std::max(15.0f, c.about(26, kFeatures * 3.2f));
    b.thickness = std::max(1.6f, c.about(3.8f + 1.6f * sturdy, kFeatures * 1.6f));
    b.arch = c.about(3.6f - 1.6f * sturdy, kFeatures * 1.9f);
    b.slant = c.about(0.04f, kFeatures * 0.09f);
    b.gap = std::max(3.0f, c.about(11, kFeatures * 3));
    b.density = clamp01(c.about(0.72f, kFeatures * 0.3f));
    b.colour = mix(hair, colour_of(26, 20, 18), c.between(0.1f, 0.7f));
    return b;
}

Nose nose_of(Chance c, float sturdy) {
    Nose n;
    n.length = std::max(36.0f, c.about(45 + 2 * sturdy, kFeatures * 4));
    n.root = c.about(3 + 2 * sturdy, kFeatures * 2.2f);
    n.bridge = std::max(4.0f, c.about(10 + 2 * sturdy, kFeatures * 2.6f));
    n.hump = c.about(0, kFeatures * 1.7f);
    n.tip = std::max(11.0f, c.about(18.5f + 2 * sturdy, kFeatures * 3.2f));
    n.tip_width = std::max(5.0f, c.about(9, kFeatures * 2));
    n.bridge_width = std::max(3.5f, c.about(6.6f, kFeatures * 1.4f));
    n.wings = std::max(8.5f, c.about(14 + 1.4f * sturdy, kFeatures * 2.6f));
    n.wing_size = std::max(3.5f, c.about(6, kFeatures * 1.2f));
    n.tip_up = c.about(0.5f - sturdy, kFeatures * 2);
    n.bend = c.about(0, kFeatures * 0.8f);
    return n;
}

Mouth mouth_of(Chance c, float sturdy, const Vec& skin, float nose_end) {
    Mouth m;
    m.height = -nose_end - c.about(20 + 1.5f * sturdy, kFeatures * 2.6f);
    m.width = std::max(17.0f, c.about(24 + 1.5f * sturdy, kFeatures * 2.8f));
    m.upper = std::max(2.0f, c.about(7 - 1.4f * sturdy, kFeatures * 2.1f));
    m.lower = std::max(3.5f, c.about(9 - 1.2f * sturdy, kFeatures * 2.2f));
    m.bow = clamp01(c.about(0.3f, kFeatures * 0.25f));
    m.corners = c.about(0, kFeatures * 1.4f);
    m.fullness = std::max(0.5f, c.about(3.2f, kFeatures * 1.4f));
    m.philtrum = c.about(1, kFeatures * 0.7f);
    m.colour = mix(skin * Vec{0.86f, 0.55f, 0.56f}, colour_of(150, 62, 62), c.between(0.1f, 0.4f));
    return m;
}

Skin skin_of(Chance c, float melanin) {
    Skin s;
    s.colour = skin_colour(melanin, c.about(0, 1));
    s.ruddy = clamp01(c.about(0.35f, 0.35f)) * (1 - 0.6f * melanin);
    s.freckles = c.happens(melanin < 0.35f ? 0.3f : 0.06f) ? c.between(0.25f, 1) : 0;
    s.blotches = clamp01(c.about(0.35f, 0.35f));
    s.moles = c.happens(0.7f) ? c.between(0, 9) : 0;
    s.shine = c.between(0.1f, 0.7f);
    s.lines = c.between(0.5f, 1.5f);
    s.scar = c.happens(0.08f) ? 1.0f : 0.0f;
    s.pores = c.share();
    s.birthmark = c.happens(0.04f) ? c.between(0.4f, 1) : 0;
    return s;
}

Hair hair_of(Chance c, float sturdy, float age, float melanin, const Vec& natural) {
    Hair h;
    h.colour = natural;
    if (c.happens(0.05f)) h.colour = mix(colour_of(150, 40, 60), colour_of(60, 90, 160), c.share());
    h.line = c.about(66, 6);
    h.recession = std::max(0.0f, c.about(4, 8)) * sturdy;
    h.peak = c.happens(0.3f) ? c.between(2, 9) : 0;
    h.shine = c.between(0.15f, 1);
    h.streaks = c.between(0.1f, 0.8f);
    h.parting = c.about(0, 0.5f);
    h.sweep = c.about(0, 1.2f);
    float style = c.share();
    bool is_man = sturdy > 0.5f;
    if (is_man && c.happens(0.12f + 0.006f * std::max(0.0f, age - 30))) {  // bald, or nearly
        h.kind = c.happens(0.5f) ? HairKind::none : HairKind::cropped;
        h.line = c.between(85, 118);
        h.top = 1.2f, h.sides = c.between(2, 7), h.recession = 10, h.thinning = 1, h.length = -50;
        return h;
    }
    if (style < (melanin > 0.5f ? 0.4f : 0.16f)) {
        h.kind = HairKind::curls;
        h.top = is_man ? c.between(8, 38) : c.between(16, 60);
        h.sides = h.top * c.between(0.35f, 1);
        h.curl = c.between(1.5f, 5);
        h.curl_size = c.between(5, 15);
        h.length = is_man ? c.between(-55, -30) : c.between(-130, -30);
        h.curtain = c.between(0.95f, 1.35f);
        h.fringe = c.happens(0.3f) ? c.between(5, 28) : 0;
        return h;
    }
    if (is_man ? style < 0.9f : style < 0.32f) {
        h.kind = c.happens(is_man ? 0.25f : 0.1f) ? HairKind::cropped : HairKind::short_cut;
        bool cropped = h.kind == HairKind::cropped;
        h.top = cropped ? c.between(1.5f, 5) : c.between(7, 34);
        h.sides = cropped ? c.between(1, 3) : c.between(2, 14);
        h.length = c.between(-70, -40);
        h.fringe = !cropped && c.happens(0.45f) ? c.between(5, 40) : 0;
        h.fringe_slant = c.about(0, 14);
        h.curl = c.happens(0.3f) ? c.between(0.5f, 2.5f) : 0;
        return h;
    }
    h.kind = !is_man && c.happens(0.25f) ? HairKind::tied : HairKind::long_cut;
    h.top = c.between(5, 22);
    h.sides = c.between(5, 20);
    h.length = h.kind == HairKind::tied ? -45 : c.between(-210, -60);
    h.curtain = c.between(0.85f, 1.4f);
    h.fringe = c.happens(0.4f) ? c.between(10, 46) : 0;
    h.fringe_slant = c.about(0, 16);
    h.curl = c.happens(0.4f) ? c.between(0.5f, 3) : 0;
    h.curl_size = c.between(9, 20);
    h.bun = h.kind == HairKind::tied && c.happens(0.7f) ? c.between(22, 42) : 0;
    return h;
}

Beard beard_of(Chance c, float sturdy, const Vec& hair) {
    Beard b;
    if (sturdy < 0.5f) return b;
    b.colour = hair * c.between(0.6f, 1.15f);
    b.shadow = c.between(0, 0.5f);
    float kind = c.share();
    if (kind < 0.42f) return b;
    b.length = c.between(0, 3);
    if (kind < 0.55f) {  // stubble
        b.cheeks = b.chin = b.moustache = c.between(0.25f, 0.6f);
        b.length = 0;
    } else if (kind < 0.66f) {
        b.moustache = c.between(0.7f, 1), b.length = c.between(1, 4);
    } else if (kind < 0.8f) {
        b.chin = c.between(0.6f, 1), b.moustache = c.happens(0.7f) ? b.chin : 0, b.length = c.between(1, 9);
    } else {
        b.cheeks = c.between(0.6f, 1), b.chin = 1, b.moustache = c.between(0.5f, 1);
        b.length = c.between(2, 16);
    }
    return b;
}

Glasses glasses_of(Chance c, float age) {
    Glasses g;
    g.worn = c.happens(0.15f + 0.004f * age);
    g.width = c.between(20, 27);
    g.height = g.width * c.between(0.55f, 0.95f);
    g.squareness = c.between(2, 5);
    g.thickness = c.between(0.8f, 3.4f);
    g.colour = c.happens(0.6f) ? colour_of(16, 15, 16) * c.between(0.5f, 3)
                               : Vec{c.between(0.02f, 0.5f), c.between(0.02f, 0.3f), c.between(0.02f, 0.3f)};
    return g;
}

MakeUp make_up_of(Chance c, float sturdy) {
    MakeUp m;
    if (sturdy > 0.5f || c.happens(0.4f)) return m;
    m.lips = c.between(0, 0.9f);
    m.lids = c.happens(0.5f) ? c.between(0, 0.6f) : 0;
    m.liner = c.between(0, 1);
    m.cheeks = c.between(0, 0.5f);
    m.lip_colour = mix(colour_of(196, 60, 80), colour_of(112, 26, 44), c.share());
    m.lid_colour = mix(colour_of(96, 74, 92), colour_of(70, 92, 120), c.share());
    return m;
}

}  // namespace

Person person_of(std::uint64_t seed) {
    Chance chance(seed);
    Person p;
    p.seed = seed;
    float melanin = chance.share();
    p.sturdy = chance.happens(0.5f) ? chance.between(0, 0.4f) : chance.between(0.6f, 1);
    p.age = chance.between(18, 78);
    auto colours = chance.part();
    Vec hair = hair_colour(colours, melanin);
    p.skull = skull_of(chance.part(), p.sturdy);
    p.eyes = eyes_of(chance.part(), melanin);
    p.nose = nose_of(chance.part(), p.sturdy);
    p.skin = skin_of(chance.part(), melanin);
    p.mouth = mouth_of(chance.part(), p.sturdy, p.skin.colour, p.nose.length);
    p.hair = hair_of(chance.part(), p.sturdy, p.age, melanin, hair);
    p.brows = brows_of(chance.part(), p.sturdy, hair);
    p.beard = beard_of(chance.part(), p.sturdy, hair);
    p.glasses = glasses_of(chance.part(), p.age);
    p.make_up = make_up_of(chance.part(), p.sturdy);
    auto ears = chance.part();
    p.ears = {ears.about(1, 0.12f), ears.about(0.5f, 0.22f), ears.share(), ears.about(-6, 4)};
    return p;
}

}  // namespace people
