// The bass part: roots, fifths, and steps towards them; one note at a time. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Bass {
  public:
    explicit Bass(uint64_t seed) noexcept : rng_(seed, 3) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    int choose_class(const Moment& moment) noexcept;
    Rng rng_;
    int previous_ = -1;
};

}  // namespace emohost::music
