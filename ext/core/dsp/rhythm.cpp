#include "core/dsp/rhythm.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"

namespace emohost::dsp {

namespace {

constexpr double kWidth_s = 0.05;  // timing that still counts as regular
constexpr float kNegligible = 1e-5f;

}  // namespace

void Rhythm::reset() noexcept {
    strongest_ = onsets_ = mean_ = density_ = pulse_ = 0;
    std::fill(past_.begin(), past_.end(), 0.0f);
    std::fill(product_.begin(), product_.end(), 0.0f);
}

void Rhythm::tick(float strength, bool onset) noexcept {
    strongest_ = std::max(strongest_, strength);
    onsets_ += onset ? 1.0f : 0.0f;
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
