// What leads the transport: something that says how fast the beat goes and where it lies. Each kind of clock is one
// TimeSource; transport.h turns what it says into steps.
#pragma once

#include <cstdint>

#include "core/vocabulary.h"

namespace emohost::music {

// What a source says of the beat.
struct BeatReading {
    uint64_t frame = 0;       // at which `beat` holds
    double tempo = 0.0;       // beats per minute; 0: not known
    bool has_phase = false;   // `beat` is known
    bool has_bar = false;     // the whole part of `beat` counts from the downbeat, else it is arbitrary
    double beat = 0.0;        // place in the bar at `frame`, in beats, 0 on the downbeat
    int beats_per_bar = 0;    // 0: not known
    float confidence = 0.0f;  // of tempo and phase, [0, 1]
    bool exact = false;       // a clock, not an estimate: its bar holds at once
    bool lost = false;        // it was there and is gone
};

// Audio thread, real-time safe, all of it.
class TimeSource {
  public:
    // What is known at `frame`, which never goes backwards.
    virtual BeatReading read(uint64_t frame) const noexcept = 0;

  protected:
    ~TimeSource() = default;
};

}  // namespace emohost::music
