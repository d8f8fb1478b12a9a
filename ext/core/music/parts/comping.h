// The chords part: strikes and holds them as the style in force has it; which strikes of a bar are taken is kept for each
// material. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/parts/reading.h"
#include "core/music/parts/voicing.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Comping {
  public:
    explicit Comping(uint64_t seed) noexcept : patterns_(seed, kStream) {}
    void plan(const Moment& moment, Stage& stage) noexcept;
    // Steps of a bar that the pattern strikes, a bit for each; chords that change between strikes are left out.
    uint32_t strikes(const Moment& bar) noexcept {
        const auto& drawn = patterns_.at(bar.place);
        return Reading(bar.style.chords, bar.style.chord_count, drawn.numbers, bar, density_.value()).bar();
    }

  private:
    static constexpr uint64_t kStream = 0x62;  // of the random numbers of patterns

    void voice(const Moment& moment, int chord, const Stage& stage) noexcept;

    Held density_;
    Patterns<Drawn<kPitchedLines>> patterns_;
    Voicing voicing_;
    int voiced_ = kNoChord;  // the chord that voicing_ spreads
};

}  // namespace emohost::music
