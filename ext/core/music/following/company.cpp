#include "core/music/following/company.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

// Of a hop of 20 ms.
constexpr float kHops = 50.0f;          // a second
constexpr float kLevelShare = 0.05f;    // over 0.4 s
constexpr float kUsualShare = 0.0004f;  // over 50 s
constexpr float kRecentShare = 0.01f;   // over two seconds
constexpr float kStrengthShare = 0.1f;  // of an attack
constexpr double kGapSteps = 3.0;       // without an attack, from which on there is room for an answer
constexpr double kWithSteps = 0.6;      // between an attack and a step that goes with it
constexpr float kLeastDensity = 0.3f;   // attacks a second, against which nothing is compared
constexpr float kLevelSpan = 0.8f;      // of a velocity, for all of the level's range
constexpr float kAccentSpan = 0.12f;    // of a velocity, for an attack of twice the usual strength

}  // namespace

void Company::begin() noexcept {
    level_ = 0.5f;
    usual_density_ = density_ = heard_hops_ = usual_strength_ = accent_ = 0.0f;
    onset_ = 0;
    gap_ = true;
    with_ = false;
}

void Company::onset(uint64_t frame, const hearing::Heard& heard) noexcept {
    if (!heard.sounding) return;
    onset_ = std::max<uint64_t>(frame, 1);
    gap_ = false;
    const float strength = heard.onset_strength;
    if (usual_strength_ <= 0.0f) usual_strength_ = strength;
    accent_ = std::clamp(strength / std::max(usual_strength_, 0.01f) - 1.0f, -1.0f, 1.0f);
    usual_strength_ += kStrengthShare * (strength - usual_strength_);
}

void Company::hear(const hearing::Heard& heard) noexcept {
    if (heard.sounding) level_ += kLevelShare * (heard.level - level_);
    const float attacks = static_cast<float>(heard.attacks) * kHops;
    if (heard.sounding) heard_hops_ = std::min(heard_hops_ + 1.0f, 1.0f / kUsualShare);
    // At first both are the mean of all that was heard, so that a beginning is as usual.
    density_ += std::max(kRecentShare, 1.0f / std::max(heard_hops_, 1.0f)) * (attacks - density_);
    if (heard.sounding) usual_density_ += (attacks - usual_density_) / heard_hops_;
}

void Company::step(uint64_t frame, double step_frames) noexcept {
    const double apart = frame > onset_ ? static_cast<double>(frame - onset_) : 0.0;
    gap_ = onset_ == 0 || apart > kGapSteps * step_frames;
    with_ = onset_ != 0 && apart < kWithSteps * step_frames;
}

float Company::share(Part part) const noexcept {
    if (listen_ != Listen::follow || usual_density_ < kLeastDensity) return 1.0f;
    const float busy = density_ / usual_density_;
    switch (part) {
        case kMelody:
            return std::clamp(busy * busy, 0.15f, 1.7f);
        case kChords:
            return std::clamp(busy * busy, 0.2f, 2.0f);
        case kDrums:
            return std::clamp(0.5f + 0.5f * busy, 0.6f, 1.2f);
        default:
            return std::clamp(busy, 0.4f, 1.5f);
    }
}

float Company::swell() const noexcept {
    return kLevelSpan * (std::clamp(level_, 0.2f, 0.8f) - 0.5f) + (with_ ? kAccentSpan * accent_ : 0.0f);
}

}  // namespace emohost::music
