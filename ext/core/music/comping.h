// The chords part: holds them when it is calm, plays them in rhythm when it is not. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"
#include "core/music/voicing.h"

namespace emohost::music {

class Comping {
  public:
    explicit Comping(uint64_t seed) noexcept : rng_(seed, 2) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    Rng rng_;
    Voicing voicing_;
    int voiced_ = kNoChord;  // the chord that voicing_ spreads
};

}  // namespace emohost::music
