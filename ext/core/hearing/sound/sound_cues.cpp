#include "core/hearing/sound/sound_cues.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kLag_s = 0.4;    // after which notes are compared with what they were
constexpr double kLevel_s = 2.0;  // over which the level is what it usually is
constexpr float kSpan_db = 20;
constexpr float kLoudNote = 0.2f;  // of the strongest
constexpr float kRise = 0.1f;      // of a band, 3 dB: it counts among those that rise
constexpr float kRare = 0.25f, kOctaves = 6;

// Places in values_, in this order.
enum Cue : int {
    kTonal,
    kTonalFresh,
    kFlatness,
    kArticulation,
    kLevel,
    kLevelStep,
    kOnset,
    kDensity,
    kClarity,
    kChromaMost,
    kChromaSpread,
    kMiddleSpread,
    kLongSpread,
    kChromaMoves,
    kNotesStay,
    kNotesCount,
    kLowest,
    kTuning,
    kAttacks,
    kFalls = kAttacks + kAttackHeights,
    kPulse = kFalls + kFallDepths,
    kPulseSpread,
    kRates,
    kBands = kRates + kCueRates,
    kRises = kBands + kCueBands,
    kRisen,
    kCues
};
static_assert(kCues == kSoundCues && kBeatBands % kCueBands == 0 && kModulationRates % kCueRates == 0,
              "each cue has its place");

// Entropy over that of an even spread: 0, all in one, to 1. Zeros give 0.
float spread(const float* shares, int n) noexcept {
    float sum = 0, entropy = 0;
    for (int i = 0; i < n; ++i) sum += shares[i];
    if (!(sum > 0)) return 0;
    for (int i = 0; i < n; ++i)
        if (shares[i] > 0) entropy -= shares[i] / sum * std::log(shares[i] / sum);
    return clamp01(entropy / std::log(static_cast<float>(n)));
}

float likeness(const float* a, const float* b, int n) noexcept {
    const float both = dot(a, b, n), squares = dot(a, a, n) * dot(b, b, n);
    return squares > 0 ? both / std::sqrt(squares) : 0.0f;
}

float rate(float per_second) noexcept { return clamp01(std::log2(1 + per_second / kRare) / kOctaves); }

}  // namespace

SoundCues::SoundCues(double hop_s, double notes_s)
    : lag_(std::clamp(static_cast<int>(std::lround(kLag_s / notes_s)), 1, kMostLag - 1)),
      level_share_(smoothing(hop_s, kLevel_s)) {}

void SoundCues::reset() noexcept {
    slow_db_ = last_db_ = 0;
    known_ = false;
    newest_ = 0;
    std::fill(&past_[0][0], &past_[0][0] + kMostLag * kNotes, 0.0f);
    std::fill(values_, values_ + kSoundCues, 0.0f);
}

void SoundCues::notes(Tonality& tonality) noexcept {
    const float* found = tonality.whole().notes();
    float sum = 0;
    for (int i = 0; i < kNotes; ++i) sum += found[i];
    values_[kTonal] = tonality.whole().tonalness();
    values_[kTonalFresh] = tonality.fresh().tonalness();
    values_[kClarity] = tonality.key().fit();
    const float* chroma = tonality.chroma();
    values_[kChromaMost] = *std::max_element(chroma, chroma + 12);
    values_[kChromaSpread] = spread(chroma, 12);
    values_[kMiddleSpread] = spread(tonality.chroma_middle(), 12);
    values_[kLongSpread] = spread(tonality.chroma_long(), 12);
    values_[kChromaMoves] = 1 - likeness(chroma, tonality.chroma_middle(), 12);
    values_[kTuning] = tonality.tuning_cents() / 50;
    compare_notes(found, sum);
}

void SoundCues::compare_notes(const float* notes, float sum) noexcept {
    const float* before = past_[(newest_ + kMostLag - lag_) % kMostLag];
    values_[kNotesStay] = likeness(notes, before, kNotes);
    values_[kNotesCount] = spread(notes, kNotes);
    const float loud = kLoudNote * *std::max_element(notes, notes + kNotes);
    int lowest = 0;
    while (lowest < kNotes - 1 && notes[lowest] < loud) ++lowest;
    values_[kLowest] = sum > 0 ? 1 - static_cast<float>(lowest) / (kNotes - 1) : 0.0f;
    newest_ = (newest_ + 1) % kMostLag;
    std::copy(notes, notes + kNotes, past_[newest_]);
}

void SoundCues::hop(const Measured& measured, const Attacks& attacks, const Falls& falls,
                    const Modulation& modulation, const float* beat_features) noexcept {
    if (!known_) slow_db_ = last_db_ = measured.short_db;
    known_ = true;
    slow_db_ += level_share_ * (measured.short_db - slow_db_);
    values_[kFlatness] = measured.flatness;
    values_[kArticulation] = measured.articulation;
    values_[kLevel] = std::clamp((measured.short_db - slow_db_) / kSpan_db, -2.0f, 2.0f);
    values_[kLevelStep] = std::min(std::fabs(measured.short_db - last_db_) / kSpan_db, 1.0f);
    last_db_ = measured.short_db;
    values_[kOnset] = measured.onset_strength;
    values_[kDensity] = rate(measured.onset_density);
    for (int i = 0; i < kAttackHeights; ++i) values_[kAttacks + i] = rate(attacks.density()[i]);
    std::copy_n(falls.shares(), kFallDepths, values_ + kFalls);
    const float* shares = modulation.shares();
    values_[kPulse] = *std::max_element(shares, shares + kModulationRates);
    values_[kPulseSpread] = spread(shares, kModulationRates);
    constexpr int kEach = kModulationRates / kCueRates;
    for (int group = 0; group < kCueRates; ++group) {
        float share = 0;
        for (int i = 0; i < kEach; ++i) share += shares[group * kEach + i];
        values_[kRates + group] = share;
    }
    write_bands(beat_features);
}

// Levels of groups of bands against their mean, and how many bands rise.
void SoundCues::write_bands(const float* beat_features) noexcept {
    constexpr int kEach = kBeatBands / kCueBands;
    float mean = 0;
    for (int group = 0; group < kCueBands; ++group) {
        float level = 0;
        for (int i = 0; i < kEach; ++i) level += beat_features[group * kEach + i];
        values_[kBands + group] = level / kEach;
        mean += level / kBeatBands;
    }
    for (int group = 0; group < kCueBands; ++group) values_[kBands + group] -= mean;
    float rises = 0, risen = 0;
    for (int b = 0; b < kBeatBands; ++b) {
        rises += beat_features[kBeatBands + b];
        risen += beat_features[kBeatBands + b] > kRise ? 1.0f : 0.0f;
    }
    values_[kRises] = rises / kBeatBands * 4;
    values_[kRisen] = risen / kBeatBands;
}

}  // namespace emohost::hearing
