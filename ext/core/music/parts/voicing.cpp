#include "core/music/parts/voicing.h"

#include <algorithm>
#include <cstdlib>

#include "core/theory/chords.h"
#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr float kOffCentre = 0.15f;  // cost per semitone and voice away from the middle of the range
constexpr float kMuddy = 6.0f;       // of a close interval down low
constexpr float kHarsh = 4.0f;       // of a semitone between neighbours
constexpr int kLow = 52, kMinorNinth = 13;
constexpr float kUnderBass = 24.0f;  // of a voice at the bass or below it
constexpr float kInverted = 3.0f;    // of another tone than the wanted one at the bottom
constexpr float kNotHeard = 0.05f;   // of the chroma: less is no tone

int nearest_distance(int note, const Voicing& voicing) noexcept {
    int nearest = 127;
    for (int i = 0; i < voicing.count; ++i) nearest = std::min(nearest, std::abs(note - voicing.notes[i]));
    return nearest;
}

// Semitones that the voices travel; one that appears or disappears counts to its nearest neighbour.
float movement(const Voicing& from, const Voicing& to) noexcept {
    if (from.count == 0) return 0.0f;
    int total = 0;
    if (from.count == to.count) {
        for (int i = 0; i < to.count; ++i) total += std::abs(to.notes[i] - from.notes[i]);
    } else {
        for (int i = 0; i < to.count; ++i) total += nearest_distance(to.notes[i], from);
        for (int i = 0; i < from.count; ++i) total += nearest_distance(from.notes[i], to);
    }
    return static_cast<float>(total);
}

float cost(const Voicing& voicing, const Voicing& previous, const VoicingRules& rules) noexcept {
    float sum = movement(previous, voicing);
    const float centre = 0.5f * static_cast<float>(rules.low + rules.high);
    if (voicing.notes[0] <= rules.bass) sum += kUnderBass;
    if (rules.bottom >= 0 && pitch_class(voicing.notes[0]) != rules.bottom) sum += kInverted;
    for (int i = 0; i < voicing.count; ++i) {
        sum += kOffCentre * std::abs(static_cast<float>(voicing.notes[i]) - centre);
        if (i == 0) continue;
        const int interval = voicing.notes[i] - voicing.notes[i - 1];
        if (voicing.notes[i - 1] < kLow && interval < 4) sum += kMuddy;
        if (interval == 1) sum += kHarsh;
        for (int k = 0; k < i; ++k)
            if (voicing.notes[i] - voicing.notes[k] == kMinorNinth) sum += kHarsh;
    }
    return sum;
}

// Tones of the chord upwards from `bottom`, as close as they lie.
Voicing close_position(uint16_t mask, int bottom, int high, int voices) noexcept {
    Voicing voicing;
    for (int note = bottom; note <= high && voicing.count < voices; ++note)
        if (holds(mask, note)) voicing.notes[voicing.count++] = note;
    return voicing;
}

// The second voice from the top an octave lower (open position): there it is the lowest.
Voicing drop_two(const Voicing& close) noexcept {
    if (close.count < 3) return close;
    Voicing open = close;
    open.notes[0] = close.notes[close.count - 2] - 12;
    for (int i = 0; i < close.count - 2; ++i) open.notes[i + 1] = close.notes[i];
    return open;
}

int fifth_of(int chord) noexcept {
    return chord_root(chord) + (chord_quality(chord) == kDiminished7 ? 6 : 7);
}

uint16_t essential_tones(int chord, int voices) noexcept {
    const uint16_t mask = chord_mask(chord);
    if (voices >= 4 || chord_size(chord) < 4) return mask;
    return static_cast<uint16_t>(mask & ~(1u << pitch_class(fifth_of(chord))));
}

int count_of(uint16_t mask) noexcept {
    int count = 0;
    for (; mask; mask &= static_cast<uint16_t>(mask - 1)) ++count;
    return count;
}

// A tone may be added: the key holds it, and beside it nothing is heard that is no tone of the chord.
bool fits(const Moment& moment, uint16_t tones, uint16_t scale, int tone) noexcept {
    if (!holds(scale, tone) || holds(tones, tone)) return false;
    const float own = moment.heard.chroma[pitch_class(tone)];
    for (const int beside : {tone - 1, tone + 1}) {
        const float heard = moment.heard.chroma[pitch_class(beside)];
        if (!holds(tones, beside) && heard > kNotHeard && heard > own) return false;
    }
    return true;
}

}  // namespace

uint16_t tones_in_style(const Moment& moment, int chord, int voices, bool rootless) noexcept {
    const int root = chord_root(chord), quality = chord_quality(chord);
    uint16_t tones = chord_mask(chord);
    const auto add = [&](int tone) { tones = static_cast<uint16_t>(tones | 1u << pitch_class(tone)); };
    const auto drop = [&](int tone) { tones = static_cast<uint16_t>(tones & ~(1u << pitch_class(tone))); };
    const uint8_t allowed = moment.style.extensions;
    if (moment.key.known() && quality >= 0 && quality != kFifthAlone && quality != kDiminished7) {
        const uint16_t scale = scale_mask(moment.key, chord);
        const bool triad = chord_size(chord) == 3;
        const int third = root + (quality == kMinor || quality == kMinor7 ? 3 : 4);
        const int seventh = holds(scale, root + 10) ? root + 10 : root + 11;
        const bool fourth = (allowed & kSus) && quality == kDominant7 &&
                            fits(moment, tones, scale, root + 5) &&
                            moment.heard.chroma[pitch_class(third)] < kNotHeard;
        if ((allowed & kSeventh) && triad && (quality == kMajor || seventh == root + 10) &&
            fits(moment, tones, scale, seventh))
            add(seventh);
        else if ((allowed & kSixth) && triad && quality == kMajor && fits(moment, tones, scale, root + 9))
            add(root + 9);
        if ((allowed & kNinth) && voices > 3 && fits(moment, tones, scale, root + 2)) add(root + 2);
        if (fourth) {
            drop(third);
            add(root + 5);
        }
    }
    if (count_of(tones) > voices && rootless) drop(root);
    if (count_of(tones) > voices) drop(fifth_of(chord));
    return tones;
}

Voicing voice_tones(uint16_t tones, const Voicing& previous, const VoicingRules& rules) noexcept {
    const int voices = std::clamp(rules.voices, 1, kMaxVoices);
    Voicing best;
    float best_cost = 0.0f;
    const auto consider = [&](const Voicing& voicing) {
        if (voicing.count == 0 || voicing.count < best.count || voicing.notes[0] < rules.low) return;
        const float its_cost = cost(voicing, previous, rules);
        if (voicing.count == best.count && its_cost >= best_cost) return;
        best = voicing;
        best_cost = its_cost;
    };
    const auto look = [&](Position position) {
        for (int bottom = rules.low; bottom <= rules.high; ++bottom) {
            if (!holds(tones, bottom)) continue;
            const Voicing close = close_position(tones, bottom, rules.high, voices);
            if (position != Position::open) consider(close);
            if (position != Position::close) consider(drop_two(close));
        }
    };
    look(rules.position);
    if (best.count < std::min(voices, count_of(tones)))
        look(Position::any);  // where there is no room for an open one
    return best;
}

Voicing voice_chord(int chord, const Voicing& previous, int low, int high, int voices) noexcept {
    VoicingRules rules;
    rules.low = low;
    rules.high = high;
    rules.voices = std::clamp(voices, 1, kMaxVoices);
    return voice_tones(essential_tones(chord, rules.voices), previous, rules);
}

}  // namespace emohost::music
