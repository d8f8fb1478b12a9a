#include "core/dsp/rhythm.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"

namespace emohost::dsp {

namespace {

constexpr double kDensity_s = 2.0;
constexpr double kMean_s = 4.0;
constexpr double kProduct_s = 4.0;
constexpr double kShortestLag_s = 0.2, kLongestLag_s = 1.25;
constexpr double kWidth_s = 0.05;  // timing that still counts as regular
constexpr float kNegligible = 1e-5f;

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

void Rhythm::reset() noexcept {
    strongest_ = onsets_ = mean_ = density_ = pulse_ = 0;
    std::fill(past_.begin(), past_.end(), 0.0f);
    std::fill(product_.begin(), product_.end(), 0.0f);
}

void Rhythm::tick(float strength, float weight) noexcept {
    strongest_ = std::max(strongest_, strength);
    onsets_ += weight;
}

void Rhythm::hop() noexcept {
    density_ = settle(density_ * density_decay_ + onsets_ * density_share_);
    mean_ = settle(mean_ + mean_share_ * (strongest_ - mean_));
    const float smear = smoothing(hop_s_, kWidth_s);
    const float newest = settle(past_[0] + smear * (strongest_ - mean_ - past_[0]));
    std::copy_backward(past_.begin(), past_.end() - 1, past_.end());
    past_[0] = newest;
    for (std::size_t lag = 0; lag < product_.size(); ++lag)
        product_[lag] = settle(product_[lag] + product_share_ * (newest * past_[lag] - product_[lag]));
    const float best = *std::max_element(product_.begin() + first_lag_, product_.end());
    pulse_ = clamp01(best / (product_[0] + kNegligible));
    strongest_ = onsets_ = 0;
}

}  // namespace emohost::dsp
