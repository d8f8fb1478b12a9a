// The two mel front ends: librosa's numbers at the stream's own rate, and 64 bands at kRate for all else.
#pragma once

#include <cstddef>
#include <vector>

#include "core/signal/fft.h"
#include "core/signal/mel.h"
#include "core/signal/sliding.h"

namespace emohost::hearing {

using namespace signal;

// T is float or double. power() gives mean power per hertz and band, independent of rate and transform size.
template <typename T>
class MelSpectrum {
  public:
    // The window is the next power of two long at most; `bands` from fmin to fmax.
    MelSpectrum(double sample_rate, double window_s, int bands, double fmin_hz, double fmax_hz);

    int window() const noexcept { return static_cast<int>(window_.size()); }
    // end: one past the newest of window() samples; `offset` is subtracted from each. Real-time safe.
    const T* power(const float* end, float offset) noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    std::vector<T> window_;
    RealFft<T> fft_;
    MelBank<T> bank_;
    std::vector<T> frame_, power_, mel_;
};

extern template class MelSpectrum<float>;
extern template class MelSpectrum<double>;

constexpr int kShapeBands = 64;

// Descriptors of the 64 bands, each in [0, 1], smoothed.
class Shape {
  public:
    explicit Shape(double hop_s);
    // power: kShapeBands; reference: the player's usual mean square. Real-time safe.
    void hop(const float* power, float reference, bool sounding) noexcept;
    void reset() noexcept;
    // Log power re reference, smoothed: about [-1, 1], floor -1.
    const float* bands() const noexcept { return bands_; }
    float brightness() const noexcept { return brightness_; }
    float flatness() const noexcept { return flatness_; }

  private:
    float share_, bands_share_;
    float bands_[kShapeBands];
    float brightness_ = 0, flatness_ = 0;
};

}  // namespace emohost::hearing
