// How a chord is spread over a hand: three or four notes that move as little as they can. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/moment.h"
#include "core/music/styles/style.h"

namespace emohost::music {

constexpr int kMaxVoices = 4;

struct Voicing {
    int count = 0;
    int notes[kMaxVoices] = {};  // rising
};

struct VoicingRules {
    int low = 0, high = 127;
    int voices = 3;
    Position position = Position::any;
    int bass = -1;    // what the bass plays: voices stay above it; -1: nothing
    int bottom = -1;  // pitch class that lies lowest at best; -1: any
};

// The voicing of the tones (bit per pitch class) within the rules that is closest to `previous` (any, if that is empty). All
// of as many tones as voices are in it wherever the range holds an octave; a narrower one gets what fits.
Voicing voice_tones(uint16_t tones, const Voicing& previous, const VoicingRules& rules) noexcept;

// Of a chord, without its fifth where three voices have to do for four tones. Empty for no chord.
Voicing voice_chord(int chord, const Voicing& previous, int low, int high, int voices) noexcept;

// The chord's tones with what the style adds to them, as many as voices at most: nothing that the key does not hold or that
// what is heard contradicts. `rootless`: something else plays the root.
uint16_t tones_in_style(const Moment& moment, int chord, int voices, bool rootless) noexcept;

}  // namespace emohost::music
