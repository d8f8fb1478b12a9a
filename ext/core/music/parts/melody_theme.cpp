#include "core/music/parts/melody_theme.h"

#include <algorithm>
#include <cmath>

#include "core/music/parts/rhythm_cells.h"

namespace emohost::music {

namespace {

constexpr float kOtherActivity = 0.25f;  // for which the section's rhythm is composed anew
constexpr float kOtherDensity = 0.3f;
constexpr float kFull = 1.45f;  // density for which it is composed at least: a thinner one leaves notes out
constexpr int kMiddleC = 60;

constexpr float kByChance = 0.5f;  // what else decides which notes are left out first is how weak they are

// 0 where a bar begins, 1 between eighths.
float weakness(int step, int steps_per_bar) noexcept {
    return 1.0f - static_cast<float>(metrical_weight(step, steps_per_bar)) / static_cast<float>(kWeights - 1);
}

// Notes in half a bar.
float wanted_notes(float activity) noexcept { return mix(0.7f, 4.6f, activity); }

}  // namespace

int degree_of(int pitch, int tonic, uint16_t scale) noexcept {
    const int above = pitch - kMiddleC - tonic, octave = (above + 120) / 12 - 10;
    int degree = 7 * octave;
    for (int i = 1; i <= above - 12 * octave; ++i) degree += holds(scale, tonic + i) ? 1 : 0;
    return degree;
}

int pitch_of(int degree, int tonic, uint16_t scale) noexcept {
    const int octave = (degree + 70) / 7 - 10;
    int left = degree - 7 * octave, above = 0;
    while (left > 0 && above < 11) left -= holds(scale, tonic + ++above) ? 1 : 0;
    return kMiddleC + tonic + 12 * octave + above;
}

bool Theme::fits(const Moment& moment, float density) const noexcept {
    const Place& place = moment.place;
    return version_ == place.version && steps_per_bar_ == moment.steps_per_bar &&
           phrase_bars_ == place.phrase_bars && std::abs(activity_ - place.activity) <= kOtherActivity &&
           std::abs(density_ - std::max(density, kFull)) <= kOtherDensity;
}

int Theme::steps_to_next(int bar, int step, int steps_per_bar) const noexcept {
    for (int next = step + 1; next < steps_per_bar; ++next)
        if (begins(bar, next)) return next - step;
    const int after = (bar + 1) % kSectionBars;
    for (int next = 0; next < steps_per_bar; ++next)
        if (begins(after, next)) return steps_per_bar - step + next;
    return steps_per_bar - step;
}

int Theme::degree(int bar, int step) const noexcept {
    return degree_[bar][step] != kNoDegree ? degree_[bar][step] : degree_[repeats_[bar]][step];
}

uint32_t Theme::bar_of_cells(float wanted, const Moment& moment, Rng& rng) const noexcept {
    uint32_t bar = 0;
    for (int from = 0; from < moment.steps_per_bar; from += kCellSteps)
        bar |= static_cast<uint32_t>(choose_cell(wanted, moment.place.emphasis + from % kSlots, rng)) << from;
    return bar & ((1u << moment.steps_per_bar) - 1u);
}

uint32_t Theme::half(uint32_t bar, int from) const noexcept { return from == 0 ? bar & 0xffu : bar & ~0xffu; }

// The phrase comes to rest in the middle of its last bar, on a beat; a pickup may lead on.
void Theme::compose_cadence(int bar, uint32_t before, const Moment& moment, Rng& rng) noexcept {
    const uint32_t until = before & ((1u << cadence_step_) - 1u);
    rhythm_[bar] = (until != 0 ? until : 1u) | 1u << cadence_step_;
    if (rng.chance(0.3f * moment.place.activity) && moment.steps_per_bar - 2 > cadence_step_)
        rhythm_[bar] |= 1u << (moment.steps_per_bar - 2);
    cadence_[bar] = true;
}

// Two phrases of four: a b a cadence, and the same again with another end; or one of eight: a b a c a b d cadence.
void Theme::compose(const Moment& moment, float density, int centre, Rng& rng) noexcept {
    const Place& place = moment.place;
    version_ = place.version;
    activity_ = place.activity;
    density_ = std::max(density, kFull);
    centre_ = centre;
    phrase_bars_ = place.phrase_bars;
    steps_per_bar_ = moment.steps_per_bar;
    cadence_step_ = std::max(moment.steps_per_bar / 8 * 4, 4);
    std::fill_n(cadence_, kSectionBars, false);
    for (int8_t (&bar)[kMaxSteps] : degree_) std::fill_n(bar, kMaxSteps, static_cast<int8_t>(kNoDegree));
    for (int step = 0; step < kMaxSteps; ++step)
        keep_[step] = mix(weakness(step, moment.steps_per_bar), rng.unit(), kByChance);
    const float wanted = wanted_notes(place.activity) * density_;
    const uint32_t motif = bar_of_cells(wanted, moment, rng);
    const uint32_t fresh = bar_of_cells(0.8f * wanted, moment, rng);
    const uint32_t answer = rng.chance(0.6f) ? half(motif, 0) | half(fresh, kCellSteps) : fresh;
    const bool eight = place.phrase_bars == kSectionBars;
    const uint32_t plan[kSectionBars] = {motif, answer, motif, eight ? answer : motif,
                                         motif, answer, motif, motif};
    constexpr int8_t kRepeats[kSectionBars] = {0, 0, 0, 0, 0, 1, 2, 3};
    for (int bar = 0; bar < kSectionBars; ++bar) {
        rhythm_[bar] = plan[bar];
        repeats_[bar] = kRepeats[bar];
    }
    if (rng.chance(0.35f)) rhythm_[6] = bar_of_cells(1.15f * wanted, moment, rng);  // it grows before it ends
    if (!eight) compose_cadence(3, motif, moment, rng);
    compose_cadence(7, rng.chance(0.5f) ? motif : fresh, moment, rng);
    if (!eight && rng.chance(0.7f)) rhythm_[7] = rhythm_[3];
}

}  // namespace emohost::music
