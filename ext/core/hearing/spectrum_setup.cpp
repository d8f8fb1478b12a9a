// Builds the mel front ends. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/hearing/spectrum.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

int next_power_of_two(int n) {
    int power = 8;
    while (power < n) power *= 2;
    return power;
}

}  // namespace

template <typename T>
MelSpectrum<T>::MelSpectrum(double sample_rate, double window_s, int bands, double fmin_hz, double fmax_hz)
    : window_(std::max<long>(std::lround(window_s * sample_rate), 2)),
      fft_(next_power_of_two(static_cast<int>(window_.size()))),
      bank_(sample_rate, fft_.size(), bands, fmin_hz, fmax_hz),
      frame_(fft_.size()),
      power_(fft_.bins()),
      mel_(bands) {
    const std::vector<double> shape = hann(window());
    double energy = 0;
    for (double x : shape) energy += x * x;
    // 2 / (n_fft * energy), put into the window.
    for (int i = 0; i < window(); ++i)
        window_[i] = static_cast<T>(shape[i] * std::sqrt(2.0 / (fft_.size() * energy)));
}

template MelSpectrum<float>::MelSpectrum(double, double, int, double, double);
template MelSpectrum<double>::MelSpectrum(double, double, int, double, double);

}  // namespace emohost::hearing
