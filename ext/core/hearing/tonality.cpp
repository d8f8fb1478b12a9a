#include "core/hearing/tonality.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr float kForgotten = 1e-3f;  // at which a pitch class counts as gone
// A low tone's fifth partial is a third: a note there counts as far as it is stronger than this share of the low one.
constexpr int kFifthPartial = 28;
constexpr float kOvertone = 0.35f;

void normalise(const float* in, float* out) noexcept {
    float sum = 0;
    for (int p = 0; p < 12; ++p) sum += in[p];
    for (int p = 0; p < 12; ++p) out[p] = sum > kForgotten ? in[p] / sum : 0.0f;
}

void approach(float* state, const float* target, float share) noexcept {
    for (int p = 0; p < 12; ++p) state[p] = settle(state[p] + share * (target[p] - state[p]));
}

}  // namespace

void Tonality::reset() noexcept {
    pitch_.reset();
    fresh_pitch_.reset();
    whole_classes_ = fresh_classes_ = PitchClasses{};
    std::fill(present_, present_ + 12, 0.0f);
    std::fill(notes_, notes_ + kNotes, 0.0f);
    key_.reset();
    chord_.reset();
    for (float* state :
         {short_, recent_, middle_, long_, chroma_, chroma_recent_, chroma_middle_, chroma_long_})
        std::fill(state, state + 12, 0.0f);
    register_ = mode_ = mode_middle_ = mode_recent_ = 0;
}

PitchClasses Tonality::classes_of(const float* notes) const noexcept {
    PitchClasses found;
    for (int i = 0; i < kNotes; ++i) {
        const int p = (kLowestNote + i) % 12;
        found.upper[p] += upper_weight_[i] * notes[i];
        found.bass[p] += bass_weight_[i] * notes[i];
    }
    return found;
}

void Tonality::name_chord(bool sounding) noexcept {
    const float* found = fresh_pitch_.notes();
    const float most = sounding ? *std::max_element(found, found + kNotes) : 0.0f;
    for (int i = 0; i < kNotes; ++i) notes_[i] = most > 0.0f ? found[i] / most : 0.0f;
    fresh_classes_ = sounding ? classes_of(fresh_pitch_.notes()) : PitchClasses{};
    chord_.update(whole_classes_, fresh_classes_, present_);
}

void Tonality::conclude(bool sounding) noexcept {
    float all[12] = {};
    whole_classes_ = PitchClasses{};
    std::fill(present_, present_ + 12, 0.0f);
    if (sounding) {
        const float* notes = pitch_.notes();
        whole_classes_ = classes_of(notes);
        float sum = 0, moment = 0;
        for (int i = 0; i < kNotes; ++i) {
            const float overtone = i >= kFifthPartial ? kOvertone * notes[i - kFifthPartial] : 0.0f;
            present_[(kLowestNote + i) % 12] += upper_weight_[i] * std::max(0.0f, notes[i] - overtone);
            sum += notes[i];
            moment += notes[i] * static_cast<float>(i);
        }
        for (int p = 0; p < 12; ++p) all[p] = whole_classes_.upper[p] + whole_classes_.bass[p];
        if (sum > kForgotten) register_ += register_share_ * (moment / sum / (kNotes - 1) - register_);
    } else {
        register_ = settle(register_ - register_share_ * register_);
    }
    approach(short_, all, short_share_);
    normalise(short_, chroma_);
    // Every moment counts alike, soft or loud: what is averaged is the chroma, not the salience.
    const float silent[12] = {};
    approach(recent_, sounding ? chroma_ : silent, sounding ? recent_share_ : rest_share_);
    approach(middle_, sounding ? chroma_ : silent, sounding ? middle_share_ : rest_share_);
    approach(long_, sounding ? chroma_ : silent, sounding ? long_share_ : rest_share_);
    normalise(recent_, chroma_recent_);
    normalise(middle_, chroma_middle_);
    normalise(long_, chroma_long_);
    mode_ = mode_of_chroma(chroma_long_);
    mode_middle_ = mode_of_chroma(chroma_middle_);
    mode_recent_ = mode_of_chroma(chroma_recent_);

    key_.update(chroma_, chord_.chord());
}

}  // namespace emohost::hearing
