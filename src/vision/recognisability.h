// A pack's network for how far an embedding can be relied on: the role `quality`.
#pragma once

#include <memory>

#include "base/result.h"
#include "image/picture.h"
#include "neural/pack.h"
#include "vision/face.h"
#include "vision/networks.h"

namespace vision {

// Callable from any thread.
class RecognisabilityJudge {
public:
    // Nothing where the pack has no such role. Fails if its input is no picture of align() at
    // kFaceTemplatePx, or its thresholds `low`, `medium` and `high` do not rise.
    static Result<std::unique_ptr<RecognisabilityJudge>> create(const neural::Pack& pack);

    // `aligned` is the picture that judge_quality() takes.
    Result<Recognisability> judge(const image::Picture& aligned) const;

private:
    RecognisabilityJudge(std::shared_ptr<const neural::Model> model, const neural::Role& role);

    const neural::Normalisation normalisation_;
    float low_ = 0, medium_ = 0, high_ = 0;
    mutable Networks networks_;
};

}  // namespace vision
