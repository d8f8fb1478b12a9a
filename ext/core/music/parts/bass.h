// The bass part: a pattern of roots, fifths, thirds and octaves that is kept for each material, and notes that lead to the root
// that comes; one note at a time. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Bass {
  public:
    explicit Bass(uint64_t seed) noexcept : patterns_(seed, kStream) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    static constexpr uint64_t kStream = 0x63;  // of the random numbers of patterns

    struct Pattern {
        float rhythm[kMaxSteps], tone[kMaxSteps];
        float pickup;

        void draw(Rng& rng) noexcept;
    };

    bool strikes(const Moment& moment, const Pattern& pattern, int step) const noexcept;
    int steps_to_next(const Moment& moment, const Pattern& pattern) const noexcept;
    int lead_to(int root, const Moment& moment, float draw, const PartSettings& part) const noexcept;

    Held density_;
    float dense_ = 1.0f;
    Patterns<Pattern> patterns_;
    int previous_ = -1;
    int root_ = -1;
    bool owed_ = false;  // a root is due: one that changes on a weak step waits for the next eighth or beat
};

}  // namespace emohost::music
