// The drums part: General MIDI percussion. A bar's pattern is drawn once for each material and kept; the last bar of a section
// ends in a fill, a section begins with a crash. Real-time safe.
#pragma once

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/parts/pattern.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Drums {
  public:
    explicit Drums(uint64_t seed) noexcept : patterns_(seed, kStream), hand_(seed, 4) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    // Numbers in [0, 1) that stay for a material: what is more likely than its number is struck.
    static constexpr uint64_t kStream = 0x64;  // of the random numbers of patterns

    struct Pattern {
        float kick[kMaxSteps], ghost[kMaxSteps], open[kMaxSteps];
        float backbeat, hat[kWeights];
        float fill[kMaxSteps], fill_length, pickup;

        void draw(Rng& rng) noexcept;
    };

    void strike(int sound, float chance, float draw, float loudness, const Moment& moment,
                Stage& stage) noexcept;
    void groove(const Moment& moment, const Pattern& pattern, Stage& stage) noexcept;
    void fill(const Moment& moment, const Pattern& pattern, int length, Stage& stage) noexcept;
    void crash(const Moment& moment, Stage& stage) noexcept;

    Patterns<Pattern> patterns_;
    Rng hand_;  // of how hard each hit is
    Held density_;
    float dense_ = 1.0f;
};

}  // namespace emohost::music
