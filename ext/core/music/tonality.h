// Which key the band plays in: a fixed one, or the one that is heard, taken up with care. Real-time safe.
//
// A heard key counts from a small clarity on. While none is known, pitched parts rest, and the first that is
// heard is taken at once. A different one is taken up at the bar: if it is clear, or if it was heard at the
// bar before as well. Where nothing tonal can be made out for two bars of music, the scale that holds most of
// the chroma is played (in silence C). A key that the player holds on a MIDI input goes before all of it.
#pragma once

#include "core/hearing/listener.h"
#include "core/music/settings.h"
#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

class Tonality {
  public:
    explicit Tonality(const MusicianSettings& settings) noexcept;
    const Key& key() const noexcept { return key_; }
    // Takes up a key that was in force before, unless one is fixed.
    void resume(const Key& key) noexcept {
        if (!fixed_) key_ = key;
    }
    // While it is known, this key is in force, whatever is heard; then again what was, until another one is heard.
    void hold(const Key& key) noexcept;
    // Before each step. `rests`: the band does not play at this step.
    void update(bool bar_begins, bool rests, const hearing::Heard& heard, float valence) noexcept;

  private:
    void change_at_bar(Key heard, float clarity) noexcept;

    bool fixed_;
    Key key_;
    Key configured_;  // where it is fixed
    bool held_ = false;
    Key candidate_;       // heard at the last bar, other than key_
    bool guess_ = false;  // key_ was made out from the chroma alone
    int waited_ = 0;      // bars begun without a key while something was heard
};

}  // namespace emohost::music
