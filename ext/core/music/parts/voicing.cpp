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
constexpr int kLow = 52;

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

float cost(const Voicing& voicing, const Voicing& previous, int low, int high) noexcept {
    float sum = movement(previous, voicing);
    const float centre = 0.5f * static_cast<float>(low + high);
    for (int i = 0; i < voicing.count; ++i) {
        sum += kOffCentre * std::abs(static_cast<float>(voicing.notes[i]) - centre);
        if (i == 0) continue;
        const int interval = voicing.notes[i] - voicing.notes[i - 1];
        if (voicing.notes[i - 1] < kLow && interval < 4) sum += kMuddy;
        if (interval == 1) sum += kHarsh;
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

uint16_t essential_tones(int chord, int voices) noexcept {
    const uint16_t mask = chord_mask(chord);
    if (voices >= 4 || chord_size(chord) < 4) return mask;
    const int fifth = chord_root(chord) + (chord_quality(chord) == kDiminished7 ? 6 : 7);
    return static_cast<uint16_t>(mask & ~(1u << pitch_class(fifth)));
}

}  // namespace

Voicing voice_chord(int chord, const Voicing& previous, int low, int high, int voices) noexcept {
    voices = std::clamp(voices, 1, kMaxVoices);
    const uint16_t mask = essential_tones(chord, voices);
    Voicing best;
    float best_cost = 0.0f;
    const auto consider = [&](const Voicing& voicing) {
        if (voicing.count == 0 || voicing.count < best.count || voicing.notes[0] < low) return;
        const float its_cost = cost(voicing, previous, low, high);
        if (voicing.count == best.count && its_cost >= best_cost) return;
        best = voicing;
        best_cost = its_cost;
    };
    for (int bottom = low; bottom <= high; ++bottom) {
        if (!holds(mask, bottom)) continue;
        const Voicing close = close_position(mask, bottom, high, voices);
        consider(close);
        consider(drop_two(close));
    }
    return best;
}

}  // namespace emohost::music
