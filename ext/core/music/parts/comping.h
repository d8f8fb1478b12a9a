// The chords part: holds them when it is calm, plays them in rhythm when it is not; the rhythm of a bar is kept for each
// material. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/parts/voicing.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Comping {
  public:
    explicit Comping(uint64_t seed) noexcept : patterns_(seed, kStream) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    static constexpr uint64_t kStream = 0x62;  // of the random numbers of patterns

    struct Pattern {
        float rhythm[kMaxSteps];

        void draw(Rng& rng) noexcept;
    };

    Held density_;
    Patterns<Pattern> patterns_;
    Voicing voicing_;
    int voiced_ = kNoChord;  // the chord that voicing_ spreads
};

}  // namespace emohost::music
