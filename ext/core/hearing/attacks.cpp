#include "core/hearing/attacks.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kAround_s = 0.025;  // a peak is the highest of so long before and behind it
constexpr double kHold_s = 0.04;     // between two peaks
constexpr double kDensity_s = 3.0;
constexpr float kHeights[kAttackHeights] = {0.067f, 0.1f, 0.147f, 0.22f, 0.333f, 0.467f, 0.667f};

}  // namespace

Attacks::Attacks(double tick_s, double hop_s)
    : around_(std::clamp(static_cast<int>(std::lround(kAround_s / tick_s)), 1, kMostTicks / 2)),
      hold_ticks_(static_cast<int>(std::ceil(kHold_s / tick_s))),
      hop_s_(hop_s),
      share_(smoothing(hop_s, kDensity_s)) {
    reset();
}

void Attacks::reset() noexcept {
    newest_ = 0;
    std::fill(recent_, recent_ + kMostTicks, 0.0f);
    std::fill(since_, since_ + kAttackHeights, hold_ticks_);
    std::fill(found_, found_ + kAttackHeights, 0);
    std::fill(of_hop_, of_hop_ + kAttackHeights, 0);
    std::fill(density_, density_ + kAttackHeights, 0.0f);
}

void Attacks::tick(float strength) noexcept {
    const int ticks = 2 * around_ + 1;
    newest_ = (newest_ + 1) % ticks;
    recent_[newest_] = strength;
    const float middle = recent_[(newest_ + ticks - around_) % ticks];
    const bool peak = middle >= *std::max_element(recent_, recent_ + ticks);
    for (int i = 0; i < kAttackHeights; ++i) {
        since_[i] = std::min(since_[i] + 1, hold_ticks_);
        if (!peak || middle < kHeights[i] || since_[i] < hold_ticks_) continue;
        ++found_[i];
        since_[i] = 0;
    }
}

void Attacks::hop() noexcept {
    for (int i = 0; i < kAttackHeights; ++i) {
        const float per_second = static_cast<float>(found_[i] / hop_s_);
        density_[i] = settle(density_[i] + share_ * (per_second - density_[i]));
        of_hop_[i] = found_[i];
        found_[i] = 0;
    }
}

}  // namespace emohost::hearing
