// MIDI clock for others: whatever leads the transport, they may follow it. 24 ticks a beat, start on the first bar line
// of a beat that is trusted, stop with the transport; where bars come to begin elsewhere, a new start there. Real-time
// safe.
#pragma once

#include <cstdint>

#include "core/music/schedule.h"
#include "core/music/transport.h"

namespace emohost::music {

class ClockOut {
  public:
    explicit ClockOut(bool on) noexcept : on_(on) {}

    // Before each step moves on: its ticks.
    void step(const Transport& transport, Schedule& schedule) noexcept;
    // The transport stops at `frame`.
    void stop(uint64_t frame, Schedule& schedule) noexcept;

  private:
    bool on_;
    bool started_ = false;
    int expected_ = 0;  // step in the bar, by the starts and ticks that went out
};

}  // namespace emohost::music
