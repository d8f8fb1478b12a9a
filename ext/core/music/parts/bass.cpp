#include "core/music/parts/bass.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace emohost::music {

namespace {

constexpr float kPlays[kWeights] = {0.06f, 0.3f, 0.75f, 0.9f,
                                    1.0f};  // by metrical weight, at middling activity
constexpr float kOne = 0.4f;                // a band that thins out keeps its one longest
constexpr float kTolerance = 0.15f;         // of the density that a pattern is made for

int fifth_of(int chord) noexcept {
    return chord_root(chord) + (chord_quality(chord) == kDiminished7 ? 6 : 7);
}

int third_of(int chord) noexcept {
    const int quality = chord_quality(chord);
    return chord_root(chord) + (quality == kMinor || quality == kMinor7 || quality == kDiminished7 ? 3 : 4);
}

// The note of a pitch class in [low, high] that is nearest to the last one and to the lower third of the
// range.
int place_note(int pitch, int previous, int low, int high) noexcept {
    const int home = low + (high - low) / 3;
    int best = -1, best_cost = 0;
    for (int note = low; note <= high; ++note) {
        if (pitch_class(note - pitch) != 0) continue;
        const int cost = 2 * std::abs(note - (previous < 0 ? home : previous)) + std::abs(note - home);
        if (best >= 0 && cost >= best_cost) continue;
        best = note;
        best_cost = cost;
    }
    return best;
}

// Root, fifth or third, by what was drawn for the step.
int tone_of(const Moment& moment, float draw) noexcept {
    const int root = chord_root(moment.chord);
    if (moment.weight >= 3) return draw < 0.8f ? root : fifth_of(moment.chord);
    const bool thirdless = chord_quality(moment.chord) == kFifthAlone || !moment.key.known();
    if (thirdless || moment.weight < 2) return draw < 0.6f ? root : fifth_of(moment.chord);
    return draw < 0.5f ? root : draw < 0.85f ? fifth_of(moment.chord) : third_of(moment.chord);
}

}  // namespace

void Bass::Pattern::draw(Rng& rng) noexcept {
    for (int step = 0; step < kMaxSteps; ++step) {
        rhythm[step] = rng.unit();
        tone[step] = rng.unit();
    }
    rhythm[0] *= kOne;
    pickup = rng.unit();
}

// By its pattern, wherever chords change.
bool Bass::strikes(const Moment& moment, const Pattern& pattern, int step) const noexcept {
    if (step == 0) return pattern.rhythm[0] < dense_;
    const float a = moment.place.activity;
    const int weight = metrical_weight(step, moment.steps_per_bar);
    const float chance = std::pow(kPlays[weight], 2.6f - 2.2f * a);
    const bool pickup =
        step == moment.steps_per_bar - 4 && pattern.pickup < 0.9f * ramp(a, 0.15f, 0.45f) * dense_;
    return pickup ||
           pattern.rhythm[step] < chance * (1.0f + 0.3f * moment.place.emphasis[step % kSlots]) * dense_;
}

int Bass::steps_to_next(const Moment& moment, const Pattern& pattern) const noexcept {
    int step = moment.step + 1;
    while (step < moment.steps_per_bar && !strikes(moment, pattern, step)) ++step;
    return step - moment.step;
}

// A note from which the root that comes is reached by a step of the scale or a semitone, from the side on which the line is,
// or by a fifth.
int Bass::lead_to(int root, const Moment& moment, float draw, const PartSettings& part) const noexcept {
    const int target = place_note(root, previous_, part.low, part.high);
    if (target < 0) return -1;
    const bool from_below = previous_ <= target;
    const uint16_t scale = scale_mask(moment.key, moment.chord);
    const int side = from_below ? -1 : 1;
    const int by_scale = moment.key.known() && !holds(scale, target + side) ? 2 * side : side;
    const int note = draw < 0.6f   ? target + by_scale
                     : draw < 0.8f ? target + side
                                   : target + (from_below ? -5 : 7);
    if (note >= part.low && note <= part.high) return note;
    return target - side <= part.high && target - side >= part.low ? target - side : target;
}

void Bass::plan(const Moment& moment, Stage& stage) noexcept {
    dense_ = density_.follow(stage.density(kBass), moment.step == 0, kTolerance);
    const Pattern& pattern = patterns_.at(moment.place);
    const int root = chord_root(moment.chord);
    if (root != root_ || moment.step == 0) {
        stage.schedule().end_part(kBass, moment.frame);
        owed_ = pattern.rhythm[0] < dense_;
    }
    root_ = root;
    if (moment.chord == kNoChord) return;
    const bool begins =
        owed_ && (moment.weight >= 2 || (moment.weight == 1 && steps_to_next(moment, pattern) > 2));
    if (!begins && !strikes(moment, pattern, moment.step)) return;
    const bool on_root = owed_;
    owed_ = false;
    const PartSettings& part = stage.part(kBass);
    const int gap = steps_to_next(moment, pattern);
    const int next = chord_root(moment.chord_ahead(gap));
    const bool leads = next >= 0 && next != root && !on_root && previous_ >= 0;
    int note = leads ? lead_to(next, moment, pattern.tone[moment.step], part) : -1;
    const int tone = on_root ? root : tone_of(moment, pattern.tone[moment.step]);
    if (note < 0) note = place_note(tone, previous_, part.low, part.high);
    if (note < 0) return;
    previous_ = note;
    stage.schedule().end_part(kBass, moment.frame);
    const float full = std::min(static_cast<float>(gap), mix(10.0f, 3.0f, moment.place.activity));
    stage.play(kBass, note, moment, full * mix(0.5f, 1.0f, moment.gate(kBass)), 0.05f);
}

}  // namespace emohost::music
