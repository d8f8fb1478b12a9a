// Emotion and dynamics as control changes, so that a DAW or a synth can be automated by them. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/outputs.h"
#include "core/music/schedule.h"
#include "core/music/settings.h"

namespace emohost::music {

class ControlChanges {
  public:
    explicit ControlChanges(const MusicianSettings& settings) noexcept;
    // Sends what has changed by more than a flutter, each control at most once per interval.
    void update(uint64_t frame, const hearing::Heard& heard, Emotion emotion, const Outputs& outputs,
                Schedule& schedule) noexcept;
    uint16_t channels() const noexcept;
    void resend() noexcept;  // all again at the next update: what receives them may be new

  private:
    struct Control {
        ControlSettings settings;
        int sent = -1;      // value, -1 none yet
        uint64_t next = 0;  // frame before which it is silent
    };
    Control controls_[kMaxControls];
    int count_;
    uint64_t interval_;  // frames
};

}  // namespace emohost::music
