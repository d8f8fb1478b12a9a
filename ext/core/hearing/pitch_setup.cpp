// Builds the window and the notes' spectra. Never on the audio thread.
#include <cmath>

#include "core/hearing/pitch.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kFallShare = 0.1;  // of the window, its newest part
constexpr int kPartials = 12;
constexpr double kPartialDecay = 0.75;  // of the salience, from one partial to the next
constexpr double kTuning_s = 8.0;

}  // namespace

PitchFinder::PitchFinder(double step_s, const SlidingBuffer& signal, int window)
    : signal_(signal),
      fft_(kPitchWindow),

      tuning_share_(smoothing(step_s, kTuning_s)),
      window_(kPitchWindow),
      frame_(kPitchWindow),
      power_(kPitchWindow / 2 + 1),
      running_(kPitchWindow / 2 + 2),
      overtones_(kNotes * kNotes),
      gram_(kNotes * kNotes) {
    // Rises slowly and falls fast, so that what is new counts soon; scaled so that a sine of mean square P
    // has a peak of power P.
    const int fall = static_cast<int>(kFallShare * window), rise = window - fall,
              before = kPitchWindow - window;
    double sum = 0;
    for (int i = 0; i < window; ++i) {
        const double height = i < rise ? 0.5 - 0.5 * std::cos(kTau / 2 * i / rise)
                                       : 0.5 + 0.5 * std::cos(kTau / 2 * (i - rise) / fall);
        window_[before + i] = static_cast<float>(height);
        sum += window_[before + i];
    }
    for (float& x : window_) x *= static_cast<float>(std::sqrt(2.0) / sum);
    for (int note = 0; note < kNotes; ++note)
        for (int partial = 1; partial <= kPartials; ++partial) {
            const int semitone = note + static_cast<int>(std::lround(12 * std::log2(partial)));
            if (semitone < kNotes)
                overtones_[note * kNotes + semitone] +=
                    static_cast<float>(std::pow(kPartialDecay, partial - 1));
        }
    for (int a = 0; a < kNotes; ++a)
        for (int b = 0; b < kNotes; ++b)
            gram_[a * kNotes + b] = dot(&overtones_[a * kNotes], &overtones_[b * kNotes], kNotes);
}

}  // namespace emohost::hearing
