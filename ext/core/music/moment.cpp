#include "core/music/moment.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr float kNeutral = 0.5f;  // of an output in [0, 1] that is missing or no number

float within(float x, float low, float high, float otherwise) noexcept {
    return std::isfinite(x) ? std::clamp(x, low, high) : otherwise;
}

}  // namespace

Advice::Advice(const Outputs& outputs) noexcept
    : has_melody(outputs.melody != nullptr),
      has_harmony(outputs.harmony != nullptr),
      has_dynamics(outputs.dynamics != nullptr) {
    for (int i = 0; i < kMelodyNotes; ++i)
        melody[i] = has_melody ? within(outputs.melody[i], 0.0f, 1.0f, 0.0f) : 0.0f;
    for (int i = 0; i < kChordClasses; ++i)
        harmony[i] = has_harmony ? within(outputs.harmony[i], 0.0f, 1.0f, 0.0f) : 0.0f;
    for (int i = 0; i < kDynamics; ++i)
        dynamics[i] = has_dynamics ? within(outputs.dynamics[i], 0.0f, 1.0f, kNeutral) : kNeutral;
    for (int i = 0; i < kGrooveSteps; ++i) {
        emphasis[i] = outputs.groove ? within(outputs.groove[2 * i], -1.0f, 1.0f, 0.0f) : 0.0f;
        offset[i] = outputs.groove ? within(outputs.groove[2 * i + 1], -0.5f, 0.5f, 0.0f) : 0.0f;
    }
}

float activity_of(Emotion emotion) noexcept {
    return 0.5f + 0.5f * within(emotion.arousal, -1.0f, 1.0f, 0.0f);
}

float ramp(float x, float low, float high) noexcept {
    const float share = std::clamp((x - low) / (high - low), 0.0f, 1.0f);
    return share * share * (3.0f - 2.0f * share);
}

}  // namespace emohost::music
