// The drums part: General MIDI percussion, patterns drawn step by step. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Drums {
  public:
    explicit Drums(uint64_t seed) noexcept : rng_(seed, 4) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    void hit(int sound, float chance, float loudness, const Moment& moment, Stage& stage) noexcept;
    Rng rng_;
};

}  // namespace emohost::music
