// What the harmony and the dynamics network are given: one place, called by the engine and, through the bindings, by
// calibration and training. Pure; real-time safe.
#pragma once

#include "core/emotion.h"
#include "core/vocabulary.h"

namespace emohost {

constexpr int kContext = 64;          // second half of the harmony network's input
constexpr int kRememberedChord = 24;  // tones and root
constexpr int kDynamicsHalf = 16;     // embedding pooled, and context: the dynamics network's input
constexpr int kHarmonyPlaces = 16;    // of the bar, one-hot
constexpr float kPlayedFade = 0.9f;   // per step, of the chroma played: a bar of 16 leaves a fifth
static_assert(kRoleSizes[kHarmonyRole].inputs == kEmbedding + kContext &&
                  kRoleSizes[kDynamicsRole].inputs == 2 * kDynamicsHalf,
              "what the networks are given fits their sizes");

// What the harmony network is told of the ear, 12 from the tonic on: half the chroma heard (12, from the tonic on), a
// sixteenth for each tone of the chord that the listener names (class relative to the tonic), a quarter for its root.
void tell_of_ear(const float* chroma, int named, float* ear) noexcept;

// Harmony's context, 64: ear (12); chroma played (12, from the tonic on, sums to 1); tones (12) and root (12) of the chord
// in force (class relative to the tonic), to which what is remembered (24) is added; place in the bar, one-hot (16).
void harmony_context(const float* ear, const float* played, int chord, const float* remembered,
                     int step_in_bar, float* context) noexcept;

// Each the mean of four neighbours: 64 to 16.
void pool_embedding(const float* embedding, float* pooled) noexcept;

// What dynamics is told of the moment.
struct DynamicsMoment {
    float level, onset_strength, onset_density, articulation, key_clarity;  // as hearing::Heard
    int step_in_bar, steps_per_bar;
    float tempo;  // beats per minute
};

// Dynamics' context, 16: level, onset strength, onset density / 8, articulation, beat one-hot (4), sixteenth in the beat
// one-hot (4), sine and cosine of the bar's phase, key clarity, tempo in octaves: 0 at 60 beats a minute, 1 at 240.
void dynamics_context(const DynamicsMoment& moment, float* context) noexcept;

// All that is known when a step is planned. Pitch classes and chords are absolute, but for what is remembered.
struct StepMoment {
    int tonic;  // 0-11
    float chroma_heard[12];
    int chord_heard;  // class, -1 none
    float chroma_played[12];
    int chord_in_force;                  // class
    float remembered[kRememberedChord];  // music/chord_memory.h, from the tonic on
    DynamicsMoment dynamics;
};

struct StepInputs {
    alignas(64) float harmony[kEmbedding + kContext];
    alignas(64) float dynamics[2 * kDynamicsHalf];
};

void describe_step(const float* embedding, const StepMoment& moment, StepInputs* inputs) noexcept;

}  // namespace emohost
