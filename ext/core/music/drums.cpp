#include "core/music/drums.h"

namespace emohost::music {

namespace {

// General MIDI Level 1 percussion key map.
enum Sound : int {
    kKick = 36,
    kSideStick = 37,
    kSnare = 38,
    kClosedHat = 42,
    kOpenHat = 46,
    kCrash = 49,
    kRide = 51
};

bool is_backbeat(const Moment& moment) noexcept { return moment.weight == 2 && moment.step / 4 % 2 == 1; }

float kick_chance(const Moment& moment) noexcept {
    const float a = moment.activity;
    if (moment.weight == 4) return mix(0.5f, 1.0f, ramp(a, 0.1f, 0.4f));
    if (moment.weight == 3) return 0.85f * ramp(a, 0.15f, 0.5f);
    if (is_backbeat(moment)) return 0.25f * ramp(a, 0.75f, 1.0f);
    return (moment.weight == 2 ? 0.6f : moment.weight == 1 ? 0.3f : 0.08f) * ramp(a, 0.35f, 1.0f);
}

float snare_chance(const Moment& moment) noexcept {
    const float a = moment.activity;
    if (is_backbeat(moment)) return 0.97f * ramp(a, 0.1f, 0.35f);
    const bool fill = moment.bar_in_phrase() == kPhraseBars - 1 && moment.steps_left() <= 4;
    if (fill) return 0.6f * ramp(a, 0.4f, 0.9f);
    return moment.weight == 0 ? 0.12f * ramp(a, 0.4f, 1.0f) : 0.0f;
}

float hat_chance(const Moment& moment) noexcept {
    const float a = moment.activity;
    if (moment.weight >= 2) return mix(0.35f, 0.98f, ramp(a, 0.05f, 0.4f));
    if (moment.weight == 1) return 0.95f * ramp(a, 0.2f, 0.55f);
    return 0.6f * ramp(a, 0.6f, 1.0f);
}

}  // namespace

// Draws the same number of times whatever is played, so that one sound does not move another.
void Drums::hit(int sound, float chance, float loudness, const Moment& moment, Stage& stage) noexcept {
    const bool plays = rng_.chance(chance * (1.0f + 0.4f * moment.emphasis) * stage.density(kDrums));
    const PartSettings& part = stage.part(kDrums);
    if (!plays || sound < part.low || sound > part.high) return;
    stage.play(kDrums, sound, moment, mix(0.25f, 0.75f, moment.gate(kDrums)), loudness);
}

void Drums::plan(const Moment& moment, Stage& stage) noexcept {
    const float a = moment.activity;
    const bool second_half = moment.bar_in_phrase() >= kPhraseBars / 2;
    const bool soft = a < 0.35f;
    const float phrase_begins =
        moment.weight == 4 && moment.bar_in_phrase() == 0 && moment.bar > 0 ? 1.0f : 0.0f;
    const float opens = moment.weight == 1 ? 0.15f * ramp(a, 0.5f, 1.0f) : 0.0f;
    hit(kKick, kick_chance(moment), 0.1f, moment, stage);
    hit(soft ? kSideStick : kSnare, snare_chance(moment), moment.weight == 0 ? -0.4f : 0.1f, moment, stage);
    hit(a > 0.65f && second_half ? kRide : kClosedHat, hat_chance(moment), moment.weight >= 2 ? -0.2f : -0.4f,
        moment, stage);
    hit(kOpenHat, opens, -0.2f, moment, stage);
    hit(kCrash, phrase_begins * ramp(a, 0.5f, 0.8f), 0.1f, moment, stage);
}

}  // namespace emohost::music
