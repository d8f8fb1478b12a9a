#include "core/dsp/tonality.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"

namespace emohost::dsp {

namespace {

constexpr float kForgotten = 1e-3f;  // at which a pitch class counts as gone

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
    key_.reset();
    chord_.reset();
    for (float* state :
         {short_, recent_, middle_, long_, chroma_, chroma_recent_, chroma_middle_, chroma_long_})
        std::fill(state, state + 12, 0.0f);
    register_ = mode_ = mode_middle_ = mode_recent_ = 0;
}

void Tonality::conclude(bool sounding) noexcept {
    float upper[12] = {}, bass[12] = {}, all[12] = {};
    if (sounding) {
        const float* notes = pitch_.notes();
        float sum = 0, moment = 0;
        for (int i = 0; i < kNotes; ++i) {
            const int p = (kLowestNote + i) % 12;
            upper[p] += upper_weight_[i] * notes[i];
            bass[p] += bass_weight_[i] * notes[i];
            sum += notes[i];
            moment += notes[i] * static_cast<float>(i);
        }
        for (int p = 0; p < 12; ++p) all[p] = upper[p] + bass[p];
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

    key_.update(upper);
    chord_.update(upper, bass);
}

}  // namespace emohost::dsp
