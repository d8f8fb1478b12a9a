// What the beat network hears of each hop: how loud each band is against the loudest lately, and how much it rose.
// After the log-filtered spectrogram and its first difference of S. Boeck, F. Krebs and G. Widmer ("Joint beat and
// downbeat tracking with recurrent neural networks", ISMIR 2016). A gain changes nothing. Real-time safe.
#pragma once

#include "core/vocabulary.h"

namespace emohost::hearing {

constexpr int kBeatBands = 64;
constexpr int kBeatFeatures = 2 * kBeatBands;  // levels, then rises
static_assert(kRoleSizes[kBeatRole].inputs == kBeatFeatures, "what the beat network is given fits its size");

class BeatFeatures {
  public:
    explicit BeatFeatures(double hop_s);
    // power: mean power per hertz of each band in the window that ends with the hop.
    void hop(const float* power) noexcept;
    void reset() noexcept;
    // [-1, 1] of each band's level; [0, 1] of its rise over the last hop, 1 being 30 dB.
    const float* features() const noexcept { return features_; }

  private:
    float decay_;
    float peak_ = 0;
    float before_[kBeatBands];  // decades, of the hop before
    float features_[kBeatFeatures] = {};
};

}  // namespace emohost::hearing
