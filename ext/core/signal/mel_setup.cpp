// Builds windows and filter banks. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"
#include "core/signal/mel.h"

namespace emohost::signal {

namespace {
constexpr double kHzPerMel = 200.0 / 3.0;
constexpr double kBreakHz = 1000.0;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
const double kLogStep = std::log(6.4) / 27.0;
}  // namespace

double mel_of_hz(double hz) noexcept {
    return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double hz_of_mel(double mel) noexcept {
    return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

std::vector<double> hann(int n) {
    std::vector<double> window(n);
    for (int i = 0; i < n; ++i) window[i] = 0.5 - 0.5 * std::cos(kTau * i / n);
    return window;
}

template <typename T>
MelBank<T>::MelBank(double sample_rate, int n_fft, int bands, double fmin_hz, double fmax_hz) {
    const double low = mel_of_hz(fmin_hz), high = mel_of_hz(fmax_hz);
    std::vector<double> edge(bands + 2);
    for (int i = 0; i < bands + 2; ++i) edge[i] = hz_of_mel(low + (high - low) * i / (bands + 1));
    for (int band = 0; band < bands; ++band) {
        const double left = edge[band], centre = edge[band + 1], right = edge[band + 2];
        int first = -1, count = 0;
        const int offset = static_cast<int>(weights_.size());
        for (int k = 0; k <= n_fft / 2; ++k) {
            const double hz = k * sample_rate / n_fft;
            const double weight = std::min((hz - left) / (centre - left), (right - hz) / (right - centre));
            if (weight <= 0.0) continue;
            if (first < 0) first = k;
            weights_.push_back(static_cast<T>(weight * 2.0 / (right - left)));
            ++count;
        }
        first_.push_back(std::max(first, 0));
        count_.push_back(count);
        offset_.push_back(offset);
        centre_hz_.push_back(centre);
    }
}

template MelBank<float>::MelBank(double, int, int, double, double);
template MelBank<double>::MelBank(double, int, int, double, double);

}  // namespace emohost::signal
