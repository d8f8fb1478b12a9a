// What makes a pitch likely as the next note of the melody: network x interval x chord x scale. The factors
// were fitted to songs (src/emohost/training/melody/factors.py tells how, and prints them). Real-time safe.
#pragma once

#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

// Of the network's probability for the pitch (in [0, 1]).
float network_factor(float probability) noexcept;
// By semitones from the note before.
float interval_factor(int semitones) noexcept;
// `weight`: metrical_weight of the step.
float chord_factor(int pitch, int chord, int weight) noexcept;
// `scale`: scale_mask of key and chord.
float scale_factor(int pitch, uint16_t scale, int chord) noexcept;

// The product, for all 128 pitches. `network`: 128 probabilities as if in C major / A minor; `previous`: -1
// for none, then there is no interval.
void melody_weights(const float* network, int previous, Key key, int chord, int step, int steps_per_bar,
                    float* weights) noexcept;

}  // namespace emohost::music
