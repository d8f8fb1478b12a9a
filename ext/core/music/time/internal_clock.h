// The clock of the host itself: the configured tempo, or the one that is tapped. Real-time safe.
#pragma once

#include "core/music/time/time_source.h"

namespace emohost::music {

class InternalClock final : public TimeSource {
  public:
    InternalClock(double sample_rate, double tempo) noexcept : sample_rate_(sample_rate), tempo_(tempo) {}

    void set_tempo(double tempo) noexcept { tempo_ = tempo; }
    double tempo() const noexcept { return tempo_; }
    // A beat was tapped at `frame`: it lies there. From the second tap in a row on, the taps set the tempo too. A tap
    // after a long pause begins anew.
    void tap(uint64_t frame) noexcept;
    // Forgets where the beat was tapped: the grid that runs goes on as it is.
    void let_go() noexcept { taps_ = 0; }

    BeatReading read(uint64_t frame) const noexcept override;

  private:
    static constexpr int kMostTaps = 8;

    void fit() noexcept;

    double sample_rate_;
    double tempo_;
    int taps_ = 0;
    uint64_t tapped_[kMostTaps] = {};  // frames, the newest last
    double late_ = 0.0;                // of the last tap behind the line through all, frames
};

}  // namespace emohost::music
