// Builds all that depends on which notes sound. Never on the audio thread.
#include "core/hearing/note_weights.h"
#include "core/hearing/tonality.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kShort_s = 0.15;  // on top of the window of pitch.h: together about a beat
constexpr double kRecent_s = 1.5;
constexpr double kMiddle_s = 3.0;
constexpr double kLong_s = 6.0;
constexpr double kRest_s = 1.0;  // silence: over which what was heard comes to count for nothing
constexpr double kRegister_s = 0.5;

}  // namespace

Tonality::Tonality(double step_s, const SlidingBuffer& signal)
    : pitch_(step_s, signal),
      fresh_pitch_(step_s, signal, kShortPitchWindow),
      key_(step_s),
      chord_(step_s),
      short_share_(smoothing(step_s, kShort_s)),
      recent_share_(smoothing(step_s, kRecent_s)),
      middle_share_(smoothing(step_s, kMiddle_s)),
      long_share_(smoothing(step_s, kLong_s)),
      rest_share_(smoothing(step_s, kRest_s)),
      register_share_(smoothing(step_s, kRegister_s)) {
    for (int i = 0; i < kNotes; ++i) {
        upper_weight_[i] = upper_weight(kLowestNote + i);
        bass_weight_[i] = bass_weight(kLowestNote + i);
    }
}

}  // namespace emohost::hearing
