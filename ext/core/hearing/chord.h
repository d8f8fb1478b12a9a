// The chord that sounds, among the classes of theory/chords.h with absolute root.
//
// Two filters over the classes hear the same: a quick one, which answers about a fifth of a second after a change, and a
// calm one, which is right more often and tells when the chord began. Neither names a chord whose third was not heard:
// one held tone, or a fifth, is no triad.
#pragma once

#include "core/hearing/chord_heard.h"
#include "core/theory/chords.h"

namespace emohost::hearing {

using namespace theory;

// Salience of the 12 pitch classes, zeros in silence; as heard through a long window and through a short one.
struct PitchClasses {
    float upper[12] = {};
    float bass[12] = {};
};

struct Triad {
    int chord = -1;         // the likeliest of its classes
    float probability = 0;  // of all of them
};

class ChordFinder {
  public:
    explicit ChordFinder(double step_s);

    // `present`: salience of pitch classes as in `whole`, without what may be an overtone. Real-time safe.
    void update(const PitchClasses& whole, const PitchClasses& fresh, const float* present) noexcept;
    void reset() noexcept;

    int chord() const noexcept { return chord_; }  // of the quick filter, -1 unknown
    const ChordHeard& more() const noexcept { return more_; }

  private:
    static constexpr int kHistory = 32;  // steps: a chord is known at most so long after it began

    void score(const PitchClasses& whole, const PitchClasses& fresh, float* scores) const noexcept;
    void remember(const float* present) noexcept;
    bool is_heard(int pitch) const noexcept;
    bool has_third(int chord) const noexcept;
    void decide(Triad quick, Triad calm) noexcept;
    void settle_on(int chord) noexcept;
    int lone_tone() const noexcept;

    double step_s_;
    float stay_quick_, stay_calm_, fade_;
    float silent_s_ = 0;
    float quick_[kChordClasses] = {}, calm_[kChordClasses] = {};
    float history_[kHistory][kChordClasses] = {};  // logarithms of probabilities, the newest at `newest_`
    int newest_ = 0, known_ = 0;
    float present_[12] = {};  // of the last seconds, 1: the strongest
    float others_ = 0;        // of the last seconds: share that is not the strongest
    int chord_ = -1;
    ChordHeard more_;
};

}  // namespace emohost::hearing
