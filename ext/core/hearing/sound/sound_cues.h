// What tells music from other sound: how tonal, steady and changing the notes are, how the level and the bands move, how
// attacks follow each other. A gain changes nothing. Real-time safe.
#pragma once

#include "core/hearing/attacks.h"
#include "core/hearing/beat/beat_features.h"
#include "core/hearing/falls.h"
#include "core/hearing/modulation.h"
#include "core/hearing/pitch.h"
#include "core/hearing/tonality.h"

namespace emohost::hearing {

constexpr int kCueBands = 8, kCueRates = 5;  // groups of bands, and of rates of pulsing
constexpr int kSoundCues = 18 + kAttackHeights + kFallDepths + 2 + kCueRates + kCueBands + 2;

class SoundCues {
  public:
    explicit SoundCues(double hop_s, double notes_s);

    // What is measured elsewhere, at this hop.
    struct Measured {
        float flatness, articulation, short_db, onset_strength, onset_density;
    };
    // Every hop of sound.
    void hop(const Measured& measured, const Attacks& attacks, const Falls& falls,
             const Modulation& modulation, const float* beat_features) noexcept;
    // Once the notes were looked for anew.
    void notes(Tonality& tonality) noexcept;
    void reset() noexcept;

    const float* values() const noexcept { return values_; }  // kSoundCues, about [-1, 1] each

  private:
    static constexpr int kMostLag = 64;

    void compare_notes(const float* notes, float sum) noexcept;
    void write_bands(const float* beat_features) noexcept;

    int lag_;  // searches after which notes are compared with what they were
    float level_share_;
    float slow_db_ = 0, last_db_ = 0;
    bool known_ = false;
    int newest_ = 0;
    float past_[kMostLag][kNotes] = {};  // ring, each of length 1 or zeros
    float values_[kSoundCues] = {};
};

}  // namespace emohost::hearing
