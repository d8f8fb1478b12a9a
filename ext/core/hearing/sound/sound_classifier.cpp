#include "core/hearing/sound/sound_classifier.h"

#include <algorithm>
#include <cmath>

#include "core/hearing/sound/sound_weights.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kStep_s = 0.04;
constexpr double kForgets_s = 10;  // of silence: two bars of the slowest music
constexpr float kFirstSteps = 20;  // before these the averages say nothing
constexpr float kKnown_s = 5;      // from which on they are as old as they get
constexpr int kInputs = 3 * kSoundCues + 1;
static_assert(sizeof kSoundHidden / sizeof kSoundHidden[0] == kSoundUnits * (kInputs + 1) &&
                  sizeof kSoundOut / sizeof kSoundOut[0] == kSoundKinds * (kSoundUnits + 1),
              "the weights fit the cues");

}  // namespace

SoundClassifier::SoundClassifier(double hop_s)
    : every_(std::max(1, static_cast<int>(std::lround(kStep_s / hop_s)))),
      step_s_(every_ * hop_s),
      fast_share_(smoothing(step_s_, kSoundFast_s)),
      slow_share_(smoothing(step_s_, kSoundSlow_s)) {
    reset();
}

void SoundClassifier::reset() noexcept {
    hops_ = 0;
    heard_steps_ = silent_s_ = 0;
    sounding_ = false;
    lately_ = Sound::nothing;
    std::fill(belief_, belief_ + kSoundKinds, 1.0f / kSoundKinds);
}

void SoundClassifier::resume(Sound lately) noexcept {
    reset();
    if (lately == Sound::nothing || lately >= Sound::count) return;
    lately_ = lately;
    std::fill(belief_, belief_ + kSoundKinds, kSoundLeast);
    belief_[static_cast<int>(lately) - 1] = 1;
}

float SoundClassifier::confidence() const noexcept {
    if (!sounding_) return 1;
    if (lately_ == Sound::nothing) return 1.0f / kSoundKinds;
    return belief_[static_cast<int>(lately_) - 1];
}

void SoundClassifier::hop(const float* cues, bool sounding) noexcept {
    sounding_ = sounding;
    if (++hops_ % every_ != 0) return;
    if (!sounding) {
        if (silent_s_ < kForgets_s) silent_s_ += static_cast<float>(step_s_);
        if (silent_s_ >= kForgets_s) reset();
        return;
    }
    silent_s_ = 0;
    average(cues);
    if (heard_steps_ < kFirstSteps) return;
    float log_likely[kSoundKinds];
    ask(log_likely);
    believe(log_likely);
}

// At first ordinary averages, then leaky ones.
void SoundClassifier::average(const float* cues) noexcept {
    if (heard_steps_ < 1e6f) heard_steps_ += 1;
    const float fast = std::max(fast_share_, 1 / heard_steps_),
                slow = std::max(slow_share_, 1 / heard_steps_);
    for (int i = 0; i < kSoundCues; ++i) {
        const float cue = std::isfinite(cues[i]) ? cues[i] : 0.0f;
        fast_[i] = settle(fast_[i] + fast * (cue - fast_[i]));
        slow_[i] = settle(slow_[i] + slow * (cue - slow_[i]));
        squares_[i] = settle(squares_[i] + slow * (cue * cue - squares_[i]));
    }
}

// Two layers; what comes out is the logarithm of each kind's probability.
void SoundClassifier::ask(float* log_likely) const noexcept {
    float in[kInputs];
    for (int i = 0; i < kSoundCues; ++i) {
        in[i] = fast_[i];
        in[kSoundCues + i] = slow_[i];
        in[2 * kSoundCues + i] = std::sqrt(std::max(0.0f, squares_[i] - slow_[i] * slow_[i]));
    }
    in[3 * kSoundCues] = std::min(1.0f, heard_steps_ * static_cast<float>(step_s_) / kKnown_s);
    float units[kSoundUnits];
    for (int u = 0; u < kSoundUnits; ++u) {
        const float* row = kSoundHidden + u * (kInputs + 1);
        units[u] = std::tanh(row[kInputs] + dot(row, in, kInputs));
    }
    float sum = 0, most = -1e30f;
    for (int k = 0; k < kSoundKinds; ++k) {
        const float* row = kSoundOut + k * (kSoundUnits + 1);
        log_likely[k] = row[kSoundUnits] + dot(row, units, kSoundUnits);
        most = std::max(most, log_likely[k]);
    }
    for (int k = 0; k < kSoundKinds; ++k) sum += std::exp(log_likely[k] - most);
    for (int k = 0; k < kSoundKinds; ++k) log_likely[k] -= most + std::log(sum);
}

// What is said every few hundredths of a second is said of the same seconds: each counts for a part (kSoundTrust). No
// kind is ever out of the question, so that another is believed within some seconds.
void SoundClassifier::believe(const float* log_likely) noexcept {
    float sum = 0;
    for (int k = 0; k < kSoundKinds; ++k) {
        belief_[k] *= std::exp(kSoundTrust * std::max(log_likely[k], kSoundDoubt));
        sum += belief_[k];
    }
    int best = 0;
    for (int k = 0; k < kSoundKinds; ++k) {
        belief_[k] = std::max(belief_[k] / sum, kSoundLeast);
        if (belief_[k] > belief_[best]) best = k;
    }
    if (belief_[best] > kSoundSure) lately_ = static_cast<Sound>(best + 1);
}

}  // namespace emohost::hearing
