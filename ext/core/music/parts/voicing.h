// How a chord is spread over a hand: three or four notes that move as little as they can. Real-time safe.
#pragma once

namespace emohost::music {

constexpr int kMaxVoices = 4;

struct Voicing {
    int count = 0;
    int notes[kMaxVoices] = {};  // rising
};

// The voicing of `chord` in [low, high] closest to `previous` (any, if that is empty). Root, third and
// seventh are in it wherever the range holds an octave; a narrower one gets what fits. Empty for no chord.
Voicing voice_chord(int chord, const Voicing& previous, int low, int high, int voices) noexcept;

}  // namespace emohost::music
