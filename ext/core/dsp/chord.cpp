#include "core/dsp/chord.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"

namespace emohost::dsp {

namespace {

constexpr double kChordLasts_s = 1.5;  // prior of a chord's length
constexpr float kSharpness =
    14.0f;  // log likelihood per unit of similarity and analysis step of 40 ms, x step
constexpr float kBassWeight = 0.7f;
constexpr float kEvenness = 0.7f;       // power of the saliences: a doubled note counts less than twice
constexpr float kSeventhPrior = 0.03f;  // similarity that a chord of four tones must win by
constexpr float kSure = 0.5f;
constexpr float kSilence_s = 0.25f;

}  // namespace

using music::chord_mask;
using music::chord_quality;
using music::chord_root;
using music::kChordClasses;
using music::kNoChord;

ChordFinder::ChordFinder(double step_s)
    : stay_(static_cast<float>(std::exp(-step_s / kChordLasts_s))), step_s_(step_s) {
    for (int chord = 0; chord < kChordClasses; ++chord) {
        const unsigned mask = chord_mask(chord);
        float size = 0;
        for (int p = 0; p < 12; ++p) size += static_cast<float>(mask >> p & 1);
        for (int p = 0; p < 12 && size > 0; ++p)
            template_[chord][p] = static_cast<float>(mask >> p & 1) / std::sqrt(size);
    }
    reset();
}

void ChordFinder::reset() noexcept {
    std::fill(probability_, probability_ + kChordClasses, 1.0f / kChordClasses);
    silent_s_ = 0;
    chord_ = -1;
}

void ChordFinder::update(const float* upper, const float* bass) noexcept {
    float chroma[12], norm = 0, bass_sum = 0;
    for (int p = 0; p < 12; ++p) {
        chroma[p] = std::pow(upper[p], kEvenness);
        norm += chroma[p] * chroma[p];
        bass_sum += bass[p];
    }
    if (norm == 0) {
        silent_s_ += static_cast<float>(step_s_);
        if (silent_s_ >= kSilence_s) reset();
        return;
    }
    silent_s_ = 0;
    norm = std::sqrt(norm);

    float similarity[kChordClasses] = {}, best = 0;
    for (int chord = 0; chord < kChordClasses; ++chord) {
        if (chord == kNoChord) continue;
        float x = 0;
        for (int p = 0; p < 12; ++p) x += template_[chord][p] * chroma[p] / norm;
        const bool four = chord_quality(chord) >= music::kDominant7;
        if (four) x -= kSeventhPrior;
        if (bass_sum > 0 && chord < kNoChord) x += kBassWeight * bass[chord_root(chord)] / bass_sum;
        similarity[chord] = x;
        best = std::max(best, x);
    }
    float sum = 0;
    for (int chord = 0; chord < kChordClasses; ++chord) {
        if (chord == kNoChord) continue;
        const float prior = stay_ * probability_[chord] + (1 - stay_) / kChordClasses;
        probability_[chord] =
            prior * std::exp(kSharpness * static_cast<float>(step_s_ / 0.04) * (similarity[chord] - best));
        sum += probability_[chord];
    }
    probability_[kNoChord] = 0;
    for (float& p : probability_) p /= sum;
    const int likeliest =
        static_cast<int>(std::max_element(probability_, probability_ + kChordClasses) - probability_);
    if (probability_[likeliest] >= kSure) chord_ = likeliest;
}

}  // namespace emohost::dsp
