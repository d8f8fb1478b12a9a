// How many onsets, and how regular.
#pragma once

#include <cstddef>
#include <vector>

namespace emohost::dsp {

class Rhythm {
  public:
    explicit Rhythm(double hop_s);

    // Every tick: strength [0, 1] of the rise; whether there was an onset at this tick. Real-time safe.
    void tick(float strength, bool onset) noexcept;
    void hop() noexcept;
    void reset() noexcept;

    float density() const noexcept { return density_; }  // onsets per second
    float pulse() const noexcept { return pulse_; }      // [0, 1]
    std::size_t memory_bytes() const noexcept { return (past_.size() + product_.size()) * sizeof(float); }

  private:
    double hop_s_;
    int first_lag_;
    float density_share_, density_decay_, mean_share_, product_share_;
    float strongest_ = 0, onsets_ = 0, mean_ = 0, density_ = 0, pulse_ = 0;
    std::vector<float> past_;     // newest first
    std::vector<float> product_;  // leaky autocorrelation by lag; [0] is the energy
};

}  // namespace emohost::dsp
