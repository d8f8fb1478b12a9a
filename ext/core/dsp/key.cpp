#include "core/dsp/key.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"
#include "core/dsp/profile.h"

namespace emohost::dsp {

namespace {

constexpr double kMemory_s = 10.0;
constexpr double kRestMemory_s = 0.5;  // after a rest another piece may begin: what was heard counts for less
constexpr float kRest_s = 0.3f;        // silence that counts as a rest
constexpr float kLoudness = 0.8f;      // how far a step's loudness is taken out: 1 all, 0 nothing
constexpr float kLeastHeard_s = 0.6f;  // tonal sound needed before there is an answer
constexpr float kNegligible = 1e-4f;   // total salience that counts as silence
constexpr float kMargin = 0.08f;       // a rival must lead by so much ...
constexpr float kPatience_s = 1.0f;    // ... for so long
constexpr float kClearLead = 0.15f;    // lead over the next key that counts as fully clear

// Albrecht & Shanahan (2013), Music Perception 31(1): 59-67.
constexpr float kMajorProfile[12] = {0.238f, 0.006f, 0.111f, 0.006f, 0.137f, 0.094f,
                                     0.016f, 0.214f, 0.009f, 0.080f, 0.008f, 0.081f};
constexpr float kMinorProfile[12] = {0.220f, 0.006f, 0.104f, 0.123f, 0.019f, 0.103f,
                                     0.012f, 0.214f, 0.062f, 0.022f, 0.061f, 0.052f};

}  // namespace

KeyFinder::KeyFinder(double step_s)
    : step_s_(step_s), share_(smoothing(step_s, kMemory_s)), rest_share_(smoothing(step_s, kRestMemory_s)) {}

void KeyFinder::reset() noexcept {
    heard_s_ = rest_s_ = rival_s_ = clarity_ = 0;
    std::fill(chroma_, chroma_ + 12, 0.0f);
    key_ = rival_ = -1;
}

void KeyFinder::score(float* scores) const noexcept {
    float chroma[12];
    // The square root keeps the notes that sound most from drowning those that tell the mode.
    for (int p = 0; p < 12; ++p) chroma[p] = std::sqrt(std::max(chroma_[p], 0.0f));
    for (int tonic = 0; tonic < 12; ++tonic) {
        scores[tonic] = profile_correlation(chroma, kMajorProfile, tonic);
        scores[12 + tonic] = profile_correlation(chroma, kMinorProfile, tonic);
    }
}

void KeyFinder::update(const float* chroma) noexcept {
    const float step = static_cast<float>(step_s_);
    float total = 0, now = 0;
    for (int p = 0; p < 12; ++p) now += chroma[p];
    const float gain = now > 0 ? 1 / std::pow(now, kLoudness) : 0.0f;
    rest_s_ = now > 0 ? 0 : std::min(rest_s_ + step, kRest_s);
    const float share = rest_s_ < kRest_s ? share_ : rest_share_;
    for (int p = 0; p < 12; ++p) {
        chroma_[p] = settle(chroma_[p] + share * (gain * chroma[p] - chroma_[p]));
        total += chroma_[p];
    }
    if (now > 0) heard_s_ = std::min(heard_s_ + step, kLeastHeard_s);
    if (total < kNegligible * share_) {
        reset();
        return;
    }
    if (heard_s_ < kLeastHeard_s) return;

    float scores[24];
    score(scores);
    const int best = static_cast<int>(std::max_element(scores, scores + 24) - scores);
    if (key_ < 0) key_ = best;
    if (best == key_ || scores[best] < scores[key_] + kMargin) {
        rival_s_ = 0;
    } else {
        rival_s_ = best == rival_ ? rival_s_ + step : step;
        if (rival_s_ >= kPatience_s) {
            key_ = best;
            rival_s_ = 0;
        }
    }
    rival_ = best;
    float next = -1;
    for (int k = 0; k < 24; ++k)
        if (k != key_) next = std::max(next, scores[k]);
    clarity_ = clamp01(scores[key_]) * clamp01(0.5f + 0.5f * (scores[key_] - next) / kClearLead);
}

}  // namespace emohost::dsp
