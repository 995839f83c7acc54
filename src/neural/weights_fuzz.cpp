// Any bytes as a manifest and its shards, parted by the first zero byte; what is read becomes a network where
// it can.
#include <algorithm>
#include <cstdlib>

#include "neural/network.h"
#include "neural/weights.h"

std::vector<std::string> seeds() {
    using namespace std::string_literals;
    return {
        R"([{"paths": ["a"], "weights": [{"name": "fc/bias", "shape": [2], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}}, {"name": "fc/weights", "shape": [1, 2], "dtype": "float32", "quantization": {"dtype": "float16"}}]}])"
        "\0\1\2\3\4\5\6"s,
        R"([{"paths": ["a"], "weights": [{"name": "dense0/conv0/filters", "shape": [1, 1, 3, 1], "dtype": "float32"}]}])"
        "\0\1\2\3\4\5\6\7\10\11\12\13\14"s,
    };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* end = std::find(data, data + size, 0);
    const std::string_view manifest(reinterpret_cast<const char*>(data),
                                    static_cast<std::size_t>(end - data));
    const base::ByteView shards(end == data + size ? end : end + 1, data + size);
    for (const char* topology : {"face-api/age-gender", "face-api/expression", "face-api/landmarks-68"})
        (void)neural::Model::read_weights(topology, manifest, shards);
    auto weights = neural::detail::read_weights(manifest, shards);
    if (!weights) return 0;
    // Every tensor holds as many numbers as its shape says.
    for (const auto& [name, tensor] : *weights)
        if (neural::detail::elements(tensor->shape) != static_cast<std::int64_t>(tensor->floats.size()))
            std::abort();
    return 0;
}
