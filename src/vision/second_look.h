// A second look at one face, at the size that suits the detector best.
//
// The landmarks of a face that was seen small, or very large, are coarse, and a face is recognised only as
// well as it is aligned. The face is therefore cut out, brought to one size and looked at again, and so is
// its mirror image: the mean of both halves the landmarks' error.
#pragma once

#include <span>
#include <vector>

#include "image/resample.h"
#include "vision/detection.h"

namespace vision {

inline constexpr int kSecondLookPx = 224;      // of the square input
inline constexpr float kSecondLookMargin = 2;  // the square's side for one of the box's longer side
inline constexpr int kSecondLooks = 2;         // as it is and mirrored

// What is cut out for a second look; may reach beyond the picture.
image::Rectangle second_look_at(const PixelBox& box);

// From the input's pixels, whole numbers at the pixels' corners as YuNet counts them, to those of the
// picture.
Detection placed_in_picture(Detection found, const image::Rectangle& cut_out);
// The same face in the mirror image of the input.
Detection mirrored(Detection found);

// What the looks say together: of each look the detection that overlaps `seen` most. A face that the second
// look does not confirm loses half of its score; one that it does has the mean of all scores.
Detection combine(const Detection& seen, std::span<const std::vector<Detection>> looks);

}  // namespace vision
