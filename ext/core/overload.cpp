#include "core/overload.h"

#include <algorithm>

namespace emohost {

namespace {

constexpr double kLateShare = 0.8, kCalmShare = 0.5;  // of a block's length
constexpr int kLateWeight = 8, kTooLate = 32;
constexpr double kShortestWait_s = 2.0, kLongestWait_s = 32.0;

}  // namespace

void Overload::finished(uint64_t duration_ns, uint32_t frames) noexcept {
    if (frames == 0) return;
    const double length_s = frames / sample_rate_, took_s = 1e-9 * static_cast<double>(duration_ns);
    const bool late = took_s > kLateShare * length_s;
    late_ = late ? late_ + kLateWeight : std::max(0, late_ - 1);
    since_taken_s_ += length_s;
    if (late) wait_again();
    if (late_ >= kTooLate) return shed();
    waited_s_ += length_s;
    spent_s_ += took_s;
    if (waited_s_ < wait_s_) return;
    if (spent_s_ <= kCalmShare * waited_s_) take_up();
    wait_again();
}

void Overload::shed() noexcept {
    late_ = 0;
    if (level_ == static_cast<int>(Shed::networks)) return;
    const bool too_early = taken_up_ && since_taken_s_ < 2 * wait_s_;
    wait_s_ = too_early ? std::min(2 * wait_s_, kLongestWait_s) : kShortestWait_s;
    taken_up_ = false;
    ++level_;
}

void Overload::take_up() noexcept {
    if (level_ == 0) return;
    --level_;
    taken_up_ = true;
    since_taken_s_ = 0.0;
}

}  // namespace emohost
