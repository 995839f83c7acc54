// Networks whose publishers give out their weights alone: the graphs that those weights belong to. Inside the
// room.
//
// face-api (github.com/justadudewhohacks/face-api.js, MIT) describes three, for 112 x 112 pictures in RGB:
//   face-api/age-gender    a small Xception (Chollet 2017): outputs `age` {1, 1} in years and `gender` {1,
//   2},
//                          the probabilities of male and female
//   face-api/expression    four blocks of depthwise-separable convolutions, densely summed: output
//   `expression`
//                          {1, 7}, the probabilities of neutral, happy, sad, angry, fearful, disgusted,
//                          surprised
//   face-api/landmarks-68  the same blocks: output `landmarks` {1, 136}, x and y of 68 points (Sagonas et
//   al.,
//                          "300 Faces In-the-Wild", 2013) as ratios of the picture
#pragma once

#include <memory>
#include <string_view>

#include "neural/graph.h"
#include "neural/weights.h"

namespace neural::detail {

bool has_topology(std::string_view name);

// `name` is one that has_topology() knows. The weights must be those of the topology: one missing, one too
// many or one of another rank is not_a_model.
Result<std::unique_ptr<const Graph>> graph_of(std::string_view name, const Weights& weights);

}  // namespace neural::detail
