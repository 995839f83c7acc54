// Whether a face wears glasses, from the edges around its eyes. Inside the room.
#pragma once

#include <vector>

#include "image/picture.h"
#include "vision/attributes.h"
#include "vision/detection.h"

namespace vision {

// Histograms of the gradients' directions (Dalal and Triggs, "Histograms of Oriented Gradients for Human
// Detection", 2005) in cells of 8 pixels over the eyes, weighed by a linear function that training/eyewear.py
// fitted to faces labelled by eye. Glasses with dark lenses count as glasses too.
Judgement judge_glasses(const image::Picture& picture, const PixelLandmarks& landmarks);

// The histograms of `aligned`, kEyewearPx square: rows of cells, nine directions each, every cell in
// proportion to the energy of the 3 x 3 cells around it.
inline constexpr int kEyewearPx = 112;
inline constexpr int kEyewearRows = 6, kEyewearColumns = 14, kEyewearDirections = 9;
std::vector<float> gradient_histograms(const image::Picture& aligned);

}  // namespace vision
