// Builds the onset detector. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/hearing/onset.h"
#include "core/signal/arithmetic.h"
#include "core/signal/resample.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kFallShare =
    0.2;  // of the window: its newest part, which fades out (steep, for low latency)
constexpr double kMemory_s = 0.05;     // rises are measured against the loudest moment of so long
constexpr double kLowMemory_s = 0.09;  // likewise for the low bands, where close tones beat slowly
constexpr double kHold_s = 0.05;       // between two onsets
constexpr double kMean_s = 0.45;       // over which the threshold follows the flux
constexpr double kPeak_s = 2.0;        // over which the floor follows the loudest band
constexpr double kLowest_hz = 40, kHighest_hz = 10500;

}  // namespace

OnsetDetector::OnsetDetector(double tick_s, const SlidingBuffer& signal)
    : signal_(signal),
      fft_(kSize),
      bank_(kRate, kSize, kBands, kLowest_hz, kHighest_hz),
      lags_(std::clamp(static_cast<int>(std::ceil(kMemory_s / tick_s)), kNearest, kMostLags - 1)),
      low_lags_(std::clamp(static_cast<int>(std::ceil(kLowMemory_s / tick_s)), lags_, kMostLags - 1)),
      hold_ticks_(static_cast<int>(std::ceil(kHold_s / tick_s))),
      mean_share_(smoothing(tick_s, kMean_s)),
      peak_share_(smoothing(tick_s, kPeak_s)),
      scale_(0),
      window_(kSize),
      frame_(kSize),
      power_(kSize / 2 + 1) {
    const int fall = static_cast<int>(kFallShare * kSize), rise = kSize - fall;
    double energy = 0;
    for (int i = 0; i < kSize; ++i) {
        const double x = i < rise ? 0.5 - 0.5 * std::cos(kTau / 2 * i / rise)
                                  : 0.5 + 0.5 * std::cos(kTau / 2 * (i - rise + 1) / fall);
        window_[i] = static_cast<float>(x);
        energy += x * x;
    }
    scale_ = static_cast<float>(2.0 / (kSize * energy));
    reset();
}

}  // namespace emohost::hearing
