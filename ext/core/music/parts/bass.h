// The bass part: roots, fifths, thirds and octaves as the style in force has them, and notes that lead to the root that comes;
// one note at a time. What of a bar is struck is kept for each material. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/parts/reading.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Bass {
  public:
    explicit Bass(uint64_t seed) noexcept : patterns_(seed, kStream) {}
    void plan(const Moment& moment, Stage& stage) noexcept;
    // Steps of a bar that the pattern strikes, a bit for each; roots that change between strikes are left out.
    uint32_t strikes(const Moment& bar) noexcept {
        const auto& drawn = patterns_.at(bar.place);
        return Reading(bar.style.bass, bar.style.bass_count, drawn.numbers, bar, density_.value()).bar();
    }

  private:
    static constexpr uint64_t kStream = 0x63;  // of the random numbers of patterns
    struct Range {
        int low, high;
    };

    int lead_to(int root, const Moment& moment, float draw, Range range) const noexcept;
    int note_of(const Moment& moment, const Reading& reading, char mark, float draw, Range range) noexcept;
    int place_root(int root, Range range) noexcept;

    Held density_;
    Patterns<Drawn<kPitchedLines>> patterns_;
    int previous_ = -1;
    int root_ = -1;
    int home_ = -1;      // note of that root around which the line moves
    bool owed_ = false;  // a root is due: one that changes between strikes waits for one, a beat at most
};

}  // namespace emohost::music
