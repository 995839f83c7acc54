#include "people/shot.h"

namespace people {
namespace {

Expression expression_of(Chance c, float strength) {
    Expression e;
    e.lids = c.about(1, 0.1f);
    e.gaze_x = c.about(0, 7 * strength);
    e.gaze_y = c.about(0, 4 * strength);
    float kind = c.share();
    if (kind < 0.25f) {
        e.smile = c.between(0, 0.2f);
    } else if (kind < 0.55f) {
        e.smile = c.between(0.3f, 0.9f);
        e.lids -= 0.15f * e.smile;
    } else if (kind < 0.7f) {  // a laugh
        e.smile = c.between(0.6f, 1), e.open = c.between(3, 6 + 8 * strength), e.lids -= 0.3f * e.smile;
    } else if (kind < 0.78f) {
        e.frown = c.between(0.4f, 1), e.brows_up = c.between(0, 2);
    } else if (kind < 0.85f) {
        e.furrow = c.between(0.5f, 1), e.frown = c.between(0, 0.5f), e.lids -= 0.1f;
    } else if (kind < 0.91f) {
        e.brows_up = c.between(2, 6), e.open = c.between(2, 6 + 10 * strength), e.lids += 0.2f;
    } else if (kind < 0.97f) {
        e.open = c.between(1, 5), e.pucker = c.between(0, 0.6f);
    } else {
        e.lids = strength > 0.8f ? 0 : 0.5f;
    }
    return e;
}

Vec white(Chance& c, float spread) {
    float warm = c.about(0, spread);
    return {1 + 0.5f * warm, 1 + 0.05f * warm, 1 - 0.5f * warm};
}

Light light_of(Chance c, float strength) {
    Light light;
    float around = c.about(0, 40 + 22 * strength) * kPi / 180,
          above = c.about(28, 14 + 10 * strength) * kPi / 180;
    light.key_direction = {std::sin(around) * std::cos(above), std::sin(above),
                           std::cos(around) * std::cos(above)};
    float hard = c.between(0.25f, 0.7f + 0.25f * strength);  // share of the lamp
    light.key = white(c, 0.13f * (0.5f + strength)) * hard;
    Vec room = white(c, 0.1f * (0.5f + strength)) * (1 - hard);
    light.sky = room * c.between(0.9f, 1.3f);
    light.ground = room * white(c, 0.1f) * c.between(0.35f, 0.9f);
    if (c.happens(0.35f)) {
        float side = c.happens(0.5f) ? 1.0f : -1.0f;
        light.rim_direction = normalised({side * 0.85f, c.between(-0.1f, 0.6f), -c.between(0.1f, 0.8f)});
        light.rim = white(c, 0.2f) * c.between(0.2f, 1);
    }
    light.exposure = 1 + c.about(0, 0.11f + 0.13f * strength);
    return light;
}

}  // namespace

Shot shot_of(Chance& chance, Variety variety, bool wears_glasses) {
    float strength = variety == Variety::wild ? 1.0f : 0.35f;
    Shot shot;
    auto pose = chance.part();
    shot.yaw = pose.about(0, 12 + 15 * strength);
    shot.pitch = pose.about(0, 5 + 7 * strength);
    shot.roll = pose.about(0, 4 + 8 * strength);
    shot.expression = expression_of(chance.part(), strength);
    shot.light = light_of(chance.part(), strength);
    auto camera = chance.part();
    shot.camera.distance = camera.between(700, 2200);
    shot.camera.blur = camera.between(0.2f, 0.6f + 0.7f * strength);
    shot.camera.grain = camera.between(0.002f, 0.012f + 0.025f * strength);
    shot.camera.contrast = camera.about(1, 0.05f + 0.08f * strength);
    shot.camera.saturation = camera.about(1, 0.08f + 0.14f * strength);
    shot.camera.jpeg_quality = static_cast<int>(camera.between(strength > 0.8f ? 55.0f : 80.0f, 96));
    // Who wears glasses takes them off now and then.
    shot.glasses = wears_glasses ? !chance.happens(0.1f * strength)
                                 : chance.happens(0.06f * (strength > 0.8f ? 1.0f : 0.0f));
    shot.background = chance.bits();
    auto frame = chance.part();
    shot.face = frame.between(0.42f, 0.62f);
    shot.shift_x = frame.about(0, 0.03f);
    shot.shift_y = frame.about(0.02f, 0.03f);
    return shot;
}

const char* name_of(const Expression& e) {
    if (e.lids < 0.2f) return "eyes_closed";
    if (e.smile > 0.2f) return e.open > 2 ? "laugh" : "smile";
    if (e.brows_up > 1.9f && e.open > 1) return "surprised";
    if (e.furrow > 0.3f) return "angry";
    if (e.frown > 0.3f) return "sad";
    if (e.open > 0.9f) return "talking";
    return "neutral";
}

}  // namespace people
