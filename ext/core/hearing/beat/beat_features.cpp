#include "core/hearing/beat/beat_features.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kPeakLasts_s = 8;
constexpr float kLeastPower = 1e-12f;  // per hertz
constexpr float kFloor = 1e-6f;        // of the peak: what is softer is not heard beside it
constexpr float kDecades = 6;          // from that floor to the peak
constexpr float kFullRise = 3;         // decades

}  // namespace

BeatFeatures::BeatFeatures(double hop_s) : decay_(1 - smoothing(hop_s, kPeakLasts_s)) { reset(); }

void BeatFeatures::reset() noexcept {
    peak_ = kLeastPower;
    std::fill(before_, before_ + kBeatBands, 0.0f);
    std::fill(features_, features_ + kBeatFeatures, 0.0f);
}

void BeatFeatures::hop(const float* power) noexcept {
    float loudest = kLeastPower;
    for (int b = 0; b < kBeatBands; ++b) loudest = std::max(loudest, power[b]);
    peak_ = std::max(loudest, std::max(kLeastPower, decay_ * peak_));
    const float floor = kFloor * peak_;
    const float top = std::log10(peak_ + floor);
    float now[kBeatBands];
    for (int b = 0; b < kBeatBands; ++b) now[b] = std::log10(power[b] + floor) - top;
    for (int b = 0; b < kBeatBands; ++b) {
        // The neighbours, too: vibrato is no onset.
        const float before = std::max(
            before_[b], std::max(before_[std::max(b - 1, 0)], before_[std::min(b + 1, kBeatBands - 1)]));
        features_[b] = 1 + 2 * now[b] / kDecades;
        features_[kBeatBands + b] = clamp01((now[b] - before) / kFullRise);
    }
    std::copy(now, now + kBeatBands, before_);
}

}  // namespace emohost::hearing
