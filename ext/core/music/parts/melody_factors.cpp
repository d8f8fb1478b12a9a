#include "core/music/parts/melody_factors.h"

#include <cmath>
#include <cstdlib>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr int kNotes = 128;
constexpr float kNetworkFloor = 1e-5f;  // of a note's probability: none is impossible

// As melody_factors.py prints them, for POP909 and OpenEWLD.
constexpr float kNetworkExponent = 0.733f;
constexpr float kInterval[25] = {0.0131f, 0.0135f, 0.0126f, 0.0384f, 0.0389f, 0.0728f, 0.0342f,
                                 0.128f,  0.185f,  0.403f,  0.965f,  1.0f,    0.569f,  0.967f,
                                 0.855f,  0.41f,   0.184f,  0.13f,   0.029f,  0.0853f, 0.0538f,
                                 0.0669f, 0.035f,  0.0235f, 0.0332f};
constexpr float kFurtherDown = 0.00137f, kFurtherUp = 0.00233f;
// By metrical weight: a semitone above a chord tone, another that is none.
constexpr float kOutOfChord[kWeights][2] = {
    {0.174f, 0.337f}, {0.169f, 0.265f}, {0.0915f, 0.179f}, {0.0729f, 0.121f}, {0.0532f, 0.139f}};
constexpr float kOutOfScaleInChord = 0.6f, kOutOfScale = 0.02f;

}  // namespace

float network_factor(float probability) noexcept {
    return std::pow(probability + kNetworkFloor, kNetworkExponent);
}

float interval_factor(int semitones) noexcept {
    if (std::abs(semitones) <= 12) return kInterval[semitones + 12];
    return semitones < 0 ? kFurtherDown : kFurtherUp;
}

float chord_factor(int pitch, int chord, int weight) noexcept {
    const uint16_t mask = chord_mask(chord);
    if (mask == 0 || holds(mask, pitch)) return 1.0f;
    return kOutOfChord[weight][holds(mask, pitch - 1) ? 0 : 1];
}

float scale_factor(int pitch, uint16_t scale, int chord) noexcept {
    if (holds(scale, pitch)) return 1.0f;
    return holds(chord_mask(chord), pitch) ? kOutOfScaleInChord : kOutOfScale;
}

void melody_weights(const float* network, int previous, Key key, int chord, int step, int steps_per_bar,
                    float* weights) noexcept {
    const uint16_t scale = scale_mask(key, chord);
    const int shift = shift_from_c(key);
    const int weight = metrical_weight(step, steps_per_bar);
    for (int pitch = 0; pitch < kNotes; ++pitch) {
        const int asked = pitch - shift;
        weights[pitch] = network_factor(asked >= 0 && asked < kNotes ? network[asked] : 0.0f) *
                         chord_factor(pitch, chord, weight) * scale_factor(pitch, scale, chord);
        if (previous >= 0) weights[pitch] *= interval_factor(pitch - previous);
    }
}

}  // namespace emohost::music
