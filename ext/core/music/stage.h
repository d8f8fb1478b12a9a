// Where the parts play: their settings, what was set while playing, and the schedule they fill. Real-time
// safe.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/context.h"
#include "core/music/moment.h"
#include "core/music/schedule.h"
#include "core/music/settings.h"

namespace emohost::music {

class Stage {
  public:
    explicit Stage(const MusicianSettings& settings) noexcept;

    // Any parameter but those that the band and the engine keep themselves; what is no number is ignored, the rest is clamped.
    void set(Parameter parameter, float value) noexcept;
    // Ends the notes of parts that were turned off since the last call.
    void apply(uint64_t frame) noexcept;

    const PartSettings& part(Part part) const noexcept { return parts_[part]; }
    bool enabled(Part part) const noexcept { return parts_[part].enabled; }
    float density(Part part) const noexcept {
        return share_ * shares_[part] * parameter(Parameter::density) * parts_[part].density;
    }
    // Of what would be played otherwise, [0, 1]: the band thins out.
    void set_share(float share) noexcept { share_ = share; }
    void set_share(Part part, float share) noexcept { shares_[part] = share; }
    // Nothing of a part that is shut is played, whatever it plans.
    void shut(Part part, bool on) noexcept { shut_[part] = on; }
    // Added to every velocity as [0, 1] until it is set anew.
    void set_swell(float swell) noexcept { swell_ = swell; }
    // What a parameter was set to last, within its range; its usual value until then.
    float parameter(Parameter which) const noexcept { return values_[static_cast<uint32_t>(which)]; }
    int transpose() const noexcept { return static_cast<int>(std::lround(parameter(Parameter::transpose))); }

    // Plays a note of the step that lasts `steps`. `loudness` [-1, 1] is added to what dynamics and arousal
    // say. The pitch is moved by the transposition, by octaves if it would leave the MIDI range; drums are
    // not moved.
    void play(Part part, int pitch, const Moment& moment, double steps, float loudness) noexcept;
    // The same at frames of its own; velocity as [0, 1].
    void play_at(Part part, int pitch, float velocity, uint64_t on, uint64_t off) noexcept;
    // What the pitched parts sound at `frame` lasts `frames` more.
    void hold(uint64_t frame, double frames) noexcept;
    // The step's frame, or as much later as keeps the part's attacks apart and in order.
    uint64_t attack(Part part, const Moment& moment) const noexcept;

    uint64_t last_on(Part part) const noexcept { return last_on_[part]; }  // frame; 0: it has not played
    int last_pitch(Part part) const noexcept {
        return last_pitch_[part];
    }  // before transposition; -1: none yet

    void program_changes(uint64_t frame) noexcept;
    uint16_t channels() const noexcept;  // bit per channel that a part has

    // Pitch classes played lately (before transposition), fading by the step; sums to 1, or all 0.
    void chroma_played(float* chroma) const noexcept;
    void fade_chroma() noexcept;

    Schedule& schedule() noexcept { return schedule_; }
    const Schedule& schedule() const noexcept { return schedule_; }

  private:
    static constexpr uint32_t kParameters = static_cast<uint32_t>(Parameter::count);

    bool below_melody(int* pitch, uint64_t on) const noexcept;
    void uncover(int pitch, uint64_t on) noexcept;

    Schedule schedule_;
    PartSettings parts_[kParts];
    bool ended_[kParts];  // turned off, and its notes ended
    uint64_t last_on_[kParts] = {};
    int last_pitch_[kParts];
    uint64_t melody_off_ = 0;
    float share_ = 1.0f;
    float shares_[kParts];
    bool shut_[kParts] = {};
    float swell_ = 0.0f;
    float values_[kParameters];
    float chroma_[12] = {};
};

}  // namespace emohost::music
