#include "core/hearing/chord.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "core/hearing/chord_templates.h"
#include "core/signal/arithmetic.h"
#include "core/theory/keys.h"

namespace emohost::hearing {

using namespace signal;

namespace {

// Of the quick filter and the calm one: prior of a chord's length, and how much one look counts. A look every 40 ms sees
// mostly what the one before saw; the quick filter counts more than there is to know, and pays with some unrest.
constexpr double kQuickLasts_s = 4.0, kCalmLasts_s = 1.5;
constexpr float kQuickLook = 2.5f, kCalmLook = 0.4f;
constexpr double kLook_s = 0.04;      // at which these hold
constexpr float kEvenness = 0.7f;     // power of the saliences: a doubled note counts less than twice
constexpr float kLeastScore = -6.0f;  // one look that contradicts counts no more than this
constexpr float kSure = 0.5f;
constexpr float kSilence_s = 0.25f;
constexpr double kWindows_s = 0.17;  // by which a look is behind what sounds
constexpr double kThirdLasts_s = 4.0;
// From here on, as a share of the strongest pitch class, a pitch class counts as heard: where nearly all is one pitch
// class the rest is mostly overtones, and has to be stronger.
constexpr float kHeardAmongOthers = 0.06f, kHeardBesideOne = 0.25f;
constexpr float kOthers =
    0.38f;  // share of all that is not the strongest pitch class: from here on it is more than one

void normalise(const float* upper, float* out) noexcept {
    float squares = 0;
    for (int p = 0; p < 12; ++p) {
        out[p] = std::pow(std::max(upper[p], 0.0f), kEvenness);
        squares += out[p] * out[p];
    }
    const float gain = squares > 0 ? 1 / std::sqrt(squares) : 0.0f;
    for (int p = 0; p < 12; ++p) out[p] *= gain;
}

void share(const float* bass, float* out) noexcept {
    float sum = 0;
    for (int p = 0; p < 12; ++p) sum += bass[p];
    for (int p = 0; p < 12; ++p) out[p] = sum > 0 ? bass[p] / sum : 0.0f;
}

void advance(float* probability, const float* scores, float stay, float look) noexcept {
    float most = kLeastScore;
    for (int chord = 0; chord < kChordClasses; ++chord)
        if (chord != kNoChord) most = std::max(most, scores[chord]);
    float sum = 0;
    for (int chord = 0; chord < kChordClasses; ++chord) {
        if (chord == kNoChord) continue;
        const float prior = stay * probability[chord] + (1 - stay) / kChordClasses;
        probability[chord] = prior * std::exp(look * (scores[chord] - most));
        sum += probability[chord];
    }
    probability[kNoChord] = 0;
    for (int chord = 0; chord < kChordClasses; ++chord) probability[chord] /= sum;
}

// The root and third that are likeliest, whatever stands above.
Triad likeliest(const float* probability) noexcept {
    Triad best = {-1, 0.0f};
    const auto consider = [&](std::initializer_list<int> classes) {
        Triad triad = {*classes.begin(), 0.0f};
        for (const int chord : classes) {
            triad.probability += probability[chord];
            if (probability[chord] > probability[triad.chord]) triad.chord = chord;
        }
        if (triad.probability > best.probability) best = triad;
    };
    for (int root = 0; root < kNoChord; root += 5) {
        consider({root + kMajor, root + kDominant7, root + kMajor7});
        consider({root + kMinor, root + kMinor7});
    }
    for (int chord = kNoChord + 1; chord < kChordClasses; ++chord) consider({chord});
    return best;
}

}  // namespace

ChordFinder::ChordFinder(double step_s)
    : step_s_(step_s),
      stay_quick_(static_cast<float>(std::exp(-step_s / kQuickLasts_s))),
      stay_calm_(static_cast<float>(std::exp(-step_s / kCalmLasts_s))),
      fade_(static_cast<float>(std::exp(-step_s / kThirdLasts_s))) {
    reset();
}

void ChordFinder::reset() noexcept {
    std::fill(quick_, quick_ + kChordClasses, 1.0f / kChordClasses);
    std::fill(calm_, calm_ + kChordClasses, 1.0f / kChordClasses);
    std::fill(present_, present_ + 12, 0.0f);
    others_ = 0;
    silent_s_ = 0;
    newest_ = known_ = 0;
    chord_ = -1;
    more_ = ChordHeard{};
}

// Logarithm of each class's probability, by the templates turned to each root.
void ChordFinder::score(const PitchClasses& whole, const PitchClasses& fresh, float* scores) const noexcept {
    float look[kTemplateParts][12];
    normalise(whole.upper, look[0]);
    share(whole.bass, look[1]);
    normalise(fresh.upper, look[2]);
    share(fresh.bass, look[3]);
    float diminished[3] = {};
    float most = -1e9f;
    for (int root = 0; root < 12; ++root) {
        for (int quality = 0; quality < kTemplates; ++quality) {
            float x = kTemplateOffset[quality];
            for (int part = 0; part < kTemplateParts; ++part)
                for (int p = 0; p < 12; ++p)
                    x += kTemplate[quality][part * 12 + p] * look[part][(p + root) % 12];
            if (quality == kDiminished7)
                diminished[root % 3] += 0.25f * std::exp(x);
            else
                scores[root * 5 + quality] = x;
        }
    }
    for (int i = 0; i < 3; ++i) scores[kNoChord + 1 + i] = std::log(diminished[i] + 1e-30f);
    scores[kNoChord] = -1e9f;
    for (int chord = 0; chord < kChordClasses; ++chord) most = std::max(most, scores[chord]);
    float sum = 0;
    for (int chord = 0; chord < kChordClasses; ++chord) sum += std::exp(scores[chord] - most);
    const float all = most + std::log(sum);
    for (int chord = 0; chord < kChordClasses; ++chord)
        scores[chord] = std::max(scores[chord] - all, kLeastScore);
}

void ChordFinder::remember(const float* present) noexcept {
    float most = 0, sum = 0;
    for (int p = 0; p < 12; ++p) {
        most = std::max(most, present[p]);
        sum += present[p];
    }
    others_ = settle(std::max(fade_ * others_, most > 0 ? 1 - most / sum : 0.0f));
    for (int p = 0; p < 12; ++p)
        present_[p] = settle(std::max(fade_ * present_[p], most > 0 ? present[p] / most : 0.0f));
}

bool ChordFinder::is_heard(int pitch) const noexcept {
    return present_[pitch % 12] >= (others_ >= kOthers ? kHeardAmongOthers : kHeardBesideOne);
}

bool ChordFinder::has_third(int chord) const noexcept {
    const int quality = chord_quality(chord), root = chord_root(chord);
    if (quality < 0) return false;
    if (quality == kDiminished7) {
        int heard = 0;
        for (int p = root; p < 12; p += 3) heard += is_heard(p);
        return heard >= 3;
    }
    const int third = quality == kMinor || quality == kMinor7 ? 3 : 4;
    return is_heard(root) && is_heard(root + third);
}

// The pitch class that sounds most, or the root of a fifth whose upper tone it is.
int ChordFinder::lone_tone() const noexcept {
    const int tone = static_cast<int>(std::max_element(present_, present_ + 12) - present_);
    if (present_[tone] < kHeardBesideOne) return -1;
    const int below = (tone + 5) % 12;
    return present_[below] >= kHeardBesideOne ? below : tone;
}

// When did it begin? At the look from which on it explains more than the chord before.
void ChordFinder::settle_on(int chord) noexcept {
    const bool goes_on = same_triad(chord, more_.settled);
    if (!goes_on) {
        float sum = 0, most = -1e9f;
        int ago = 0;
        for (int i = 0; i < known_; ++i) {
            const float* scores = history_[(newest_ + kHistory - i) % kHistory];
            sum += scores[chord] - (more_.settled >= 0 ? scores[more_.settled] : 0.5f * kLeastScore);
            if (sum <= most) continue;
            most = sum;
            ago = i;
        }
        more_.settled_ago_s = static_cast<float>(ago * step_s_ + kWindows_s);
    }
    more_.settled = chord;
}

void ChordFinder::update(const PitchClasses& whole, const PitchClasses& fresh,
                         const float* present) noexcept {
    float sum = 0;
    for (int p = 0; p < 12; ++p) sum += whole.upper[p];
    if (!(sum > 0)) {
        silent_s_ += static_cast<float>(step_s_);
        if (silent_s_ >= kSilence_s) reset();
        return;
    }
    silent_s_ = 0;
    newest_ = (newest_ + 1) % kHistory;
    known_ = std::min(known_ + 1, kHistory);
    float* scores = history_[newest_];
    score(whole, fresh, scores);
    remember(present);
    const float looks = static_cast<float>(step_s_ / kLook_s);
    advance(quick_, scores, stay_quick_, kQuickLook * looks);
    advance(calm_, scores, stay_calm_, kCalmLook * looks);

    decide(likeliest(quick_), likeliest(calm_));
}

// What stands above the triad is left to the calm filter, which wavers less.
void ChordFinder::decide(Triad quick, Triad calm) noexcept {
    const bool agree = same_triad(quick.chord, calm.chord);
    if (quick.probability >= kSure && has_third(quick.chord))
        chord_ = agree ? calm.chord : quick.chord;
    else if (!has_third(chord_))
        chord_ = -1;
    more_.confidence = same_triad(chord_, quick.chord) ? quick.probability : 0.0f;
    more_.tone = chord_ < 0 ? lone_tone() : -1;
    more_.settled_ago_s += static_cast<float>(step_s_);
    if (calm.probability >= kSure && calm.chord != more_.settled && has_third(calm.chord))
        settle_on(calm.chord);
    if (!has_third(more_.settled)) more_.settled = -1;
}

}  // namespace emohost::hearing
