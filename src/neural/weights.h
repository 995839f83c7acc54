// A network's weights as TensorFlow.js publishes them: a manifest in JSON that names each tensor, its shape
// and how it was quantised, and a file with their numbers one after the other. Inside the room. Source:
// github.com/tensorflow/tfjs, "WeightsManifestConfig": groups of `paths` and `weights`; uint8 and uint16
// numbers n stand for n * scale + min, float16 for themselves.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "neural/graph.h"

namespace neural::detail {

inline constexpr std::size_t kManifestBytesMax = std::size_t{1} << 20;

using Weights = std::map<std::string, ConstantPtr>;

// `shards` holds the bytes of all shards in the manifest's order, and nothing else. Refusals: not_a_model,
// too_large, and unsupported_operator for a kind of number that we do not read.
Result<Weights> read_weights(std::string_view manifest, base::ByteView shards);

}  // namespace neural::detail
