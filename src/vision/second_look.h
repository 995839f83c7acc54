// A second look at one face, at the size that suits the detector best.
//
// The landmarks of a face that was seen small, or very large, are coarse, and a face is recognised only as
// well as it is aligned. The face is therefore cut out at two sizes and looked at again, and so are the
// mirror images: where a detector puts a landmark changes by 4 % of the eye distance when a picture moves by
// three pixels, and the mean of the looks changes by half of that.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "image/resample.h"
#include "vision/detection.h"

namespace vision {

inline constexpr int kSecondLookPx = 192;  // of the square input
// The squares' sides for one of the box's longer side; each is seen as it is and mirrored.
inline constexpr std::array kSecondLookMargins{1.6f, 1.9f};
inline constexpr std::size_t kSecondLooks = 2 * kSecondLookMargins.size();

// What is cut out for a second look; may reach beyond the picture.
image::Rectangle second_look_at(const PixelBox& box, float margin);

// From the input's pixels, whole numbers at the pixels' corners as YuNet counts them, to those of the
// picture.
Detection placed_in_picture(Detection found, const image::Rectangle& cut_out);
// The same face in the mirror image of the input.
Detection mirrored(Detection found);

// What the looks say together: of each look the surest detection that overlaps `seen`. The landmarks are the
// mean of those; the score is the mean of `seen` and all looks, of which one that does not see the face
// counts 0, because patterns that pass for a face once seldom do so at another size. The box stays: which
// face is the largest must not depend on how many are looked at again.
Detection combine(const Detection& seen, std::span<const std::vector<Detection>> looks);

}  // namespace vision
