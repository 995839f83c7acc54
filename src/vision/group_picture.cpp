#include "vision/group_picture.h"

#include <algorithm>
#include <cmath>

#include "image/resample.h"
#include "vision/photo_folder.h"

namespace vision {
namespace {

constexpr float kHead = 0.35f;  // how much of the face's size is shown around it on each side
constexpr int kPlacesTried = 60;

void paste(image::Picture& canvas, const image::Picture& part, int left, int top) {
    for (int y = 0; y < part.height; ++y)
        std::copy_n(part.at(0, y), static_cast<std::size_t>(part.width) * 3, canvas.at(left, top + y));
}

}  // namespace

const Face* central_face(const std::vector<Face>& faces) {
    auto distance = [](const Face& face) {
        return std::hypot(face.box.left + face.box.width / 2 - 0.5f,
                          face.box.top + face.box.height / 2 - 0.5f);
    };
    auto found = std::min_element(faces.begin(), faces.end(),
                                  [&](const Face& a, const Face& b) { return distance(a) < distance(b); });
    return found == faces.end() ? nullptr : &*found;
}

PixelBox pixels_of(const Box& box, const image::Picture& picture) {
    auto width = static_cast<float>(picture.width);
    auto height = static_cast<float>(picture.height);
    return {box.left * width, box.top * height, (box.left + box.width) * width,
            (box.top + box.height) * height};
}

image::Picture group_background(std::mt19937_64& random) {
    std::uniform_int_distribution<int> level(0, 255);
    auto coarse = image::blank(12, 9, 0, 0, 0);
    for (auto& value : coarse.rgb)
        value = static_cast<std::uint8_t>(level(random));
    return image::resize(coarse, kGroupWidth, kGroupHeight);
}

std::vector<float> face_widths(std::size_t count, std::mt19937_64& random) {
    std::vector<float> widths;
    std::uniform_real_distribution<float> log_width(std::log(kFaceWidthMin), std::log(kFaceWidthMax));
    for (std::size_t i = 0; i < count; ++i)
        widths.push_back(std::exp(log_width(random)));
    std::sort(widths.rbegin(), widths.rend());
    return widths;
}

Result<GroupPicture> compose_group(image::Picture background, const std::vector<float>& widths,
                                   const std::function<Head(std::size_t)>& head, std::mt19937_64& random) {
    GroupPicture group{std::move(background), {}, {}};
    std::vector<PixelBox> taken;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const auto chosen = head(i);
        auto photo = TRY(read_photo(chosen.photo));
        auto face = pixels_of(chosen.box, photo);
        float around_x = face.width() * kHead;
        float around_y = face.height() * kHead;
        int left = std::max(0, static_cast<int>(face.left - around_x));
        int top = std::max(0, static_cast<int>(face.top - around_y));
        int right = std::min(photo.width, static_cast<int>(face.right + around_x));
        int bottom = std::min(photo.height, static_cast<int>(face.bottom + around_y));
        float scale = widths[i] / face.width();
        int head_width = static_cast<int>(static_cast<float>(right - left) * scale);
        int head_height = static_cast<int>(static_cast<float>(bottom - top) * scale);
        if (right <= left || bottom <= top || head_width < 8 || head_height < 8 ||
            head_width >= kGroupWidth || head_height >= kGroupHeight)
            continue;
        for (int tried = 0; tried < kPlacesTried; ++tried) {
            int x = std::uniform_int_distribution<int>(0, kGroupWidth - head_width)(random);
            int y = std::uniform_int_distribution<int>(0, kGroupHeight - head_height)(random);
            PixelBox place{static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + head_width),
                           static_cast<float>(y + head_height)};
            bool is_free = std::none_of(taken.begin(), taken.end(), [&](const PixelBox& other) {
                return intersection_over_smaller(place, other) > 0;
            });
            if (!is_free) continue;
            taken.push_back(place);
            paste(
                group.picture,
                image::crop_resized(photo, {left, top, right - left, bottom - top}, head_width, head_height),
                x, y);
            auto fl = static_cast<float>(left);
            auto ft = static_cast<float>(top);
            group.faces.push_back({place.left + (face.left - fl) * scale, place.top + (face.top - ft) * scale,
                                   place.left + (face.right - fl) * scale,
                                   place.top + (face.bottom - ft) * scale});
            group.heads.push_back(i);
            break;
        }
    }
    return group;
}

}  // namespace vision
