#include "core/music/bass.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace emohost::music {

namespace {

constexpr float kPlays[kWeights] = {0.06f, 0.3f, 0.75f, 0.9f,
                                    1.0f};  // by metrical weight, at middling activity

int fifth_of(int chord) noexcept {
    return chord_root(chord) + (chord_quality(chord) == kDiminished7 ? 6 : 7);
}

int third_of(int chord) noexcept {
    const int quality = chord_quality(chord);
    return chord_root(chord) + (quality == kMinor || quality == kMinor7 || quality == kDiminished7 ? 3 : 4);
}

// The note of a pitch class in [low, high] that is nearest to the last one and to the lower third of the
// range.
int place(int pitch, int previous, int low, int high) noexcept {
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

}  // namespace

// Root where the chord begins; root, fifth or third on beats; between them a step of the scale that leads to
// one of them.
int Bass::choose_class(const Moment& moment) noexcept {
    const int root = chord_root(moment.chord);
    const float draw = rng_.unit();
    if (moment.chord_changed || moment.weight >= 3) return draw < 0.9f ? root : fifth_of(moment.chord);
    if (moment.weight == 2)
        return draw < 0.5f ? root : draw < 0.85f ? fifth_of(moment.chord) : third_of(moment.chord);
    if (draw < 0.4f || previous_ < 0) return root;
    const uint16_t scale = scale_mask(moment.key, moment.chord);
    const int direction = draw < 0.7f ? 1 : -1;
    for (int by = 1; by <= 2; ++by)
        if (holds(scale, previous_ + direction * by)) return pitch_class(previous_ + direction * by);
    return root;
}

void Bass::plan(const Moment& moment, Stage& stage) noexcept {
    const float draw = rng_.unit();
    if (moment.chord_changed) stage.schedule().end_part(kBass, moment.frame);
    if (moment.chord == kNoChord) return;
    const float chance =
        moment.chord_changed ? 1.0f : std::pow(kPlays[moment.weight], 2.6f - 2.2f * moment.activity);
    if (draw >= chance * (1.0f + 0.3f * moment.emphasis) * stage.density(kBass)) return;
    const PartSettings& part = stage.part(kBass);
    const int note = place(choose_class(moment), previous_, part.low, part.high);
    if (note < 0) return;
    previous_ = note;
    stage.schedule().end_part(kBass, moment.frame);
    const float full = std::min(static_cast<float>(moment.steps_left()), mix(8.0f, 2.0f, moment.activity));
    stage.play(kBass, note, moment, full * mix(0.5f, 1.0f, moment.gate(kBass)), 0.05f);
}

}  // namespace emohost::music
