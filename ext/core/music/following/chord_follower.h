// Which chord the player is on: what is heard, at once; and where the same went before, what comes next (foresight.h).
//
// What is heard surely holds from the next step on. A chord that is foreseen falls on its beat, before it can be heard; if
// then something else is heard, or still the old chord after the ear has had its time, what is heard holds again.
// Real-time safe.
#pragma once

#include <cstdint>

#include "core/hearing/listener.h"
#include "core/music/following/foresight.h"

namespace emohost::music {

class ChordFollower {
  public:
    explicit ChordFollower(double sample_rate) noexcept : sample_rate_(sample_rate) {}
    void clear() noexcept;

    void onset(uint64_t frame) noexcept;
    // What is heard at `frame`: at every hop, and before each step.
    void hear(uint64_t frame, const hearing::Heard& heard) noexcept;

    // Before each step, in order: it is planned at `now` and lies `step_frames` behind the last one. `played`: the chord in
    // force. The chord that is to be in force from the step on; -1: nothing is known. Where one tone or a fifth is held
    // and no third is heard it is the fifth on it alone.
    int follow(uint64_t step, uint64_t now, uint64_t frame, double step_frames, int played) noexcept;
    int settled() const noexcept { return settled_; }  // what the calm ear names; -1 unknown
    const Foreseen& foreseen() const noexcept { return foreseen_; }
    // The chord that is likely at a step to come, at most two bars ahead; -1: none is.
    int ahead(uint64_t step) const noexcept;
    // Steps after which the chords come round, as it was heard; 0: they do not.
    int loop() const noexcept { return foresight_.loop(); }

  private:
    static constexpr int kOnsets = 16, kRecentSteps = 64;

    void settle(uint64_t frame, const hearing::Heard& heard) noexcept;
    uint64_t attack_near(uint64_t frame) const noexcept;
    uint64_t step_near(uint64_t frame) const noexcept;
    bool heard_else(uint64_t now) const noexcept;
    void turn(int before) noexcept;
    bool comes() const noexcept;
    uint64_t frames(double seconds) const noexcept { return static_cast<uint64_t>(seconds * sample_rate_); }

    double sample_rate_;
    Foresight foresight_;
    Foreseen foreseen_;                  // for the last step planned
    int before_turn_ = -1, turned_ = 0;  // what was foreseen before that changed; steps since then
    uint64_t onsets_[kOnsets] = {};
    int onset_ = 0;
    uint64_t steps_[kRecentSteps] = {};  // frames of the last steps, the newest at next_ - 1
    uint64_t next_ = 0, known_ = 0;      // step that comes; steps in steps_
    int heard_ = -1, tone_ = -1, settled_ = -1;
    uint64_t heard_at_ = 0;  // frame at which heard_ became another triad
    bool ahead_ = false;     // the chord in force was foreseen and is not heard yet,
    uint64_t ahead_at_ = 0;  // since this frame
};

}  // namespace emohost::music
