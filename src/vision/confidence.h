// From the detector's score to a confidence of 0 to 100, and back.
#pragma once

namespace vision {

// A logistic curve: a score of 0.5, which is as often a pattern as a face, counts 50; 0.6 counts 85 and
// 0.9 99.9. Scores of clear faces lie between 0.85 and 0.95.
float confidence_of_score(float score);
float score_of_confidence(float confidence);

}  // namespace vision
