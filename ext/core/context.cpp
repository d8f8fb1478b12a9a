#include "core/context.h"

#include <algorithm>
#include <cmath>

#include "core/theory/chords.h"
#include "core/theory/keys.h"

namespace emohost {

using namespace theory;

namespace {

constexpr float kChromaHeard = 0.5f, kToneNamed = 0.0625f, kRootNamed = 0.25f;
constexpr float kBusyOnsets = 8.0f;                        // onsets per second that read as 1
constexpr float kSlowTempo = 60.0f, kTempoOctaves = 2.0f;  // reads as 0; so far above it as 1

void from_tonic(const float* absolute, int tonic, float* relative) noexcept {
    for (int i = 0; i < 12; ++i) relative[i] = absolute[(tonic + i) % 12];
}

}  // namespace

void tell_of_ear(const float* chroma, int named, float* ear) noexcept {
    const uint16_t tones = chord_mask(named);
    for (int i = 0; i < 12; ++i) ear[i] = kChromaHeard * chroma[i] + (holds(tones, i) ? kToneNamed : 0.0f);
    if (chord_root(named) >= 0) ear[chord_root(named)] += kRootNamed;
}

void harmony_context(const float* ear, const float* played, int chord, const float* remembered,
                     int step_in_bar, float* context) noexcept {
    std::copy_n(ear, 12, context);
    std::copy_n(played, 12, context + 12);
    float* before = context + 24;
    const uint16_t tones = chord_mask(chord);
    for (int i = 0; i < 12; ++i) {
        before[i] = holds(tones, i) ? 1.0f : 0.0f;
        before[12 + i] = chord_root(chord) == i ? 1.0f : 0.0f;
    }
    for (int i = 0; i < kRememberedChord; ++i) before[i] += remembered[i];
    float* place = context + 48;
    std::fill_n(place, kHarmonyPlaces, 0.0f);
    place[step_in_bar % kHarmonyPlaces] = 1.0f;
}

void pool_embedding(const float* embedding, float* pooled) noexcept {
    constexpr int kPool = kEmbedding / kDynamicsHalf;
    for (int i = 0; i < kDynamicsHalf; ++i) {
        float sum = 0.0f;
        for (int k = 0; k < kPool; ++k) sum += embedding[i * kPool + k];
        pooled[i] = sum / kPool;
    }
}

void dynamics_context(const DynamicsMoment& moment, float* context) noexcept {
    const int step = moment.step_in_bar;
    const float phase = 6.2831853f * static_cast<float>(step) / static_cast<float>(moment.steps_per_bar);
    std::fill_n(context, kDynamicsHalf, 0.0f);
    context[0] = moment.level;
    context[1] = moment.onset_strength;
    context[2] = std::min(1.0f, moment.onset_density / kBusyOnsets);
    context[3] = moment.articulation;
    context[4 + step / 4 % 4] = 1.0f;
    context[8 + step % 4] = 1.0f;
    context[12] = std::sin(phase);
    context[13] = std::cos(phase);
    context[14] = moment.key_clarity;
    context[15] = std::clamp(std::log2(moment.tempo / kSlowTempo) / kTempoOctaves, 0.0f, 1.0f);
}

void describe_step(const float* embedding, const StepMoment& moment, StepInputs* inputs) noexcept {
    float heard[12], ear[12], played[12];
    from_tonic(moment.chroma_heard, moment.tonic, heard);
    from_tonic(moment.chroma_played, moment.tonic, played);
    tell_of_ear(heard, transpose_chord(moment.chord_heard, -moment.tonic), ear);
    std::copy_n(embedding, kEmbedding, inputs->harmony);
    harmony_context(ear, played, transpose_chord(moment.chord_in_force, -moment.tonic), moment.remembered,
                    moment.dynamics.step_in_bar, inputs->harmony + kEmbedding);
    pool_embedding(embedding, inputs->dynamics);
    dynamics_context(moment.dynamics, inputs->dynamics + kDynamicsHalf);
}

}  // namespace emohost
