// The drums part: General MIDI percussion, as the style in force has it. What of a bar is struck is kept for each material; the
// last bar of a section ends in a fill, a section begins with the style's cymbal. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/parts/reading.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Drums {
  public:
    explicit Drums(uint64_t seed) noexcept : patterns_(seed, kStream), hand_(seed, 4) {}
    void plan(const Moment& moment, Stage& stage) noexcept;
    // Steps of a bar on which something is struck, a bit for each.
    uint32_t strikes(const Moment& bar) noexcept;

  private:
    static constexpr uint64_t kStream = 0x64;  // of the random numbers of patterns

    struct Pattern {
        Drawn<kDrumLines> lines;
        Drawn<kFillLines> fill;
        float which, pickup;  // of the fills; whether a phrase inside of a section has one

        void draw(Rng& rng) noexcept;
    };

    void strike(int sound, float loudness, const Moment& moment, Stage& stage) noexcept;
    void groove(const Moment& moment, const Pattern& pattern, Stage& stage) noexcept;
    void fill(const Moment& moment, const Pattern& pattern, const Fill& fill, Stage& stage) noexcept;
    bool fills(const Moment& moment, const Pattern& pattern, const Fill& fill, int line,
               int step) const noexcept;
    bool begins(const Moment& moment) const noexcept;
    void begin(const Moment& moment, Stage& stage) noexcept;

    Patterns<Pattern> patterns_;
    Rng hand_;  // of how hard each hit is
    Held density_;
    float dense_ = 1.0f;
};

}  // namespace emohost::music
