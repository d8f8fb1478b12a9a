// Where the parts play: their settings, what was set while playing, and the schedule they fill. Real-time
// safe.
#pragma once

#include <cstdint>

#include "core/music/moment.h"
#include "core/music/musician.h"
#include "core/music/schedule.h"

namespace emohost::music {

class Stage {
  public:
    explicit Stage(const MusicianSettings& settings) noexcept;

    // A parameter of messages.h other than the tempo; what is no number is ignored, the rest is clamped.
    void set(Parameter parameter, float value) noexcept;
    // Ends the notes of parts that were turned off since the last call.
    void apply(uint64_t frame) noexcept;

    const PartSettings& part(Part part) const noexcept { return parts_[part]; }
    bool enabled(Part part) const noexcept { return parts_[part].enabled; }
    float density(Part part) const noexcept { return density_ * parts_[part].density; }
    int transpose() const noexcept { return transpose_; }

    // Plays a note of the step, for so many steps. `loudness` [-1, 1] is added to what dynamics and arousal
    // say. The pitch is moved by the transposition, by octaves if it would leave the MIDI range; drums are
    // not moved.
    void play(Part part, int pitch, const Moment& moment, double steps, float loudness) noexcept;
    // The same at frames of its own; velocity as [0, 1].
    void play_at(Part part, int pitch, float velocity, uint64_t on, uint64_t off) noexcept;
    // The step's frame, or as much later as keeps the part's attacks apart and in order.
    uint64_t attack(Part part, const Moment& moment) const noexcept;

    void program_changes(uint64_t frame) noexcept;
    uint16_t channels() const noexcept;  // bit per channel that a part has

    // Pitch classes played lately (before transposition), fading by the step; sums to 1, or all 0.
    void chroma_played(float* chroma) const noexcept;
    void fade_chroma() noexcept;

    Schedule& schedule() noexcept { return schedule_; }
    const Schedule& schedule() const noexcept { return schedule_; }

  private:
    Schedule schedule_;
    PartSettings parts_[kParts];
    bool ended_[kParts];  // turned off, and its notes ended
    uint64_t last_on_[kParts] = {};
    float density_ = 1.0f;
    float velocity_ = 1.0f;
    int transpose_ = 0;
    float chroma_[12] = {};
};

}  // namespace emohost::music
