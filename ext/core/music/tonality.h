// Which key the band plays in: a fixed one, or the one that is heard, taken up with care. Real-time safe.
//
// A heard key counts from a small clarity on. While none is known, pitched parts rest, and the first that is
// heard is taken at once. A different one is taken up at the bar: if it is clear, or if it was heard at the
// bar before as well. Where nothing tonal can be made out for two bars of music, the scale that holds most of
// the chroma is played (in silence C).
#pragma once

#include "core/dsp/listener.h"
#include "core/music/musician.h"
#include "core/music/theory.h"

namespace emohost::music {

class Tonality {
  public:
    explicit Tonality(const MusicianSettings& settings) noexcept;
    const Key& key() const noexcept { return key_; }
    // Before each step. `rests`: the band does not play at this step.
    void update(bool bar_begins, bool rests, const dsp::Heard& heard, float valence) noexcept;

  private:
    void change_at_bar(Key heard, float clarity) noexcept;

    bool fixed_;
    Key key_;
    Key candidate_;       // heard at the last bar, other than key_
    bool guess_ = false;  // key_ was made out from the chroma alone
    int waited_ = 0;      // bars begun without a key while something was heard
};

}  // namespace emohost::music
