// Charts of a calibration as SVG: error rates against the cosine, one error against the other, and what
// probabilities are worth.
#pragma once

#include <string>

#include "faces/identification_measure.h"
#include "vision/calibration_fit.h"

namespace cli {

std::string calibration_chart(const vision::CalibrationReport& report, const faces::Reliability& reliability);

}  // namespace cli
