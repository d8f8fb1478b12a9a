// Mel filter bank and window, number for number those of librosa 0.10 and 0.11 (htk=False, norm='slaney').
#pragma once

#include <cstddef>
#include <vector>

namespace emohost::signal {

// Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
double mel_of_hz(double hz) noexcept;
double hz_of_mel(double mel) noexcept;

// Periodic Hann window: scipy.signal.get_window('hann', n, fftbins=True).
std::vector<double> hann(int n);

// Triangles over the power spectrum, each of area 2 / (its width in Hz). T is float or double.
template <typename T>
class MelBank {
  public:
    MelBank(double sample_rate, int n_fft, int bands, double fmin_hz, double fmax_hz);

    int bands() const noexcept { return static_cast<int>(first_.size()); }
    double centre_hz(int band) const noexcept { return centre_hz_[band]; }
    // power: n_fft / 2 + 1 bins; out: one per band. Real-time safe.
    void apply(const T* power, T* out) const noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    std::vector<int> first_, count_, offset_;
    std::vector<T> weights_;
    std::vector<double> centre_hz_;
};

extern template class MelBank<float>;
extern template class MelBank<double>;

}  // namespace emohost::signal
