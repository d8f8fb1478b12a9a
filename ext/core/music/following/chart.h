// The chord chart: chords that are known beforehand, one for each beat, round and round. Where in it the player is, is
// told by what is heard: each bar of the chart has a score for being the one that is played now, raised by each beat on
// which its chord is heard and lowered by each on which another is. The first bar is expected where music begins. Where
// the ear goes on to disagree with every bar, the player has left the chart, and what is heard holds until a bar of it
// fits again. Real-time safe.
#pragma once

#include <cstdint>

#include "core/vocabulary.h"

namespace emohost::music {

class Chart {
  public:
    static constexpr int kLeft = -2, kNone = -1;

    Chart() noexcept { clear(); }
    // `chords`: a class for each beat, whole bars of `beats_per_bar`; at most kChartBeats. Not while it plays.
    void set(const int8_t* chords, int beats, int beats_per_bar) noexcept;
    // From the first bar again.
    void clear() noexcept;

    // Before each step, in order. `heard`: the chord that the ear is sure of, -1 unknown. The chord that the chart has for
    // the step, absolute; -1: no chart, none at this beat, another metre, or the player has left it.
    int step(int step_in_bar, int steps_per_bar, int heard) noexcept;
    // The chord that it has `steps` after the last step, likewise.
    int ahead(int step_in_bar, int steps_per_bar, int steps) const noexcept;
    // Bar of the chart, from 0, at the last step; kNone without a chart, kLeft where the player has left it.
    int bar() const noexcept { return bars_ == 0 ? kNone : left_ ? kLeft : bar_; }

  private:
    static constexpr int kStepsPerBeat = 4;

    int chord(int bar, int beat) const noexcept { return chords_[bar * beats_per_bar_ + beat]; }
    void next_bar() noexcept;
    void score(int beat, int heard) noexcept;

    int8_t chords_[kChartBeats] = {};
    // By the distance, in bars, from the bar that is played: how well the chart fitted there.
    float scores_[kChartBeats];
    int bars_ = 0, beats_per_bar_ = 4;
    int bar_ = 0;
    bool begun_ = false;  // something was heard
    float agreed_ = 1;    // share of the last beats on which the ear agreed
    bool left_ = false;
};

}  // namespace emohost::music
