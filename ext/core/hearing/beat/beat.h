// The beat that is heard: what a tracker of the beat says, for whoever follows it.
#pragma once

#include <cstdint>

namespace emohost::hearing {

struct BeatHeard {
    uint64_t frame = 0;             // at which `phase` and `beat_in_bar` hold
    double tempo = 0;               // beats per minute; 0: none found yet
    double phase = 0;               // since the last beat, in beats, [0, 1)
    int beat_in_bar = -1;           // of the last beat: 0 is the downbeat; -1: not known
    int metre = 0;                  // beats per bar; 0: not known
    float confidence = 0;           // of tempo and phase, [0, 1]: from 0.5 on they are believed
    float downbeat_confidence = 0;  // of beat_in_bar and metre likewise
};

}  // namespace emohost::hearing
