#include "core/music/planned.h"

#include <algorithm>

#include "core/theory/chords.h"

namespace emohost::music {

namespace {

int8_t told(int chord, int transpose) noexcept {
    const bool known = chord_root(chord) >= 0 && chord_quality(chord) != kFifthAlone;
    return static_cast<int8_t>(known ? transpose_chord(chord, transpose) : -1);
}

}  // namespace

void plan_chords(const Moment& now, int transpose, PlannedBar* present, PlannedBar* next) noexcept {
    const int beats = std::min(now.steps_per_bar / kStepsPerBeat, kMostBeatsPerBar);
    const int beat = now.step / kStepsPerBeat;
    int chord = now.chord;
    for (int i = beat; i < 2 * beats; ++i) {
        const int ahead = i == beat ? -1 : now.chord_ahead(i * kStepsPerBeat - now.step);
        if (i == beats) chord = -1;
        if (ahead >= 0) chord = ahead;
        (i < beats ? present : next)->chords[i % beats] = told(chord, transpose);
    }
}

}  // namespace emohost::music
