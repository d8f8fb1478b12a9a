#include "core/music/harmony.h"

#include <cmath>

namespace emohost::music {

namespace {

constexpr float kFloor = 1e-4f;      // of a network's probability: no chord is impossible
constexpr float kRest = 0.1f;        // usage of "no chord"
constexpr float kSure = 0.5f;        // of a network's probability: it is surer than of all others together
constexpr float kChromaPull = 3.0f;  // how much the share of the chroma heard in a chord's tones counts

bool is_minor(int chord) noexcept {
    const int quality = chord_quality(chord);
    return quality == kMinor || quality == kMinor7;
}

// Share of the chroma heard that the chord's tones hold; -1 in silence.
float share_heard(int chord, const hearing::Heard& heard) noexcept {
    const uint16_t mask = chord_mask(chord);
    float all = 0.0f, inside = 0.0f;
    for (int pitch = 0; pitch < 12; ++pitch) {
        all += heard.chroma[pitch];
        if (holds(mask, pitch)) inside += heard.chroma[pitch];
    }
    return all > 0.0f && std::isfinite(all) ? inside / all : -1.0f;
}

// How much of the chroma heard the chord's tones hold.
float heard_factor(int chord, const Moment& moment) noexcept {
    const float share = share_heard(chord, moment.heard);
    if (share < 0.0f) return 1.0f;
    const float by_chance = chord_size(chord) == 4 ? 4.0f / 12.0f : 3.0f / 12.0f;
    return std::exp(kChromaPull * (share - by_chance));  // a fourth tone must earn its place
}

// Falling fifths move music on; tritones are rare; staying is fine when the chord is heard.
float motion_factor(int chord, int previous) noexcept {
    if (chord_root(previous) < 0) return 1.0f;
    if (chord == previous) return 0.5f;
    constexpr float kByRootMotion[12] = {0.7f, 0.6f, 1.0f, 0.8f, 0.8f, 1.5f,
                                         0.3f, 1.1f, 0.9f, 1.0f, 0.8f, 0.6f};
    return kByRootMotion[pitch_class(chord_root(chord) - chord_root(previous))];
}

bool in_last_bar(const Moment& moment) noexcept { return moment.place.phrase_ends(); }

// Phrases set out from the tonic; in their last bar they close on it, by way of the dominant where the bar
// has a middle.
float phrase_factor(int relative, const Moment& moment) noexcept {
    const int root = chord_root(relative);
    const bool has_middle = moment.steps_per_bar % 8 == 0;
    if (moment.place.bar_in_phrase == 0 && moment.step == 0 && root == 0) return 3.0f;
    if (!in_last_bar(moment)) return 1.0f;
    if (moment.step == 0 && has_middle) return root == 7 ? 2.5f : 1.0f;
    return root == 0 ? 8.0f : 1.0f;
}

float mood_factor(int chord, float valence) noexcept {
    return is_minor(chord) ? 1.0f - 0.4f * valence : 1.0f + 0.4f * valence;
}

}  // namespace

bool network_foretells(int step) noexcept { return step % kGrooveSteps % 8 == 0; }

int chord_by_network(const Advice& advice, int tonic) noexcept {
    for (int relative = 0; relative < kChordClasses; ++relative)
        if (advice.harmony[relative] > kSure) return transpose_chord(relative, tonic);
    return -1;
}

bool chord_may_change(const Moment& moment, Rng& rng) noexcept {
    if (moment.step == 0) return true;
    const float chance = in_last_bar(moment) ? 0.9f : 0.1f + 0.7f * ramp(moment.activity, 0.3f, 0.9f);
    return moment.weight == 3 && rng.chance(chance);
}

int choose_chord(const Moment& moment, Rng& rng) noexcept {
    float weights[kChordClasses];
    for (int relative = 0; relative < kChordClasses; ++relative) {
        const float network = moment.advice.harmony[relative] + kFloor;
        if (relative == kNoChord) {
            weights[relative] = network * kRest;
            continue;
        }
        const int chord = transpose_chord(relative, moment.key.tonic);
        weights[relative] = network * chord_usage(relative, moment.key.minor) * heard_factor(chord, moment) *
                            motion_factor(chord, moment.chord) * phrase_factor(relative, moment) *
                            mood_factor(chord, moment.valence);
    }
    const int relative = rng.pick(weights, kChordClasses);
    return relative < 0 ? kNoChord : transpose_chord(relative, moment.key.tonic);
}

int chord_without_network(const Moment& moment) noexcept {
    return moment.key.tonic * 5 + (moment.key.minor ? kMinor : kMajor);
}

}  // namespace emohost::music
