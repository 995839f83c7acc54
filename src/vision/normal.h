// The normal distribution.
#pragma once

namespace vision {

double normal_density(double z);
// The share of the distribution at or above z.
double upper_tail(double z);
// The z whose upper tail is `share`, which is above 0 and below 1.
double tail_quantile(double share);

}  // namespace vision
