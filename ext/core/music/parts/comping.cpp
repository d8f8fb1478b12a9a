#include "core/music/parts/comping.h"

#include <algorithm>

namespace emohost::music {

namespace {

constexpr float kRepeat[kWeights] = {0.05f, 0.3f, 0.5f, 0.8f,
                                     0.9f};  // chance to play again, by metrical weight
constexpr float kFourVoicesAbove = 0.55f;    // activity
constexpr float kTolerance = 0.15f;          // of the density that a pattern is made for

// From the rest of the bar when calm to an eighth when excited, as much of it as the gate says.
double length_in_steps(const Moment& moment) noexcept {
    const float calm = static_cast<float>(moment.steps_left());
    const float full = mix(calm, std::min(calm, 2.0f), ramp(moment.place.activity, 0.3f, 0.85f));
    return full * mix(0.5f, 1.0f, moment.gate(kChords));
}

}  // namespace

void Comping::Pattern::draw(Rng& rng) noexcept {
    for (float& each : rhythm) each = rng.unit();
}

void Comping::plan(const Moment& moment, Stage& stage) noexcept {
    const float density = density_.follow(stage.density(kChords), moment.step == 0, kTolerance);
    const float draw = patterns_.at(moment.place).rhythm[moment.step];
    if (moment.chord_changed) stage.schedule().end_part(kChords, moment.frame);
    if (moment.chord == kNoChord || !moment.advice.has_harmony) return;
    const float again = kRepeat[moment.weight] * ramp(moment.place.activity, 0.3f, 0.95f) *
                        (1.0f + 0.5f * moment.place.emphasis[moment.step % kSlots]);
    const float chance = (moment.chord_changed ? 1.0f : again) * density;
    if (draw >= chance) return;

    const PartSettings& part = stage.part(kChords);
    const int voices = chord_size(moment.chord) == 4 || moment.activity > kFourVoicesAbove ? 4 : 3;
    if (moment.chord != voiced_ || moment.chord_changed)
        voicing_ = voice_chord(moment.chord, voicing_, part.low, part.high, voices);
    voiced_ = moment.chord;
    stage.schedule().end_part(kChords, moment.frame);
    const double steps = length_in_steps(moment);
    for (int i = 0; i < voicing_.count; ++i) {
        const bool outer = i == voicing_.count - 1;  // the top voice carries
        stage.play(kChords, voicing_.notes[i], moment, steps, outer ? -0.1f : -0.25f);
    }
}

}  // namespace emohost::music
