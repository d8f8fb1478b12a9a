// The last chord of a piece: bass, chord and a tone of it for the melody, rung out. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/stage.h"

namespace emohost::music {

// The chord to end on: the one that is heard, as long as the player holds it; else the tonic triad, where the key is known.
int last_chord(const Moment& moment, bool held) noexcept;

struct LastChord {
    double steps = 0;     // that it rings
    bool melody = false;  // a tone for the melody, also where it rests
    bool drums = false;   // they hit it, if it is played again
};

// Plays `moment.chord` at the moment. What sounds already and belongs to it is held instead of played again.
void play_last_chord(const Moment& moment, const LastChord& how, Stage& stage) noexcept;

}  // namespace emohost::music
