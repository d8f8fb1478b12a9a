// The emotion embedding: a thermometer code of the two axes of the circumplex.
// Entries 0-31 encode valence, 32-63 arousal; entry i of an axis is tanh(kSlope * (value - centre_i)),
// centres spread evenly over [-1, 1]. src/emohost/emotion.py computes the same, to 1e-6.
#pragma once

namespace emohost {

constexpr int kEmbedding = 64;
constexpr int kAxis = 32;
constexpr float kSlope = 4.0f;

struct Emotion {
    float valence;  // [-1, 1]: unpleasant to pleasant
    float arousal;  // [-1, 1]: calm to excited
};

// Writes the 64 entries for a point of the circumplex; values outside [-1, 1] are clamped, and one
// that is not finite counts as 0. Real-time safe.
void encode(Emotion emotion, float* embedding) noexcept;

// Reads a point back: the value whose code has the same mean, per half (monotone for any embedding; a mean
// that no point of [-1, 1] has gives the nearer end; one that is not finite gives 0). Real-time safe.
Emotion decode(const float* embedding) noexcept;

// out = (1 - weight) * a + weight * b, weight clamped to [0, 1]; out may be a or b. Real-time safe.
void blend(const float* a, const float* b, float weight, float* out) noexcept;

}  // namespace emohost
