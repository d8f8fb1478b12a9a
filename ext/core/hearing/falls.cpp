#include "core/hearing/falls.h"

#include <algorithm>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kFalls_s = 3.0;
constexpr float kDepths[kFallDepths] = {20, 40, 80, 150, 300};  // dB a second

}  // namespace

Falls::Falls(double hop_s) : hop_s_(static_cast<float>(hop_s)), share_(smoothing(hop_s, kFalls_s)) {}

void Falls::reset() noexcept {
    last_db_ = 0;
    sounded_ = false;
    std::fill(shares_, shares_ + kFallDepths, 0.0f);
}

void Falls::hop(float level_db, bool sounding) noexcept {
    const float fall = sounding && sounded_ ? (last_db_ - level_db) / hop_s_ : 0.0f;
    last_db_ = level_db;
    sounded_ = sounding;
    for (int i = 0; i < kFallDepths; ++i)
        shares_[i] = settle(shares_[i] + share_ * ((fall > kDepths[i] ? 1.0f : 0.0f) - shares_[i]));
}

}  // namespace emohost::hearing
