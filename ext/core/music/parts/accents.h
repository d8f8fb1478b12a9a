// The accents part: answers each onset heard at once, with a tone of the chord; one note at a time. Real-time
// safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Accents {
  public:
    Accents(uint64_t seed, double sample_rate) noexcept : rng_(seed, 5), sample_rate_(sample_rate) {}
    // `chord` is the one in force, kNoChord if none.
    void onset(uint64_t frame, const hearing::Heard& heard, float activity, Key key, int chord_heard,
               int chord, Stage& stage) noexcept;

  private:
    Rng rng_;
    double sample_rate_;
    uint64_t next_ = 0;  // no answer before this frame
    int previous_ = -1;
};

}  // namespace emohost::music
