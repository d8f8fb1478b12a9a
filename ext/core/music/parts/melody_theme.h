// What a melody remembers: the rhythm of a section, composed as a whole (motif, answer, motif again, cadence), and the line that
// was played on it, in steps of the scale. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/rng.h"

namespace emohost::music {

class Theme {
  public:
    static constexpr int kNoDegree = -128;

    // Composes the rhythm of eight bars for this place's phrases. `density`: factor on how many notes;
    // `centre`: the pitch around which it lies.
    void compose(const Moment& moment, float density, int centre, Rng& rng) noexcept;
    bool fits(const Moment& moment, float density) const noexcept;

    bool begins(int bar, int step) const noexcept { return rhythm_[bar] >> step & 1u; }
    int steps_to_next(int bar, int step, int steps_per_bar) const noexcept;
    bool first_of_bar(int bar, int step) const noexcept { return (rhythm_[bar] & ((1u << step) - 1u)) == 0; }
    // The last note of a phrase's last bar but for a pickup.
    bool cadence(int bar, int step) const noexcept { return cadence_[bar] && step == cadence_step_; }
    float kept(int step) const noexcept { return keep_[step]; }
    // How many of its notes a bar has, from 0 on: when it is played, and before that what it had the last time, or, of the
    // second half, what the bar four before has.
    int level(int bar) const noexcept { return level_[bar]; }
    int level_before(int bar) const noexcept { return level_[bar % (kSectionBars / 2)]; }
    void set_level(int bar, int level) noexcept { level_[bar] = static_cast<int8_t>(level); }
    float density() const noexcept { return density_; }
    int centre() const noexcept { return centre_; }

    // Degrees of the scale from the tonic's middle octave on. What the bar was told: that of itself when it comes back, else
    // that of the bar it repeats.
    int degree(int bar, int step) const noexcept;
    void remember(int bar, int step, int degree) noexcept {
        degree_[bar][step] = static_cast<int8_t>(degree);
    }

  private:
    uint32_t bar_of_cells(float wanted, const Moment& moment, Rng& rng) const noexcept;
    uint32_t half(uint32_t bar, int from) const noexcept;
    void compose_cadence(int bar, uint32_t before, const Moment& moment, Rng& rng) noexcept;

    uint32_t version_ = ~0u;
    float activity_ = -1.0f, density_ = 1.0f;
    int phrase_bars_ = 0, steps_per_bar_ = 0, cadence_step_ = 0, centre_ = 0;
    uint32_t rhythm_[kSectionBars] = {};  // bit per sixteenth
    bool cadence_[kSectionBars] = {};
    int8_t repeats_[kSectionBars] = {};  // the bar whose line it takes up
    int8_t level_[kSectionBars] = {1, 1, 1, 1, 1, 1, 1, 1};
    float keep_[kMaxSteps] = {};  // one for all bars: what repeats thins out alike
    int8_t degree_[kSectionBars][kMaxSteps] = {};
};

// Steps of the scale above the tonic of the middle octave, and back. `scale`: 7 tones.
int degree_of(int pitch, int tonic, uint16_t scale) noexcept;
int pitch_of(int degree, int tonic, uint16_t scale) noexcept;

}  // namespace emohost::music
