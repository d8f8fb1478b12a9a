// Builds the transform's tables. Never on the audio thread.
#include <cmath>

#include "core/signal/arithmetic.h"
#include "core/signal/fft.h"

namespace emohost::signal {

template <typename T>
RealFft<T>::RealFft(int n)
    : half_(n / 2),
      split_re_(half_),
      split_im_(half_),
      a_(2 * half_),
      b_(2 * half_),
      result_re_(nullptr),
      result_im_(nullptr) {
    for (int length = half_, stride = 1; length >= 4; length /= 4, stride *= 4) {
        stages_.push_back({length, stride, static_cast<int>(twiddle_.size())});
        const int quarter = length / 4;
        for (int power = 1; power <= 3; ++power) {
            for (int p = 0; p < quarter; ++p)
                twiddle_.push_back(static_cast<T>(std::cos(kTau * power * p / length)));
            for (int p = 0; p < quarter; ++p)
                twiddle_.push_back(static_cast<T>(-std::sin(kTau * power * p / length)));
        }
    }
    for (int k = 0; k < half_; ++k) {
        split_re_[k] = static_cast<T>(std::cos(kTau * k / n));
        split_im_[k] = static_cast<T>(-std::sin(kTau * k / n));
    }
}

template RealFft<float>::RealFft(int);
template RealFft<double>::RealFft(int);

}  // namespace emohost::signal
