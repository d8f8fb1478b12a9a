#include "core/theory/keys.h"

#include <algorithm>

#include "core/theory/chords.h"

namespace emohost::theory {

namespace {

constexpr uint16_t kMajorScale = 0xab5;         // 0 2 4 5 7 9 11
constexpr uint16_t kNaturalMinorScale = 0x5ad;  // 0 2 3 5 7 8 10
constexpr int kRaisedSeventh = 11, kNaturalSeventh = 10;
constexpr float kStranger = 0.003f;
constexpr float kMinorBelow = -0.15f;  // valence

struct Usage {
    int root;
    Quality quality;
    float weight;
};

// What tonal music prefers, in round numbers chosen by ear: tonic, dominant and subdominant first, sevenths
// where they are idiomatic, a few borrowed chords and secondary dominants. A network that knows better
// outvotes them.
constexpr Usage kInMajor[] = {
    {0, kMajor, 1.0f},        {2, kMinor, 0.4f},      {4, kMinor, 0.15f},     {5, kMajor, 0.65f},
    {7, kMajor, 0.65f},       {9, kMinor, 0.5f},      {0, kMajor7, 0.15f},    {5, kMajor7, 0.15f},
    {2, kMinor7, 0.25f},      {4, kMinor7, 0.06f},    {9, kMinor7, 0.2f},     {7, kDominant7, 0.4f},
    {2, kDiminished7, 0.05f}, {2, kDominant7, 0.02f}, {9, kDominant7, 0.01f}, {10, kMajor, 0.03f},
    {5, kMinor, 0.02f},
};
constexpr Usage kInMinor[] = {
    {0, kMinor, 1.0f},      {3, kMajor, 0.35f},       {5, kMinor, 0.55f},     {7, kMinor, 0.15f},
    {7, kMajor, 0.4f},      {8, kMajor, 0.5f},        {10, kMajor, 0.4f},     {0, kMinor7, 0.2f},
    {3, kMajor7, 0.1f},     {5, kMinor7, 0.2f},       {7, kDominant7, 0.45f}, {8, kMajor7, 0.15f},
    {10, kDominant7, 0.1f}, {2, kDiminished7, 0.12f}, {5, kMajor, 0.02f},
};

template <int N>
float find(const Usage (&table)[N], int root, int quality) noexcept {
    for (const Usage& usage : table)
        if (usage.root == root && usage.quality == quality) return usage.weight;
    return kStranger;
}

}  // namespace

uint16_t rotate_mask(uint16_t mask, int semitones) noexcept {
    const unsigned turned = static_cast<unsigned>(mask) << pitch_class(semitones);
    return static_cast<uint16_t>((turned | turned >> 12) & 0xfff);
}

uint16_t scale_mask(Key key, int chord) noexcept {
    uint16_t scale = key.minor ? kNaturalMinorScale : kMajorScale;
    const uint16_t tones = rotate_mask(chord_mask(chord), -key.tonic);
    if (key.minor && holds(tones, kRaisedSeventh) && !holds(tones, kNaturalSeventh))
        scale = static_cast<uint16_t>((scale & ~(1u << kNaturalSeventh)) | 1u << kRaisedSeventh);
    return rotate_mask(scale, key.tonic);
}

int shift_from_c(Key key) noexcept {
    const int up = pitch_class(key.minor ? key.tonic - 9 : key.tonic);
    return up >= 6 ? up - 12 : up;
}

Key key_of_chroma(const float* chroma, float valence) noexcept {
    float loudest = 0.0f;
    for (int i = 0; i < 12; ++i) loudest = std::max(loudest, chroma[i]);
    if (!(loudest > 0.0f)) return {0, valence < kMinorBelow};
    Key best = {0, valence < kMinorBelow};
    float best_score = -1.0f;
    for (int i = 0; i < 24; ++i) {
        const Key key = {i % 12, i >= 12};
        const uint16_t scale = scale_mask(key, kNoChord);
        const uint16_t triad = chord_mask(key.tonic * 5 + (key.minor ? kMinor : kMajor));
        float score = chroma[key.tonic];
        for (int pitch = 0; pitch < 12; ++pitch)
            score += chroma[pitch] * static_cast<float>(holds(scale, pitch) + holds(triad, pitch));
        if (score > best_score) {
            best_score = score;
            best = key;
        }
    }
    return best;
}

int metrical_weight(int step, int steps_per_bar) noexcept {
    if (step == 0) return 4;
    if (steps_per_bar % 8 == 0 && steps_per_bar > 8 && step == steps_per_bar / 2) return 3;
    return step % 4 == 0 ? 2 : step % 2 == 0 ? 1 : 0;
}

float chord_usage(int chord, bool minor) noexcept {
    const int root = chord_root(chord), quality = chord_quality(chord);
    return minor ? find(kInMinor, root, quality) : find(kInMajor, root, quality);
}

}  // namespace emohost::theory
