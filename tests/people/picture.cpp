#include "people/picture.h"

#include "people/noise.h"

namespace people {
namespace {

struct Canvas {
    int width = 0;
    int height = 0;
    std::vector<Vec> colour;  // linear light

    Vec& at(int x, int y) {
        return colour[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
};

Vec any_colour(Chance& c) {
    Vec colour{c.share(), c.share(), c.share()};
    float grey = (colour.x + colour.y + colour.z) / 3;
    return mix(Vec{grey, grey, grey}, colour, c.between(0.1f, 0.8f)) * c.between(0.1f, 0.95f);
}

// Soft spots of light: a street at night, a tree.
void add_spots(Canvas& canvas, Chance& c, int count, float largest) {
    auto side = static_cast<float>(canvas.height);
    for (int i = 0; i < count; ++i) {
        Vec colour = any_colour(c);
        float x0 = c.share() * static_cast<float>(canvas.width), y0 = c.share() * side,
              r = c.between(0.03f, largest) * side;
        float strength = c.between(0.3f, 0.95f), soft = c.between(0.05f, 0.9f);
        int left = std::max(0, static_cast<int>(x0 - r)),
            right = std::min(canvas.width - 1, static_cast<int>(x0 + r));
        int top = std::max(0, static_cast<int>(y0 - r)),
            bottom = std::min(canvas.height - 1, static_cast<int>(y0 + r));
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) {
                float d =
                    std::sqrt(square(static_cast<float>(x) - x0) + square(static_cast<float>(y) - y0)) / r;
                Vec& pixel = canvas.at(x, y);
                pixel = mix(pixel, colour, strength * smooth(1, 1 - soft, d));
            }
    }
}

// Upright and lying boxes: shelves, windows, houses.
void add_boxes(Canvas& canvas, Chance& c, int count) {
    for (int i = 0; i < count; ++i) {
        Vec colour = any_colour(c);
        int width = 1 + static_cast<int>(c.between(0.03f, 0.4f) * static_cast<float>(canvas.width));
        int height = 1 + static_cast<int>(c.between(0.03f, 0.6f) * static_cast<float>(canvas.height));
        int left = static_cast<int>(c.between(-0.2f, 1) * static_cast<float>(canvas.width));
        int top = static_cast<int>(c.between(-0.2f, 1) * static_cast<float>(canvas.height));
        float strength = c.between(0.4f, 1);
        for (int y = std::max(0, top); y < std::min(canvas.height, top + height); ++y)
            for (int x = std::max(0, left); x < std::min(canvas.width, left + width); ++x) {
                Vec& pixel = canvas.at(x, y);
                pixel = mix(pixel, colour, strength);
            }
    }
}

void blur(Canvas& canvas, float deviation) {
    if (deviation < 0.15f) return;
    // Three box filters are nearly a Gaussian (Kovesi, 2010); below two pixels the kernel is written out.
    int reach = static_cast<int>(std::ceil(2.5f * deviation));
    std::vector<float> kernel(static_cast<std::size_t>(2 * reach + 1));
    float sum = 0;
    for (int i = -reach; i <= reach; ++i)
        sum += kernel[static_cast<std::size_t>(i + reach)] =
            bell(static_cast<float>(i) / (deviation * 1.05f));
    for (auto& weight : kernel)
        weight /= sum;
    std::vector<Vec> line(static_cast<std::size_t>(std::max(canvas.width, canvas.height)));
    auto filter = [&](int length, auto&& pixel) {
        for (int i = 0; i < length; ++i)
            line[static_cast<std::size_t>(i)] = pixel(i);
        for (int i = 0; i < length; ++i) {
            Vec out;
            for (int k = -reach; k <= reach; ++k)
                out += line[static_cast<std::size_t>(std::clamp(i + k, 0, length - 1))] *
                       kernel[static_cast<std::size_t>(k + reach)];
            pixel(i) = out;
        }
    };
    for (int y = 0; y < canvas.height; ++y)
        filter(canvas.width, [&](int x) -> Vec& { return canvas.at(x, y); });
    for (int x = 0; x < canvas.width; ++x)
        filter(canvas.height, [&](int y) -> Vec& { return canvas.at(x, y); });
}

Canvas background(std::uint64_t seed, int width, int height) {
    Chance c(seed);
    Canvas canvas{width, height};
    canvas.colour.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    Vec top = any_colour(c), bottom = c.happens(0.5f) ? any_colour(c) : top * c.between(0.5f, 1.3f);
    float turn = c.about(0, 0.5f), edge = c.between(0.2f, 0.9f), soft = c.between(0.02f, 0.8f);
    auto noise_seed = static_cast<std::uint32_t>(c.bits());
    float rough = c.between(0, 0.25f), size = c.between(2, 30);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            float fx = static_cast<float>(x) / static_cast<float>(height),
                  fy = static_cast<float>(y) / static_cast<float>(height);
            float way = fy + turn * (fx - 0.5f);
            Vec colour = mix(top, bottom, smooth(edge - soft, edge + soft, way));
            canvas.at(x, y) = colour * (1 + rough * rough_noise(fx * size, fy * size, noise_seed));
        }
    int kind = c.below(4);
    if (kind == 1) add_spots(canvas, c, 8 + c.below(40), 0.16f);
    if (kind == 2) add_boxes(canvas, c, 4 + c.below(30));
    if (kind == 3) add_boxes(canvas, c, 3 + c.below(8)), add_spots(canvas, c, 3 + c.below(12), 0.3f);
    if (kind != 0) blur(canvas, std::min(c.between(0, 0.012f) * static_cast<float>(height), 8.0f));
    return canvas;
}

void put(Canvas& canvas, const Layer& layer, int left, int top) {
    for (int y = std::max(0, -top); y < std::min(layer.height, canvas.height - top); ++y)
        for (int x = std::max(0, -left); x < std::min(layer.width, canvas.width - left); ++x) {
            auto from = static_cast<std::size_t>(y) * static_cast<std::size_t>(layer.width) +
                        static_cast<std::size_t>(x);
            Vec& pixel = canvas.at(left + x, top + y);
            pixel = pixel * (1 - layer.cover[from]) + layer.colour[from];
        }
}

// Linear light to sRGB with a soft shoulder, by a table.
class Develop {
public:
    explicit Develop(float contrast) {
        for (std::size_t i = 0; i < table_.size(); ++i) {
            float x = static_cast<float>(i) / static_cast<float>(table_.size() - 1) * kBrightest;
            x = x < 0.6f ? x : 0.6f + 0.4f * (1 - 1 / (1 + (x - 0.6f) * 2.5f));
            float srgb = x <= 0.0031308f ? 12.92f * x : 1.055f * std::pow(x, 1 / 2.4f) - 0.055f;
            table_[i] = 0.5f + (srgb - 0.5f) * contrast;
        }
    }
    float operator()(float x) const {
        float at = std::clamp(x * (1 / kBrightest), 0.0f, 1.0f) * static_cast<float>(table_.size() - 1);
        return table_[static_cast<std::size_t>(at + 0.5f)];
    }

private:
    static constexpr float kBrightest = 4;
    std::array<float, 8192> table_;
};

image::Picture developed(Canvas& canvas, const Camera& camera, std::uint64_t seed) {
    blur(canvas, camera.blur);
    Chance c(seed ^ 0x677261696E);
    Develop develop(camera.contrast);
    image::Picture picture{canvas.width, canvas.height, {}};
    picture.rgb.resize(canvas.colour.size() * 3);
    for (std::size_t i = 0; i < canvas.colour.size(); ++i) {
        Vec v = canvas.colour[i];
        float grey = dot(v, {0.21f, 0.72f, 0.07f});
        v = mix(Vec{grey, grey, grey}, v, camera.saturation);
        float grain = c.about(0, camera.grain);
        for (auto [channel, value] : {std::pair{0, v.x}, {1, v.y}, {2, v.z}}) {
            float noisy = develop(value) + grain + 0.4f * c.about(0, camera.grain);
            picture.rgb[3 * i + static_cast<std::size_t>(channel)] =
                static_cast<std::uint8_t>(clamp01(noisy) * 255 + 0.5f);
        }
    }
    return picture;
}

}  // namespace

Portrait portrait(const Sitter& sitter, const Shot& shot, int side) {
    auto length = static_cast<float>(side);
    Framing framing{
        side, side, {length * (0.5f + shot.shift_x), length * (0.5f + shot.shift_y)}, length * shot.face};
    Layer layer = render(sitter, shot, framing);
    Canvas canvas = background(shot.background, side, side);
    put(canvas, layer, 0, 0);
    return {developed(canvas, shot.camera, shot.background), layer.label};
}

Group group(const std::vector<Member>& members, int width, int height) {
    Group out;
    std::uint64_t seed = members.empty() ? 0 : members[0].shot.background;
    Camera camera = members.empty() ? Camera{} : members[0].shot.camera;
    Canvas canvas = background(seed, width, height);
    for (const auto& member : members) {
        // A layer only as large as head and shoulders.
        int side = static_cast<int>(member.face_px * 3.4f);
        int left = static_cast<int>(member.middle.x) - side / 2,
            top = static_cast<int>(member.middle.y) - side * 2 / 5;
        int right = std::min(width, left + side), bottom = std::min(height, top + side);
        left = std::max(0, left), top = std::max(0, top);
        Framing framing{
            std::max(1, right - left),
            std::max(1, bottom - top),
            {member.middle.x - static_cast<float>(left), member.middle.y - static_cast<float>(top)},
            member.face_px};
        Layer layer = render(*member.sitter, member.shot, framing);
        put(canvas, layer, left, top);
        for (auto& point : layer.label.landmarks)
            point.x += static_cast<float>(left), point.y += static_cast<float>(top);
        layer.label.box.left += static_cast<float>(left), layer.label.box.top += static_cast<float>(top);
        out.labels.push_back(layer.label);
    }
    out.picture = developed(canvas, camera, seed);
    return out;
}

image::Picture scenery(std::uint64_t seed, int width, int height) {
    Canvas canvas = background(seed, width, height);
    return developed(canvas, Camera{}, seed);
}

}  // namespace people
