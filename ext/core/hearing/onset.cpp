#include "core/hearing/onset.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"
#include "core/signal/resample.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr int kLowBands = 6;  // up to 0.5 kHz
constexpr float kFloorBelowPeak = 1e-5f;
constexpr float kLeastFloor = 1e-11f;  // mean square per band
constexpr float kLeastRise = 0.45f;    // dB, mean over bands
constexpr float kRiseOverMean = 4.6f;
constexpr float kFirstMean = 0.22f;     // dB; as of noise, until the sound is known
constexpr float kUsual = 0.25f;         // dB; the mean leaves out what is far above it
constexpr float kRearm = 0.5f;          // of the threshold
constexpr float kFullStrength = 15.0f;  // dB
constexpr int kUnwidened = 12;          // bands below 0.9 kHz are wider than any vibrato

}  // namespace

void OnsetDetector::reset() noexcept {
    std::fill(&widened_[0][0], &widened_[0][0] + kMostLags * kBands, 10 * std::log10(kLeastFloor));
    newest_ = 0;
    since_onset_ = hold_ticks_;
    mean_ = kFirstMean;
    peak_ = 0;
    armed_ = true;
}

std::size_t OnsetDetector::memory_bytes() const noexcept {
    return sizeof *this + fft_.memory_bytes() + bank_.memory_bytes() +
           (window_.size() + frame_.size() + power_.size()) * sizeof(float);
}

// Rise in dB, root mean square over the bands.
float OnsetDetector::flux() noexcept {
    const float* signal = signal_.end() - kSize;
    for (int i = 0; i < kSize; ++i) frame_[i] = signal[i] * window_[i];
    fft_.power(frame_.data(), power_.data());
    float level[kBands];
    bank_.apply(power_.data(), level);
    float loudest = 0;
    for (float& x : level) {
        x *= scale_;
        loudest = std::max(loudest, x);
    }
    peak_ = settle(loudest > peak_ ? loudest : peak_ + peak_share_ * (loudest - peak_));
    const float floor = kLeastFloor + kFloorBelowPeak * peak_;
    for (float& x : level) x = 10.0f * std::log10(x + floor);

    float reference[kBands];
    std::fill(reference, reference + kBands, -200.0f);
    for (int lag = kNearest; lag <= low_lags_; ++lag) {
        const float* past = widened_[(newest_ + 1 - lag + kMostLags) % kMostLags];
        const int bands = lag <= lags_ ? kBands : kLowBands;
        for (int b = 0; b < bands; ++b) reference[b] = std::max(reference[b], past[b]);
    }
    float squares = 0;
    for (int b = 0; b < kBands; ++b) {
        const float rise = std::max(0.0f, level[b] - reference[b]);
        squares += rise * rise;
    }

    newest_ = (newest_ + 1) % kMostLags;
    float* kept = widened_[newest_];
    std::copy(level, level + kUnwidened, kept);
    for (int b = kUnwidened; b < kBands; ++b)
        kept[b] = std::max(level[b], std::max(level[b - 1], level[std::min(b + 1, kBands - 1)]));
    return std::sqrt(squares / kBands);
}

OnsetAnswer OnsetDetector::tick(bool open) noexcept {
    const float rise = flux();
    const float threshold = kLeastRise + kRiseOverMean * mean_;
    if (!open)
        mean_ = kFirstMean;
    else
        mean_ = settle(mean_ + mean_share_ * (std::min(rise, kUsual + 2 * mean_) - mean_));
    if (since_onset_ < hold_ticks_) ++since_onset_;
    if (rise < kRearm * threshold) armed_ = true;

    OnsetAnswer answer;
    answer.strength = clamp01(rise / kFullStrength);
    if (open && armed_ && rise > threshold && since_onset_ >= hold_ticks_) {
        answer.onset = true;
        armed_ = false;
        since_onset_ = 0;
    }
    return answer;
}

}  // namespace emohost::hearing
