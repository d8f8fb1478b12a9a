// At which rates the sound pulses: a bank of resonators on the onset strength, from half a beat a second to trills.
#pragma once

namespace emohost::hearing {

constexpr int kModulationRates = 20;  // 0.5 to 14 Hz, equally far apart in octaves

class Modulation {
  public:
    explicit Modulation(double hop_s);

    // Every hop: the largest onset strength [0, 1] since the last. Real-time safe, as is reset().
    void hop(float strength) noexcept;
    void reset() noexcept;

    // Share of each rate in the energy of all, [0, 1]; zeros before there was any.
    const float* shares() const noexcept { return shares_; }

  private:
    struct Resonator {
        float real_step, imaginary_step;  // what a hop turns and damps it by
        float input;                      // share of the newest
        float real, imaginary, energy;
    };

    float mean_share_, energy_share_;
    float mean_ = 0;
    Resonator bank_[kModulationRates];
    float shares_[kModulationRates] = {};
};

}  // namespace emohost::hearing
