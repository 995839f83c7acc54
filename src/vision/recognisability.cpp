#include "vision/recognisability.h"

#include <algorithm>
#include <cmath>

#include "vision/alignment.h"

namespace vision {
namespace {

constexpr const char* kRole = "quality";

// NaN where the role states none, which is neither above nor below anything.
float threshold(const neural::Role& role, const char* name) {
    auto found = role.thresholds.find(name);
    return found == role.thresholds.end() ? std::nanf("") : static_cast<float>(found->second);
}

}  // namespace

RecognisabilityJudge::RecognisabilityJudge(std::shared_ptr<const neural::Model> model,
                                           const neural::Role& role)
    : normalisation_(role.normalisation),
      low_(threshold(role, "low")),
      medium_(threshold(role, "medium")),
      high_(threshold(role, "high")),
      networks_(std::move(model), 1) {}

Result<std::unique_ptr<RecognisabilityJudge>> RecognisabilityJudge::create(const neural::Pack& pack) {
    if (!pack.description().has_role(kRole)) return std::unique_ptr<RecognisabilityJudge>();
    const auto* role = TRY(pack.role(kRole));
    if (role->width != kFaceTemplatePx || role->height != kFaceTemplatePx)
        return Error::failure("the input of the role quality is not 112 x 112");
    auto model = TRY(pack.model(kRole));
    std::unique_ptr<RecognisabilityJudge> judge(new RecognisabilityJudge(std::move(model), *role));
    if (!(judge->low_ < judge->medium_ && judge->medium_ < judge->high_))
        return Error::failure("the thresholds low, medium and high of the role quality do not rise");
    return judge;
}

Result<Recognisability> RecognisabilityJudge::judge(const image::Picture& aligned) const {
    auto session = TRY(networks_.lease(kFaceTemplatePx, kFaceTemplatePx));
    session->load(aligned.rgb, static_cast<std::size_t>(kFaceTemplatePx) * 3, normalisation_);
    TRY(session->run());
    const auto output = session->output(0);
    if (output.size() != 1 || !std::isfinite(output[0]))
        return Error::failure("the network for quality does not give one number");
    using Grade = Recognisability::Grade;
    const float expected = std::clamp(output[0], 0.0f, 1.0f);
    const auto grade = expected >= high_     ? Grade::high
                       : expected >= medium_ ? Grade::medium
                       : expected >= low_    ? Grade::low
                                             : Grade::poor;
    return Recognisability{expected, grade};
}

}  // namespace vision
