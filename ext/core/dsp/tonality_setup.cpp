// Builds all that depends on which notes sound. Never on the audio thread.
#include <cmath>

#include "core/dsp/arithmetic.h"
#include "core/dsp/tonality.h"

namespace emohost::dsp {

namespace {

constexpr double kShort_s = 0.15;  // on top of the window of pitch.h: together about a beat
constexpr double kRecent_s = 1.5;
constexpr double kMiddle_s = 3.0;
constexpr double kLong_s = 6.0;
constexpr double kRest_s = 1.0;  // silence: over which what was heard comes to count for nothing
constexpr double kRegister_s = 0.5;
constexpr double kUpperNote = 60, kUpperWidth = 20;  // MIDI: where chords are heard
constexpr double kBassTop = 50, kBassEdge = 4;       // MIDI: below this is bass

}  // namespace

Tonality::Tonality(double step_s, const SlidingBuffer& signal)
    : pitch_(step_s, signal),
      key_(step_s),
      chord_(step_s),
      short_share_(smoothing(step_s, kShort_s)),
      recent_share_(smoothing(step_s, kRecent_s)),
      middle_share_(smoothing(step_s, kMiddle_s)),
      long_share_(smoothing(step_s, kLong_s)),
      rest_share_(smoothing(step_s, kRest_s)),
      register_share_(smoothing(step_s, kRegister_s)) {
    for (int i = 0; i < kNotes; ++i) {
        const double note = kLowestNote + i, off = (note - kUpperNote) / kUpperWidth;
        upper_weight_[i] = static_cast<float>(std::exp(-0.5 * off * off));
        bass_weight_[i] = static_cast<float>(1 / (1 + std::exp((note - kBassTop) / kBassEdge)));
    }
}

}  // namespace emohost::dsp
