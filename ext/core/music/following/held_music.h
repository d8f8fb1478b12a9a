// What the player says by hand, on the MIDI inputs that the rig has for it: the chord and the key. What is held holds over
// all that is heard, charted or foreseen. Real-time safe.
//
// A chord has three tones; fewer count once they are held for a moment, so that fingers need not fall together. What was
// held last stays for a beat after the hand is lifted, which may be on its way to the next chord. While three keys are
// down the pedal adds nothing to them: a new chord is not mixed with the one that it keeps.
#pragma once

#include <cstdint>

#include "core/messages.h"
#include "core/music/following/held_notes.h"
#include "core/music/settings.h"
#include "core/theory/keys.h"

namespace emohost::music {

class HeldMusic {
  public:
    explicit HeldMusic(const MusicianSettings& settings) noexcept;

    // A message that came in, at `now`; `beat_frames` long is a beat there. `minor`: the mode that is heard, for a key whose
    // third is not held.
    void receive(const InputEvent& event, uint64_t now, double beat_frames, bool minor) noexcept;
    // A panic: all hands are up.
    void clear() noexcept;

    // The chord at `now`, absolute (theory/chords.h, a fifth alone, too); -1: none is held.
    int chord(uint64_t now, double beat_frames) const noexcept;
    // Not known: none is held.
    theory::Key key() const noexcept { return key_; }

  private:
    void find_key(bool minor) noexcept;

    uint8_t uses_[kMostInputs];  // of InputUse
    uint64_t partial_frames_;    // after which fewer than three tones count
    HeldNotes chord_notes_, key_notes_;
    uint64_t changed_at_ = 0;  // frame at which other notes were held
    int chord_ = -1;           // before that
    theory::Key key_;
};

}  // namespace emohost::music
