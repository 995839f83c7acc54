#include "vision/recognisability.h"

#include <algorithm>
#include <cmath>

namespace vision {
namespace {

std::optional<float> threshold(const neural::Role& role, const char* name) {
    auto found = role.thresholds.find(name);
    if (found == role.thresholds.end()) return std::nullopt;
    return static_cast<float>(found->second);
}

}  // namespace

Result<std::optional<RecognisabilityScale>> RecognisabilityScale::create(const neural::Role& role,
                                                                         const neural::Model& model) {
    const auto low = threshold(role, "expected_low"), medium = threshold(role, "expected_medium"),
               high = threshold(role, "expected_high");
    if (!low && !medium && !high) return std::optional<RecognisabilityScale>{};
    if (!low || !medium || !high || !(0 < *low && *low < *medium && *medium < *high && *high < 1))
        return Error::failure("the embedder's bars of the expected cosine do not rise between 0 and 1");

    RecognisabilityScale scale;
    scale.bars_ = {*low, *medium, *high};
    scale.asks_network_ = std::any_of(model.outputs().begin(), model.outputs().end(),
                                      [](const neural::Port& port) { return port.name == kExpectedCosine; });
    if (scale.asks_network_) return std::optional(scale);
    const auto middle = threshold(role, "length_middle"), spread = threshold(role, "length_spread");
    if (!middle || !spread || !(*spread > 0))
        return Error::failure("the embedder has bars of the expected cosine, and nothing tells it");
    scale.length_middle_ = *middle;
    scale.length_spread_ = *spread;
    return std::optional(scale);
}

float RecognisabilityScale::reliability(float length, float said) const {
    if (asks_network_) return std::clamp(said, 0.0f, 1.0f);
    return 1 / (1 + std::exp(-(length - length_middle_) / length_spread_));
}

Recognisability RecognisabilityScale::grade(float reliability) const {
    const auto reached =
        std::count_if(bars_.begin(), bars_.end(), [&](float bar) { return reliability >= bar; });
    return static_cast<Recognisability>(reached);
}

float RecognisabilityScale::bar(Recognisability grade) const {
    return grade == Recognisability::poor ? 0 : bars_[static_cast<std::size_t>(grade) - 1];
}

}  // namespace vision
