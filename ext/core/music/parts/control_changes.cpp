#include "core/music/parts/control_changes.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr float kHysteresis = 0.75f;  // of a 7-bit value: half would flutter between two neighbours

// The source's value in [0, 1]; false if there is none.
bool read(ControlSource source, const hearing::Heard& heard, Emotion emotion, const Outputs& outputs,
          float* value) noexcept {
    switch (source) {
        case ControlSource::valence:
            *value = 0.5f + 0.5f * emotion.valence;
            break;
        case ControlSource::arousal:
            *value = 0.5f + 0.5f * emotion.arousal;
            break;
        case ControlSource::level:
            *value = heard.level;
            break;
        default: {
            if (!outputs.dynamics) return false;
            *value = outputs.dynamics[kControlOutputs[static_cast<int>(source)]];
        }
    }
    if (!std::isfinite(*value)) return false;
    *value = std::clamp(*value, 0.0f, 1.0f);
    return true;
}

}  // namespace

ControlChanges::ControlChanges(const MusicianSettings& settings) noexcept
    : count_(std::clamp(settings.control_count, 0, kMaxControls)),
      interval_(static_cast<uint64_t>(settings.control_interval_s * settings.sample_rate)) {
    for (int i = 0; i < count_; ++i) controls_[i].settings = settings.controls[i];
}

void ControlChanges::update(uint64_t frame, const hearing::Heard& heard, Emotion emotion,
                            const Outputs& outputs, Schedule& schedule) noexcept {
    for (int i = 0; i < count_; ++i) {
        Control& control = controls_[i];
        const ControlSettings& settings = control.settings;
        float share;
        if (frame < control.next || !read(settings.source, heard, emotion, outputs, &share)) continue;
        const float wanted = mix(static_cast<float>(settings.low), static_cast<float>(settings.high), share);
        if (control.sent >= 0 && std::abs(wanted - static_cast<float>(control.sent)) < kHysteresis) continue;
        const int value = static_cast<int>(std::lround(wanted));
        if (!schedule.control(kControls, settings.channel, settings.controller, value, frame)) continue;
        control.sent = value;
        control.next = frame + interval_;
    }
}

uint16_t ControlChanges::channels() const noexcept {
    unsigned mask = 0;
    for (int i = 0; i < count_; ++i) mask |= 1u << controls_[i].settings.channel;
    return static_cast<uint16_t>(mask);
}

void ControlChanges::resend() noexcept {
    for (Control& control : controls_) control.sent = -1;
}

}  // namespace emohost::music
