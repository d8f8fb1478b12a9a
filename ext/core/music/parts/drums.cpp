#include "core/music/parts/drums.h"

#include <algorithm>

namespace emohost::music {

namespace {

// General MIDI Level 1 percussion key map.
enum Sound : int {
    kKick = 36,
    kSideStick = 37,
    kSnare = 38,
    kFloorTom = 41,
    kClosedHat = 42,
    kLowTom = 45,
    kOpenHat = 46,
    kHighTom = 48,
    kCrash = 49,
    kRide = 51,
    kRideBell = 53
};

constexpr float kHand = 0.1f;        // spread of the loudness from hit to hit
constexpr float kOne = 0.4f;         // a band that thins out keeps its one longest
constexpr float kSoft = 0.35f;       // activity below which the stick lies on the rim
constexpr float kTolerance = 0.15f;  // of the density that a pattern is made for

bool is_backbeat(const Moment& moment) noexcept { return moment.weight == 2 && moment.step / 4 % 2 == 1; }

float kick_chance(const Moment& moment) noexcept {
    const float a = moment.place.activity;
    if (moment.weight == 4) return mix(0.5f, 1.0f, ramp(a, 0.1f, 0.4f));
    if (moment.weight == 3) return 0.85f * ramp(a, 0.15f, 0.5f);
    if (is_backbeat(moment)) return 0.25f * ramp(a, 0.75f, 1.0f);
    return (moment.weight == 2 ? 0.6f : moment.weight == 1 ? 0.3f : 0.08f) * ramp(a, 0.35f, 1.0f);
}

float hat_chance(const Moment& moment) noexcept {
    const float a = moment.place.activity;
    if (moment.weight >= 2) return mix(0.35f, 0.98f, ramp(a, 0.05f, 0.4f));
    if (moment.weight == 1) return 0.95f * ramp(a, 0.2f, 0.55f);
    return 0.6f * ramp(a, 0.6f, 1.0f);
}

// Steps that the fill of the bar takes, 0: none. A phrase inside of a section ends with a pickup at most.
int fill_length(const Moment& moment, float draw, float pickup) noexcept {
    const float a = moment.place.activity;
    if (moment.place.section_ends()) return a < 0.4f || draw > a ? 4 : draw > 0.5f * a ? 8 : 16;
    return moment.place.phrase_ends() && pickup < 0.3f * ramp(a, 0.3f, 0.8f) ? 2 : 0;
}

}  // namespace

void Drums::Pattern::draw(Rng& rng) noexcept {
    for (int step = 0; step < kMaxSteps; ++step) {
        kick[step] = rng.unit();
        ghost[step] = rng.unit();
        open[step] = rng.unit();
        fill[step] = rng.unit();
    }
    kick[0] *= kOne;
    for (float& each : hat) each = rng.unit();
    backbeat = rng.unit();
    fill_length = rng.unit();
    pickup = rng.unit();
}

void Drums::strike(int sound, float chance, float draw, float loudness, const Moment& moment,
                   Stage& stage) noexcept {
    const float emphasis = moment.place.emphasis[moment.step % kSlots];
    const PartSettings& part = stage.part(kDrums);
    if (draw >= chance * (1.0f + 0.4f * emphasis) * dense_ || sound < part.low || sound > part.high) return;
    stage.play(kDrums, sound, moment, mix(0.25f, 0.75f, moment.gate(kDrums)),
               loudness + kHand * hand_.bell());
}

void Drums::groove(const Moment& moment, const Pattern& pattern, Stage& stage) noexcept {
    const float a = moment.place.activity;
    const bool soft = a < kSoft, ride = moment.place.contrasts() && a > 0.4f;
    const float ghost = moment.weight == 0 ? 0.12f * ramp(a, 0.4f, 1.0f) : 0.0f;
    const float opens = moment.weight == 1 ? 0.15f * ramp(a, 0.5f, 1.0f) : 0.0f;
    const float draw = pattern.hat[moment.weight >= 2 ? 2 : moment.weight];
    strike(kKick, kick_chance(moment), pattern.kick[moment.step], 0.1f, moment, stage);
    if (is_backbeat(moment))
        strike(soft ? kSideStick : kSnare, 0.97f * ramp(a, 0.1f, 0.35f), pattern.backbeat, 0.1f, moment,
               stage);
    strike(kSnare, ghost, pattern.ghost[moment.step], -0.45f, moment, stage);
    const bool open = pattern.open[moment.step] < opens;
    strike(open   ? kOpenHat
           : ride ? kRide
                  : kClosedHat,
           hat_chance(moment), draw, moment.weight >= 2 ? -0.15f : -0.4f, moment, stage);
}

// Down the toms to the bar line, louder on the way; sixteenths where it is lively, eighths where it is calm.
void Drums::fill(const Moment& moment, const Pattern& pattern, int length, Stage& stage) noexcept {
    constexpr int kDown[] = {kSnare, kHighTom, kLowTom, kFloorTom};
    const float a = moment.place.activity;
    const float done = 1.0f - static_cast<float>(moment.steps_left()) / static_cast<float>(length);
    const int tom =
        std::clamp(static_cast<int>(4.0f * done + 0.8f * (pattern.fill[moment.step] - 0.5f)), 0, 3);
    const float chance = length == 2         ? 1.0f
                         : moment.weight > 0 ? mix(0.9f, 1.2f, a)
                                             : mix(0.2f, 0.95f, ramp(a, 0.2f, 0.6f));
    const int sound = length == 2 ? kSnare : a < kSoft && tom == 0 ? kSideStick : kDown[tom];
    strike(sound, chance, pattern.fill[(moment.step * 7 + 3) % kMaxSteps], mix(-0.25f, 0.2f, done), moment,
           stage);
    if (moment.weight >= 2)
        strike(kKick, ramp(a, 0.3f, 0.6f), pattern.kick[moment.step], 0.0f, moment, stage);
}

void Drums::crash(const Moment& moment, Stage& stage) noexcept {
    const float a = moment.place.activity;
    if (!moment.place.section_begins() || moment.step != 0) return;
    strike(a < kSoft ? kRideBell : kCrash, 2.0f, 0.5f, mix(-0.35f, 0.15f, a), moment, stage);
}

void Drums::plan(const Moment& moment, Stage& stage) noexcept {
    dense_ = density_.follow(stage.density(kDrums), moment.step == 0, kTolerance);
    const Pattern& pattern = patterns_.at(moment.place);
    const int length = fill_length(moment, pattern.fill_length, pattern.pickup);
    if (moment.steps_left() <= length)
        fill(moment, pattern, length, stage);
    else
        groove(moment, pattern, stage);
    crash(moment, stage);
}

}  // namespace emohost::music
