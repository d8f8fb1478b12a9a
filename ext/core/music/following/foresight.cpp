#include "core/music/following/foresight.h"

#include <algorithm>
#include <cmath>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr float kMatch = 2.5f;              // what a change that was due is worth
constexpr float kMiss = 0.7f;               // what a step is that differs,
constexpr int kFirstMiss = 2, kMisses = 4;  // from the second on, for four
constexpr float kExactShare = 0.3f;         // of a change in what is known of how exact a lag is
constexpr float kInexact = 0.05f;           // weight of one that is a step off
constexpr float kMost = 9.0f;
constexpr float kFade = 0.998f;  // per step
constexpr float kLoops = 5.0f,
                kAsGood = 0.8f;  // score of a lag that is a loop; share of the best that is as good
constexpr float kDoubt = 20.0f;  // weight of what no lag tells: e^3
constexpr int kTriads = 27;      // 12 roots x 2 thirds, 3 diminished chords

int triad_of(int chord) noexcept {
    const int quality = chord_quality(chord), root = chord_root(chord);
    if (quality < 0) return -1;
    if (quality == kDiminished7) return 24 + root;
    return 2 * root + (quality == kMinor || quality == kMinor7 ? 1 : 0);
}

}  // namespace

void Foresight::clear() noexcept {
    first_ = next_ = 0;
    std::fill_n(chords_, kSteps, int8_t{-1});
    std::fill_n(triads_, kSteps, int8_t{-1});
    std::fill_n(scores_, kMostLag, 0.0f);
    std::fill_n(exact_, kMostLag, 0.5f);
    std::fill_n(differs_, kMostLag, uint8_t{0});
}

void Foresight::write(uint64_t step, int chord) noexcept {
    const int triad = triad_of(chord);
    chords_[step % kSteps] = static_cast<int8_t>(triad < 0 ? -1 : chord);
    triads_[step % kSteps] = static_cast<int8_t>(triad);
}

void Foresight::hear(uint64_t step, int chord, int settled) noexcept {
    if (step != next_) {
        clear();
        first_ = step;
    }
    write(step, chord);
    next_ = step + 1;
    const auto behind = static_cast<uint64_t>(std::clamp(settled, 1, kMostLag));
    least_ = std::max(kLeastLag, static_cast<int>(behind) + 1);
    if (step >= first_ + behind + 3) learn(step - behind);
}

void Foresight::correct(uint64_t step, int chord) noexcept {
    const uint64_t oldest = std::max(first_, next_ > kMostLag ? next_ - kMostLag : 0);
    for (uint64_t at = std::max(step, oldest); at < next_; ++at) write(at, chord);
}

// What each lag said of a step that is settled.
void Foresight::learn(uint64_t step) noexcept {
    const int now = triad(step);
    // One step after a change, so that a lag whose change comes a step later is counted as well.
    const bool changed = now >= 0 && !changes(step) && changes(step - 1);
    const int most = static_cast<int>(std::min<uint64_t>(kMostLag, step - first_ - 2));
    for (int lag = kLeastLag; lag < most; ++lag) {
        const uint64_t then = step - static_cast<uint64_t>(lag);
        const bool same = now >= 0 && triad(then) == now;
        float score = scores_[lag] * kFade;
        int differs = same ? 0 : std::min(differs_[lag] + 1, kFirstMiss + kMisses);
        if (now >= 0 && differs >= kFirstMiss && differs < kFirstMiss + kMisses) score -= kMiss;
        if (changed && same && (changes(then) || changes(then - 1) || changes(then - 2))) {
            score += kMatch;
            exact_[lag] += kExactShare * ((changes(then - 1) ? 1.0f : 0.0f) - exact_[lag]);
        }
        scores_[lag] = std::clamp(score, 0.0f, kMost);
        differs_[lag] = static_cast<uint8_t>(differs);
    }
}

Foreseen Foresight::at(uint64_t step) const noexcept {
    if (step <= first_) return {};
    const uint64_t reach = step >= next_ ? step - next_ + 1 : 1;
    if (reach >= kMostLag) return {};
    float weights[kTriads] = {}, all = kDoubt;
    int8_t named[kTriads] = {};
    const int most = static_cast<int>(std::min<uint64_t>(kMostLag, step - first_));
    for (int lag = std::max(least_, static_cast<int>(reach)); lag < most; ++lag) {
        if (scores_[lag] <= 0.0f) continue;
        const uint64_t then = step - static_cast<uint64_t>(lag);
        const float weight = (std::exp(scores_[lag]) - 1.0f) * (kInexact + exact_[lag]);
        all += weight;
        if (triad(then) < 0) continue;
        weights[triad(then)] += weight;
        named[triad(then)] = chords_[then % kSteps];
    }
    const int best = static_cast<int>(std::max_element(weights, weights + kTriads) - weights);
    if (!(weights[best] > 0.0f)) return {};
    return {named[best], weights[best] / all};
}

int Foresight::loop() const noexcept {
    const float best = *std::max_element(scores_, scores_ + kMostLag);
    if (best < kLoops) return 0;
    return static_cast<int>(
        std::find_if(scores_, scores_ + kMostLag, [best](float score) { return score > kAsGood * best; }) -
        scores_);
}

}  // namespace emohost::music
