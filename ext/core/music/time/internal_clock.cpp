#include "core/music/time/internal_clock.h"

#include <algorithm>
#include <cmath>

#include "core/vocabulary.h"

namespace emohost::music {

namespace {

constexpr double kSlowestTap = kLeastTempo, kFastestTap = kMostTempo;  // beats per minute
constexpr double kPause = 1.75;  // beats of the taps so far: so long a gap ends them

}  // namespace

void InternalClock::tap(uint64_t frame) noexcept {
    const double gap =
        taps_ > 0 && frame > tapped_[taps_ - 1] ? static_cast<double>(frame - tapped_[taps_ - 1]) : 0.0;
    const double fastest = sample_rate_ * 60.0 / kFastestTap;
    if (taps_ > 0 && gap < fastest) return;  // bounced, or out of order
    const double beat = taps_ > 1 ? sample_rate_ * 60.0 / tempo_ : sample_rate_ * 60.0 / kSlowestTap;
    if (taps_ > 1 ? gap > kPause * beat || gap < beat / kPause : gap > beat) taps_ = 0;
    if (taps_ == kMostTaps) {
        std::copy(tapped_ + 1, tapped_ + kMostTaps, tapped_);
        --taps_;
    }
    tapped_[taps_++] = frame;
    fit();
}

// The line of least squares through the taps: a hand's jitter counts less the more there are.
void InternalClock::fit() noexcept {
    late_ = 0.0;
    if (taps_ < 2) return;
    const double middle = 0.5 * (taps_ - 1);
    double mean = 0.0, product = 0.0, square = 0.0;
    for (int i = 0; i < taps_; ++i) mean += static_cast<double>(tapped_[i] - tapped_[0]) / taps_;
    for (int i = 0; i < taps_; ++i) {
        product += (i - middle) * (static_cast<double>(tapped_[i] - tapped_[0]) - mean);
        square += (i - middle) * (i - middle);
    }
    const double beat = product / square;
    tempo_ = std::clamp(sample_rate_ * 60.0 / beat, kSlowestTap, kFastestTap);
    late_ = static_cast<double>(tapped_[taps_ - 1] - tapped_[0]) - (mean + middle * beat);
}

BeatReading InternalClock::read(uint64_t frame) const noexcept {
    BeatReading reading;
    reading.frame = frame;
    reading.tempo = tempo_;
    reading.confidence = 1.0f;
    if (taps_ == 0) return reading;
    const uint64_t last = tapped_[taps_ - 1];
    const double since =
        frame >= last ? static_cast<double>(frame - last) : -static_cast<double>(last - frame);
    reading.has_phase = true;
    reading.beat = (since + late_) * tempo_ / (sample_rate_ * 60.0);
    return reading;
}

}  // namespace emohost::music
