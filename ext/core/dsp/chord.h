// The chord that sounds, among the classes of music/chords.h with absolute root; smoothed, -1 when unclear.
#pragma once

#include "core/music/chords.h"

namespace emohost::dsp {

class ChordFinder {
  public:
    explicit ChordFinder(double step_s);

    // upper, bass: salience of the 12 pitch classes at this step (zeros in silence). Real-time safe.
    void update(const float* upper, const float* bass) noexcept;
    void reset() noexcept;

    int chord() const noexcept { return chord_; }

  private:
    float stay_;
    float silent_s_ = 0;
    double step_s_;
    float probability_[music::kChordClasses] = {};
    float template_[music::kChordClasses][12] = {};
    int chord_ = -1;
};

}  // namespace emohost::dsp
