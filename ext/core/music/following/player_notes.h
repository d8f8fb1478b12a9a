// Which notes the player plays, now and of late, so that the band's melody can keep out of their way. Real-time safe.
#pragma once

#include "core/hearing/listener.h"

namespace emohost::music {

class PlayerNotes {
  public:
    void begin() noexcept;
    void hear(const hearing::Heard& heard) noexcept;  // at a hop

    // How much is heard at this pitch (MIDI) or within two semitones of it, [0, 1].
    float sounds_near(int pitch) const noexcept;
    // How much was heard of this very pitch over the last 4 s, [0, 1]: the player is likely to come back to it.
    float returns_to(int pitch) const noexcept;
    // How much was heard within five semitones, over the last 4 s, [0, 1].
    float lately(int pitch) const noexcept;

  private:
    float now_[hearing::kNotes] = {};
    float lately_[hearing::kNotes] = {};
};

}  // namespace emohost::music
