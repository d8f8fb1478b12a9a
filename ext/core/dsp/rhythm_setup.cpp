// Builds the memory of onsets. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"
#include "core/dsp/rhythm.h"

namespace emohost::dsp {

namespace {

constexpr double kDensity_s = 2.0;
constexpr double kMean_s = 4.0;
constexpr double kProduct_s = 4.0;
constexpr double kShortestLag_s = 0.2, kLongestLag_s = 1.25;

}  // namespace

Rhythm::Rhythm(double hop_s)
    : hop_s_(hop_s),
      first_lag_(std::max(1, static_cast<int>(std::lround(kShortestLag_s / hop_s)))),
      density_share_(static_cast<float>(1.0 / kDensity_s)),
      density_decay_(1 - smoothing(hop_s, kDensity_s)),
      mean_share_(smoothing(hop_s, kMean_s)),
      product_share_(smoothing(hop_s, kProduct_s)),
      past_(std::max(first_lag_, static_cast<int>(std::lround(kLongestLag_s / hop_s))) + 1),
      product_(past_.size()) {}

}  // namespace emohost::dsp
