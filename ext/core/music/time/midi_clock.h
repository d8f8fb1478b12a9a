// MIDI clock from outside leads: start, stop, continue, song position and 24 ticks a beat. Real-time safe.
//
// The place of the beat is read off a line of least squares through the latest ticks, so that their jitter averages out;
// when they leave the line, because the tempo changed, it is drawn anew through the newest. A clock that falls silent
// is lost: the line goes on, and who reads it is told.
#pragma once

#include <cstdint>

#include "core/music/time/time_source.h"

namespace emohost::music {

class MidiClock final : public TimeSource {
  public:
    // What the transport is to do.
    enum class Does { nothing, start, stop };

    explicit MidiClock(double sample_rate) noexcept : sample_rate_(sample_rate) {}

    // One message that came at `frame`. With `start` the step that position() says falls on this very frame.
    Does receive(const uint8_t* bytes, int size, uint64_t frame) noexcept;
    // In sixteenths since the start of the song, of the first tick since it started.
    uint64_t position() const noexcept { return position_; }

    BeatReading read(uint64_t frame) const noexcept override;

  private:
    static constexpr int kMost = 192;  // ticks: eight beats

    Does tick(uint64_t frame) noexcept;
    void fit() noexcept;
    double misses(int newest) const noexcept;

    double sample_rate_;
    uint64_t position_ = 0;
    bool starts_ = false;  // with the next tick
    bool runs_ = false;
    uint64_t since_start_ = 0;  // ticks, the newest not counted

    uint64_t ticks_[kMost] = {};  // frames, the newest last
    int count_ = 0;
    double interval_ = 0.0;  // frames between ticks, of the line; 0: none yet
    double late_ = 0.0;      // of the newest tick behind the line, frames
};

}  // namespace emohost::music
