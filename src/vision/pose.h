// Which way a head is turned, from its five landmarks.
#pragma once

#include "vision/detection.h"

namespace vision {

// Signs as Pose documents them. A mean face in three dimensions is fitted under weak perspective (DeMenthon
// and Davis 1995, first step), after the roll has been taken out.
Pose estimate_pose(const PixelLandmarks& landmarks);

}  // namespace vision
