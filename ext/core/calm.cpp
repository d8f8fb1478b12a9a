#include "core/calm.h"

#include "core/signal/arithmetic.h"

namespace emohost {

namespace {

constexpr double kRise_s = 0.5, kSink_s = 3.0;
constexpr Emotion kCalm = {0, -0.4f};  // as silence is labelled in training
constexpr float kAll = 0.999f;

}  // namespace

Calm::Calm(double hop_s) noexcept
    : rise_(signal::smoothing(hop_s, kRise_s)), sink_(signal::smoothing(hop_s, kSink_s)) {
    encode(kCalm, calm_);
}

void Calm::hop(hearing::Sound lately) noexcept {
    const bool moves = lately >= hearing::Sound::tone;
    share_ += moves ? rise_ * (1 - share_) : -sink_ * share_;
    if (share_ > kAll) share_ = 1;
    share_ = signal::settle(share_);
}

void Calm::mix(const float* felt, float* out) const noexcept { blend(calm_, felt, share_, out); }

}  // namespace emohost
