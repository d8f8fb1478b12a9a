// Keys, scales and metre: what the parts need to know of music. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost::theory {

struct Key {
    int tonic = -1;  // 0 = C; -1 unknown
    bool minor = false;
    bool known() const noexcept { return tonic >= 0; }
    bool operator==(const Key& other) const noexcept { return tonic == other.tonic && minor == other.minor; }
};

inline int pitch_class(int pitch) noexcept { return ((pitch % 12) + 12) % 12; }
inline bool holds(uint16_t mask, int pitch) noexcept { return mask >> pitch_class(pitch) & 1; }
uint16_t rotate_mask(uint16_t mask, int semitones) noexcept;

// Pitch classes of major or natural minor; over a chord with the leading note (the dominant), minor has its
// seventh raised.
uint16_t scale_mask(Key key, int chord) noexcept;

// Semitones from C major or A minor to the key, the shorter way: -6 to 5.
int shift_from_c(Key key) noexcept;

// The key whose scale and triad hold most of a chroma; in silence C, minor where the valence is low.
Key key_of_chroma(const float* chroma, float valence) noexcept;

// Weight of a sixteenth in its bar: 4 the bar's first, 3 the middle of an even bar, 2 a beat, 1 an eighth, 0
// the rest.
constexpr int kWeights = 5;
int metrical_weight(int step, int steps_per_bar) noexcept;

// How usual a chord (relative to the tonic) is in the key: 1 for the tonic triad, down to 0.003 for
// strangers.
float chord_usage(int chord, bool minor) noexcept;

}  // namespace emohost::theory
