#include "core/music/following/chart.h"

#include <algorithm>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr float kKept = 0.90f;      // of a score, from beat to beat
constexpr float kFits = 1.0f;       // the same triad is heard
constexpr float kNearly = 0.25f;    // one that shares two tones, or the fifth alone
constexpr float kDiffers = -0.75f;  // another one
constexpr float kExpected = 3.0f;   // lead of the first bar where music begins
constexpr float kLead = 2.0f;       // that another bar needs before it is taken for the one that is played
constexpr float kBeats = 12.0f;     // over which agreement is counted
constexpr float kLeaves = 0.3f, kReturns = 0.55f;  // shares of agreement

int shared_tones(int a, int b) noexcept {
    int count = 0;
    for (uint16_t both = chord_mask(a) & chord_mask(b); both; both &= static_cast<uint16_t>(both - 1))
        ++count;
    return count;
}

float fit(int charted, int heard) noexcept {
    if (chord_root(charted) < 0) return 0.0f;
    if (same_triad(charted, heard)) return kFits;
    return shared_tones(charted, heard) >= 2 ? kNearly : kDiffers;
}

}  // namespace

void Chart::set(const int8_t* chords, int beats, int beats_per_bar) noexcept {
    beats_per_bar_ = beats_per_bar;
    bars_ = std::min(beats, kChartBeats) / beats_per_bar;
    std::copy_n(chords, bars_ * beats_per_bar_, chords_);
    clear();
}

void Chart::clear() noexcept {
    std::fill_n(scores_, kChartBeats, 0.0f);
    scores_[0] = kExpected;
    bar_ = 0;
    begun_ = false;
    agreed_ = 1;
    left_ = false;
}

int Chart::step(int step_in_bar, int steps_per_bar, int heard) noexcept {
    if (bars_ == 0 || steps_per_bar != kStepsPerBeat * beats_per_bar_) return -1;
    if (step_in_bar == 0 && begun_) next_bar();
    const bool known = chord_root(heard) >= 0;
    if (known && !begun_) begun_ = true;
    const int beat = step_in_bar / kStepsPerBeat;
    // The ear is behind: it tells of a beat at the beat's end.
    if (known && step_in_bar % kStepsPerBeat == kStepsPerBeat - 1) score(beat, heard);
    if (left_) return -1;
    const int charted = chord(bar_, beat);
    return chord_root(charted) >= 0 ? charted : -1;
}

int Chart::ahead(int step_in_bar, int steps_per_bar, int steps) const noexcept {
    if (bars_ == 0 || left_ || steps_per_bar != kStepsPerBeat * beats_per_bar_) return -1;
    const int step = step_in_bar + steps, bar = (bar_ + step / steps_per_bar) % bars_;
    const int charted = chord(bar, step % steps_per_bar / kStepsPerBeat);
    return chord_root(charted) >= 0 ? charted : -1;
}

void Chart::next_bar() noexcept {
    bar_ = (bar_ + 1) % bars_;
    int best = 0;
    for (int ahead = 1; ahead < bars_; ++ahead)
        if (scores_[ahead] > scores_[best]) best = ahead;
    if (best == 0 || scores_[best] < scores_[0] + kLead) return;
    std::rotate(scores_, scores_ + best, scores_ + bars_);
    bar_ = (bar_ + best) % bars_;
    agreed_ = std::max(agreed_, kReturns);
}

void Chart::score(int beat, int heard) noexcept {
    for (int ahead = 0; ahead < bars_; ++ahead) {
        const int other = chord((bar_ + ahead) % bars_, beat);
        scores_[ahead] = kKept * scores_[ahead] + fit(other, heard);
    }
    const int charted = chord(bar_, beat);
    if (chord_root(charted) < 0) return;
    const float agrees = std::max(0.0f, fit(charted, heard));
    agreed_ += (agrees - agreed_) / kBeats;
    left_ = agreed_ < (left_ ? kReturns : kLeaves);
}

}  // namespace emohost::music
