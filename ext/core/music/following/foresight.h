// Which chord comes: what was heard so long ago that it matched what has been heard since. A loop, a verse that returns,
// eight bars played again. Lags are counted in steps of the transport and need no bar lines: how well each lag has matched is
// told by the chord changes, which may be a step early or late.
//
// Each lag has a score: a change that came where the lag has one, to the same chord, raises it; a chord that goes on to
// differ lowers it, but by no more than about one change is worth. So a loop that breaks once goes on being foreseen.
// Memory is of a fixed size. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost::music {

struct Foreseen {
    int chord = -1;            // absolute class; -1: nothing is foreseen
    float probability = 0.0f;  // of its triad
};

class Foresight {
  public:
    Foresight() noexcept { clear(); }
    void clear() noexcept;

    // At each step, in order: the chord that is heard; -1 unknown. A step that does not follow the last one clears.
    // `settled`: steps after which what was heard is not corrected any more.
    void hear(uint64_t step, int chord, int settled) noexcept;
    // It is now known that `chord` began at `step`, not later than the last one heard.
    void correct(uint64_t step, int chord) noexcept;

    // The chord at a step that is not heard yet, by lags that reach back to what was heard.
    Foreseen at(uint64_t step) const noexcept;
    // The shortest lag that matches about as well as the best does; 0: none matches.
    int loop() const noexcept;

  private:
    static constexpr int kLeastLag = 16, kMostLag = 512;
    static constexpr int kSteps = 1024;  // remembered; a power of two

    int triad(uint64_t step) const noexcept { return triads_[step % kSteps]; }
    bool changes(uint64_t step) const noexcept { return triad(step) != triad(step - 1); }
    void learn(uint64_t step) noexcept;
    void write(uint64_t step, int chord) noexcept;

    uint64_t first_ = 0, next_ = 0;  // steps heard: from, up to
    int least_ = kLeastLag;          // lag at which what was heard is settled
    int8_t chords_[kSteps];          // absolute class, -1
    int8_t triads_[kSteps];          // root and third as a number, -1
    float scores_[kMostLag];
    float exact_[kMostLag];      // share of its changes that came on their very step
    uint8_t differs_[kMostLag];  // steps since the lag last matched
};

}  // namespace emohost::music
