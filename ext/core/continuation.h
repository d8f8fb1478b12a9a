// Where the music has come to: what an engine that is lost tells the one that takes its place, so that the next step is
// played where it would have been, in the key and on the chord in force. A -> control, in shared.h.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/theory/chords.h"

namespace emohost {

struct Continuation {
    uint64_t step_frame;  // of the next step, on the engine's own count
    uint64_t
        step_ns;   // the same on the monotonic clock; 0: step_frame counts from the next engine's first frame
    uint64_t bar;  // of that step
    double tempo;  // beats per minute
    float reference_db;    // level that counts as medium, dBFS
    uint16_t step_in_bar;  // of that step
    int8_t tonic;          // of the key in force, -1 none
    uint8_t minor;         // 1 minor, 0 major
    int8_t chord;          // in force, before transposition: of theory/chords.h, fifths included
    uint8_t sounding;      // 1: something was heard
    uint8_t running;       // 0: the transport was stopped
    uint8_t plays;         // 1: the band had come in
    uint8_t beats_per_bar;
    uint8_t lately;  // what kind of sound was heard, hearing::Sound
    uint8_t reserved[2];

    // Another process wrote it: not to be trusted before this is true.
    bool plausible() const noexcept {
        return tempo >= 20.0 && tempo <= 300.0 && std::isfinite(reference_db) && step_in_bar < 128 &&
               tonic >= -1 && tonic < 12 && beats_per_bar >= 2 && beats_per_bar <= 7 && chord >= 0 &&
               chord < theory::kFifths + 12 && lately < static_cast<uint8_t>(hearing::Sound::count);
    }
};

static_assert(sizeof(Continuation) == 48, "the layout is shared between processes");

}  // namespace emohost
