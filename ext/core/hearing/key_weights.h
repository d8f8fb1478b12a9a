// How likely what is heard is in a key, by mode and turned so that the tonic comes first: weights of the chroma (square root of
// each pitch class's share) and of the chord that is heard, both as logarithms of likelihood for each second. Fitted as the
// filter of key.h runs, by its log-likelihood of the true key, on songs of POP909 and lead sheets of OpenEWLD (none of them of
// the splits for validation and test), loops and pieces that modulate, rendered with two soundfonts.
#pragma once

#include "core/vocabulary.h"

namespace emohost::hearing {

constexpr float kChromaWeight[2][12] = {
    {0.713f, -1.19f, 0.209f, -0.926f, 0.532f, 0.436f, -1.33f, 0.844f, -0.845f, -0.0481f, -0.468f, 0.181f},
    {0.871f, -1.55f, -0.0665f, 0.629f, -0.895f, 0.101f, -0.957f, 0.808f, -0.442f, -1.01f, -0.12f, -0.321f},
};
// By class (theory/chords.h) relative to the tonic; the three diminished sevenths follow the others, then no chord.
constexpr float kChordWeight[2][theory::kChordClasses] = {
    {0.765f,  -1.82f,  -0.383f, 0.938f,  -1.94f,  -0.664f, -1.13f,  -1.32f,  -1.31f, -1.48f,  -1.04f,
     0.291f,  0.928f,  -1.08f,  1.1f,    -1.61f,  -0.934f, 0.81f,   -1.59f,  -1.16f, -0.31f,  0.466f,
     -0.444f, -1.28f,  0.823f,  0.166f,  -0.307f, 0.836f,  1.16f,   -0.633f, -1.15f, -1.17f,  0.107f,
     -1.25f,  -0.639f, 0.248f,  -2.05f,  0.86f,   -1.07f,  0.665f,  -0.465f, -1.25f, -0.258f, 0.0318f,
     -0.353f, -0.551f, 0.641f,  0.601f,  -0.192f, 0.581f,  -0.169f, -1.35f,  -1.27f, -1.0f,   -1.04f,
     -1.53f,  -0.554f, 0.955f,  -0.774f, -0.879f, 1.21f,   0.76f,   -0.17f,  -0.214f},
    {-0.486f, 0.864f,  -2.08f,  -1.25f,  0.906f,  -1.27f,  -1.16f,  -1.23f, -1.71f,  -0.795f, -1.11f,
     -1.3f,   -1.96f,  -0.946f, -2.44f,  0.668f,  -1.73f,  -1.69f,  1.26f,  -1.07f,  -1.01f,  -0.673f,
     -1.82f,  -0.95f,  -0.583f, -0.627f, 1.24f,   -1.65f,  -1.22f,  0.44f,  -0.621f, -0.914f, -1.01f,
     -1.11f,  -0.862f, 0.13f,   0.606f,  1.1f,    -0.71f,  0.487f,  0.634f, -0.723f, 1.03f,   0.698f,
     -0.828f, -0.98f,  -0.943f, -1.95f,  -0.782f, -0.654f, 0.81f,   -1.29f, 0.0717f, -0.94f,  -0.751f,
     -0.815f, -0.581f, -1.05f,  -0.413f, -0.697f, 1.01f,   -0.701f, -2.86f, 0.214f},
};
// Of how much better the chroma of the last seconds fits a key than the other one of the same signature, and of the same
// tonic; chosen on validation songs.
constexpr float kRelativeWeight = 0.6f, kParallelWeight = 0.4f;
// Modulations a second that are expected, each of the other keys as likely; how many times likelier another one has to be.
constexpr float kMoves = 0.005f, kLead = 4.5f;

}  // namespace emohost::hearing
