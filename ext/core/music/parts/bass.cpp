#include "core/music/parts/bass.h"

#include <algorithm>
#include <cstdlib>

namespace emohost::music {

namespace {

constexpr float kTolerance = 0.15f;    // of the density that a pattern is made for
constexpr float kNothing = 0.05f;      // density at which it rests
constexpr int kWaits = kStepsPerBeat;  // steps that a new root waits for the strike that comes
constexpr int kOctave = 12, kFifth = 7, kFourth = 5;

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

int seventh_of(int chord, Key key) noexcept {
    const int quality = chord_quality(chord), root = chord_root(chord);
    if (quality == kMajor7) return root + 11;
    if (quality == kDominant7 || quality == kMinor7) return root + 10;
    return key.known() && holds(scale_mask(key, chord), root + 10) ? root + 10 : root;
}

// The tone that a mark asks for; the fifth where there is no third.
int tone_of(const Moment& moment, char mark) noexcept {
    const int chord = moment.chord;
    const bool thirdless = chord_quality(chord) == kFifthAlone || !moment.key.known();
    switch (mark) {
        case '3':
            return thirdless ? fifth_of(chord) : third_of(chord);
        case '5':
        case 'a':
            return fifth_of(chord);
        case '7':
            return seventh_of(chord, moment.key);
        default:
            return chord_root(chord);
    }
}

}  // namespace

// A note from which the root that comes is reached by a step of the scale or a semitone, from the side on which the line is,
// or by a fifth; not the one that was played last, where there is another.
int Bass::lead_to(int root, const Moment& moment, float draw, Range range) const noexcept {
    const int target = place_note(root, home_, range.low, range.high);
    if (target < 0) return -1;
    const int side = previous_ <= target ? -1 : 1;
    const auto step = [&](int to) {
        const bool outside = moment.key.known() && !holds(scale_mask(moment.key, moment.chord), target + to);
        return target + (outside ? 2 * to : to);
    };
    const int below = target - kFourth, fifth = below >= range.low ? below : target + kFifth;
    const int semitone = moment.style.chromatic ? target + side : step(side);
    const int first = draw < 0.6f ? step(side) : draw < 0.8f ? semitone : fifth;
    for (const int note : {first, step(side), semitone, fifth, step(-side)})
        if (note != previous_ && note >= range.low && note <= range.high) return note;
    return target;
}

int Bass::place_root(int root, Range range) noexcept {
    const bool stays = home_ >= range.low && home_ <= range.high && pitch_class(home_ - root) == 0;
    if (!stays) home_ = place_note(root, home_, range.low, range.high);
    return home_;
}

// An approach, and the last note before the root that comes, lead to that; all else is a tone of the chord.
int Bass::note_of(const Moment& moment, const Reading& reading, char mark, float draw, Range range) noexcept {
    const bool approach = mark == 'a';
    const int gap =
        approach ? kStepsPerBeat - moment.step % kStepsPerBeat : reading.to_next(moment.steps_left());
    const bool late = moment.weight <= 2 && moment.steps_left() <= kStepsPerBeat;
    const int next = chord_root(moment.chord_ahead(gap));
    if ((approach || late) && next >= 0 && next != root_ && previous_ >= 0)
        return lead_to(next, moment, draw, range);
    const int root = place_root(root_, range);
    if (mark == '8') return root + kOctave <= range.high ? root + kOctave : root;
    const int tone = tone_of(moment, mark);
    return pitch_class(tone - root) == 0 ? root : place_note(tone, root, range.low, range.high);
}

void Bass::plan(const Moment& moment, Stage& stage) noexcept {
    const float density = density_.follow(stage.density(kBass), moment.step == 0, kTolerance);
    const Style& style = moment.style;
    const auto& drawn = patterns_.at(moment.place);
    const Reading reading(style.bass, style.bass_count, drawn.numbers, moment, density);
    const Struck struck = reading.at(0);
    const int root = chord_root(moment.chord);
    if (root != root_) {
        stage.schedule().end_part(kBass, moment.frame);
        owed_ = true;
    }
    root_ = root;
    if (moment.chord == kNoChord || density < kNothing) return;
    const bool begins = owed_ && moment.weight >= 1 && reading.to_next(kWaits + 1) > kWaits;
    if (!begins && !struck) return;
    const PartSettings& part = stage.part(kBass);
    Range range = {std::max(part.low, static_cast<int>(style.bass_low)),
                   std::min(part.high, static_cast<int>(style.bass_high))};
    if (range.high - range.low < kOctave - 1) range = {part.low, part.high};
    const float draw =
        struck ? drawn.numbers[struck.line][(moment.step + kLineSteps / 2) % kLineSteps] : 0.5f;
    const int note = owed_ ? place_root(root, range) : note_of(moment, reading, struck.mark, draw, range);
    owed_ = false;
    if (note < 0) return;
    previous_ = note;
    stage.schedule().end_part(kBass, moment.frame);
    const int steps = struck ? reading.length(struck) : reading.to_next(moment.steps_left());
    const float loudness = struck ? struck.level + 0.5f * loudness_of(struck.mark) : 0.0f;
    stage.play(kBass, note, moment, steps * static_cast<double>(mix(0.6f, 1.0f, moment.gate(kBass))),
               0.05f + loudness);
}

}  // namespace emohost::music
