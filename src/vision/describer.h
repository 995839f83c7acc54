// A face to its attributes, by whichever attribute networks a pack has. Inside the room.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/picture.h"
#include "neural/pack.h"
#include "vision/attributes.h"
#include "vision/detection.h"
#include "vision/judgement.h"
#include "vision/networks.h"

namespace vision {

// Callable from any thread.
//
// The roles `age_gender`, `expression`, `landmarks_68` and `attributes` are looked at. What a network tells
// is known by the names of its outputs, in whichever role it is:
//   age {1, 1} in years; gender {1, n}, first the probability of male; expression {1, 7} as emotions_of()
//   takes it; landmarks {1, 136} as ratios of the aligned picture; beard, mustache, eyes_open, sunglasses and
//   face_occluded {1, 1}, each the probability of it
// What the pack has no network for is told by the pack that is part of the program (`builtin`), if it can.
// A role states its alignment, and in `thresholds` what turns numbers into judgements (docs/formats/pack.md).
class Describer {
public:
    // Fails if a role states no alignment or another input size than that of the alignment.
    static Result<std::unique_ptr<Describer>> create(const neural::Pack& pack);

    // Runs the networks that the choice needs, each once.
    Result<FaceAttributes> describe(const image::Picture& picture, const PixelLandmarks& landmarks,
                                    const AttributeChoice& choice) const;

private:
    struct Reader;
    struct Readings;
    Describer() = default;
    Result<void> add_readers(const neural::Pack& pack);

    const Reader* reader_of(const std::string& output) const;
    Result<Readings> read(const image::Picture& picture, const PixelLandmarks& landmarks,
                          const std::set<std::string>& outputs) const;
    std::optional<MouthMeasure> mouth_measure(const std::string& name) const;

    std::vector<std::unique_ptr<Reader>> readers_;
    std::optional<AgeSpread> age_spread_;
    std::optional<MouthMeasure> smile_;
    std::optional<MouthMeasure> mouth_open_;

public:
    ~Describer();
};

}  // namespace vision
