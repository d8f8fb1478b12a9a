#include "core/hearing/key.h"

#include <algorithm>
#include <cmath>

#include "core/hearing/key_weights.h"
#include "core/hearing/profile.h"
#include "core/signal/arithmetic.h"
#include "core/theory/chords.h"

namespace emohost::hearing {

using namespace signal;
using namespace theory;

namespace {

constexpr float kRestMoves = 0.15f;    // in silence: afterwards another piece may begin
constexpr float kForgotten_s = 7.0f;   // of silence, after which no key is known
constexpr float kLeastHeard_s = 0.6f;  // of tonal sound, until there is an answer
// How much of the chroma a pitch class had to be to count as heard; and so many of them tell a key, without any third.
constexpr float kPresent = 0.25f;
constexpr int kEnoughTones = 4;
// From here on, as the share of the strongest pitch class, a chord that is named counts for less; from there on, where one
// tone after the other is played, for nothing.
constexpr float kLittleChord = 0.5f, kNoChordAtAll = 0.8f;
constexpr double kProfile_s = 6.0;
constexpr double kRestProfile_s = 1.0;
constexpr float kClearLead = 0.15f;  // lead of its profile over the next key's that counts as fully clear

// Albrecht & Shanahan (2013), Music Perception 31(1): 59-67.
constexpr float kMajorProfile[12] = {0.238f, 0.006f, 0.111f, 0.006f, 0.137f, 0.094f,
                                     0.016f, 0.214f, 0.009f, 0.080f, 0.008f, 0.081f};
constexpr float kMinorProfile[12] = {0.220f, 0.006f, 0.104f, 0.123f, 0.019f, 0.103f,
                                     0.012f, 0.214f, 0.062f, 0.022f, 0.061f, 0.052f};

constexpr int kUnknownChord = kNoChord + 3;  // place in the weights

// Place of a chord in the weights, seen from a tonic.
int place(int chord, int tonic) noexcept {
    if (chord < 0 || chord == kNoChord || chord >= kChordClasses) return kUnknownChord;
    if (chord > kNoChord) return kNoChord + (chord - kNoChord - 1 + 12 - tonic) % 3;
    return (chord / 5 + 12 - tonic) % 12 * 5 + chord % 5;
}

// Major and minor of the same signature.
int relative(int key) noexcept { return key < 12 ? 12 + (key + 9) % 12 : (key + 3) % 12; }

float share_of(float per_second, float step_s) noexcept { return 1 - std::exp(-per_second * step_s); }

void fits(const float* profile, float* scores) noexcept {
    float even[12];  // the notes that sound most do not drown those that tell the mode
    for (int p = 0; p < 12; ++p) even[p] = std::sqrt(std::max(profile[p], 0.0f));
    for (int tonic = 0; tonic < 12; ++tonic) {
        scores[tonic] = profile_correlation(even, kMajorProfile, tonic);
        scores[12 + tonic] = profile_correlation(even, kMinorProfile, tonic);
    }
}

float lead_of_best(const float* scores) noexcept {
    float best = -1, next = -1;
    for (int k = 0; k < KeyFinder::kKeys; ++k) {
        next = std::max(next, std::min(best, scores[k]));
        best = std::max(best, scores[k]);
    }
    return clamp01(best) * clamp01(0.5f + 0.5f * (best - next) / kClearLead);
}

}  // namespace

KeyFinder::KeyFinder(double step_s)
    : step_s_(static_cast<float>(step_s)),
      move_share_(share_of(kMoves, step_s_)),
      rest_move_share_(share_of(kRestMoves, step_s_)),
      profile_share_(smoothing(step_s, kProfile_s)),
      rest_profile_share_(smoothing(step_s, kRestProfile_s)) {
    reset();
}

void KeyFinder::reset() noexcept {
    std::fill(probability_, probability_ + kKeys, 1.0f / kKeys);
    std::fill(most_, most_ + 12, 0.0f);
    std::fill(profile_, profile_ + 12, 0.0f);
    heard_s_ = silent_s_ = clarity_ = fit_ = 0;
    third_heard_ = false;
    key_ = -1;
}

void KeyFinder::rest() noexcept {
    silent_s_ += step_s_;
    if (silent_s_ > kForgotten_s) return reset();
    for (float& share : profile_) share = settle(share - rest_profile_share_ * share);
    const float nothing[kKeys] = {};
    advance(nothing, rest_move_share_);
    if (key_ >= 0) clarity_ = std::min(clarity_, probability_[key_]);
}

// One step of the filter. evidence: logarithm of each key's likelihood, up to a constant.
void KeyFinder::advance(const float* evidence, float moves) noexcept {
    const float most = *std::max_element(evidence, evidence + kKeys);
    float sum = 0;
    for (int k = 0; k < kKeys; ++k) {
        const float prior = (1 - moves) * probability_[k] + moves * (1 - probability_[k]) / (kKeys - 1);
        probability_[k] = prior * std::exp(evidence[k] - most);
        sum += probability_[k];
    }
    for (float& each : probability_) each /= sum;
}

// One held tone is no key: it takes a chord with its third, or several tones that follow each other.
void KeyFinder::gather(const float* chroma, int chord) noexcept {
    heard_s_ = std::min(heard_s_ + step_s_, kLeastHeard_s);
    third_heard_ |= chord >= 0 && chord != kNoChord;
    for (int p = 0; p < 12; ++p) most_[p] = std::max(most_[p], chroma[p]);
}

bool KeyFinder::enough() const noexcept {
    int tones = 0;
    for (const float most : most_) tones += most >= kPresent;
    return heard_s_ >= kLeastHeard_s && (third_heard_ || tones >= kEnoughTones);
}

void KeyFinder::decide() noexcept {
    const float* best = std::max_element(probability_, probability_ + kKeys);
    if (key_ < 0 || *best > kLead * probability_[key_]) key_ = static_cast<int>(best - probability_);
}

void KeyFinder::update(const float* chroma, int chord) noexcept {
    float sum = 0, strongest = 0, even[12];
    for (int p = 0; p < 12; ++p) {
        sum += chroma[p];
        strongest = std::max(strongest, chroma[p]);
    }
    if (!(sum > 0)) return rest();
    silent_s_ = 0;
    for (int p = 0; p < 12; ++p) {
        profile_[p] = settle(profile_[p] + profile_share_ * (chroma[p] - profile_[p]));
        even[p] = std::sqrt(chroma[p] / sum);
    }
    const float together = clamp01((kNoChordAtAll - strongest / sum) / (kNoChordAtAll - kLittleChord));
    float fit[kKeys], evidence[kKeys];
    fits(profile_, fit);
    for (int k = 0; k < kKeys; ++k) {
        const int tonic = k % 12, mode = k / 12;
        float likelihood = together * kChordWeight[mode][place(chord, tonic)];
        for (int p = 0; p < 12; ++p) likelihood += kChromaWeight[mode][p] * even[(p + tonic) % 12];
        likelihood += kRelativeWeight * (fit[k] - fit[relative(k)]);
        likelihood += kParallelWeight * (fit[k] - fit[(k + 12) % kKeys]);
        evidence[k] = step_s_ * likelihood;
    }
    advance(evidence, move_share_);
    gather(chroma, together > 0 ? chord : -1);
    if (heard_s_ >= kLeastHeard_s) fit_ = lead_of_best(fit);
    if (!enough()) return;
    decide();
    clarity_ = clamp01(fit[key_]) * probability_[key_];
}

}  // namespace emohost::hearing
