// Onsets: spectral flux of a log-compressed filter bank against the loudest of the last 50 ms in the band and
// its neighbours (after SuperFlux, Boeck & Widmer, DAFx 2013), with a threshold that follows the flux. One
// call per tick.
#pragma once

#include <cstddef>
#include <vector>

#include "core/signal/fft.h"
#include "core/signal/mel.h"
#include "core/signal/sliding.h"

namespace emohost::hearing {

using namespace signal;

struct OnsetAnswer {
    bool onset = false;
    float strength = 0;  // [0, 1], of this tick
};

class OnsetDetector {
  public:
    OnsetDetector(double tick_s, const SlidingBuffer& signal);
    // Looks at the newest samples. `open`: the gate is open; a closed gate hears no onset.
    OnsetAnswer tick(bool open) noexcept;
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    static constexpr int kSize = 512;  // 21 ms at kRate
    static constexpr int kBands = 48;
    static constexpr int kMostLags = 96;
    static constexpr int kNearest = 2;  // ticks: a rise is allowed to take so long

    float flux() noexcept;

    const SlidingBuffer& signal_;
    RealFft<float> fft_;
    MelBank<float> bank_;
    int lags_, low_lags_, hold_ticks_;
    float mean_share_, peak_share_, scale_;
    std::vector<float> window_, frame_, power_;
    float widened_[kMostLags][kBands] =
        {};  // by tick, ring: level in dB, the loudest of each band and its neighbours
    int newest_ = 0, since_onset_ = 0;
    float mean_ = 0, peak_ = 0;
    bool armed_ = true;
};

}  // namespace emohost::hearing
