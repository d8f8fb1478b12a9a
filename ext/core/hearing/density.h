// How many onsets there are.
#pragma once

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

class Density {
  public:
    explicit Density(double hop_s)
        : share_(static_cast<float>(1.0 / kMemory_s)), decay_(1 - smoothing(hop_s, kMemory_s)) {}

    // Every tick: whether there was an onset. Real-time safe, like the rest.
    void tick(bool onset) noexcept { onsets_ += onset ? 1.0f : 0.0f; }
    void hop() noexcept {
        per_second_ = settle(per_second_ * decay_ + onsets_ * share_);
        onsets_ = 0;
    }
    void reset() noexcept { onsets_ = per_second_ = 0; }

    float per_second() const noexcept { return per_second_; }

  private:
    static constexpr double kMemory_s = 2.0;

    float share_, decay_;
    float onsets_ = 0, per_second_ = 0;
};

}  // namespace emohost::hearing
