// What the player does, for the band to go with: how many notes against the usual, how loud, and whether a gap is open.
// Real-time safe.
#pragma once

#include <cstdint>

#include "core/hearing/listener.h"
#include "core/vocabulary.h"

namespace emohost::music {

class Company {
  public:
    explicit Company(Listen listen) noexcept : listen_(listen) {}

    void begin() noexcept;
    void onset(uint64_t frame, const hearing::Heard& heard) noexcept;
    void hear(const hearing::Heard& heard) noexcept;  // at a hop
    // Before each step is planned, `frame` that of the step.
    void step(uint64_t frame, double step_frames) noexcept;

    void set(Listen listen) noexcept { listen_ = listen; }
    Listen listen() const noexcept { return listen_; }
    // Of the density at which a part plays otherwise, by how much more or less than usual the player does.
    float share(Part part) const noexcept;
    // The part may begin a note at this step: all but a melody that answers, while the player plays.
    bool leaves_room(Part part) const noexcept {
        return part != kMelody || listen_ != Listen::answer || gap_;
    }
    // Added to a velocity as [0, 1]: the player's level, and the accent of an attack that is with the step.
    float swell() const noexcept;

  private:
    Listen listen_;
    float level_ = 0.5f;          // [0, 1], 0.5 at the player's usual one
    float usual_density_ = 0.0f;  // attacks a second, over 50 s
    float density_ = 0.0f;        // of late
    float heard_hops_ = 0.0f;     // that the usual one is a mean of
    float usual_strength_ = 0.0f;
    float accent_ = 0.0f;  // of the last attack, against the usual
    uint64_t onset_ = 0;   // frame of the last attack
    bool gap_ = true;      // no attack of late
    bool with_ = false;    // the step lies with an attack
};

}  // namespace emohost::music
