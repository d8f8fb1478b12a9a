// What listener.h promises, in one piece: built and freed by listener_setup.cpp, played by listener.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/dsp/attacks.h"
#include "core/dsp/density.h"
#include "core/dsp/falls.h"
#include "core/dsp/level.h"
#include "core/dsp/listener.h"
#include "core/dsp/modulation.h"
#include "core/dsp/onset.h"
#include "core/dsp/resample.h"
#include "core/dsp/sliding.h"
#include "core/dsp/spectrum.h"
#include "core/dsp/tonality.h"

namespace emohost::dsp {

constexpr int kMostShortTicks = 32;
constexpr int kTicksPerHop = 4;

class Hearing final : public Listener {
  public:
    explicit Hearing(const ListenerSettings& settings);
    ~Hearing() override;

    int until_tick() const noexcept override { return static_cast<int>(tick_frame(ticks_ + 1) - frame_); }
    Tick push(const float* mono, int n) noexcept override;
    void spare(bool on) noexcept override { spared_ = on; }
    const Heard& heard() const noexcept override { return heard_; }
    void reset() noexcept override;
    std::size_t memory_bytes() const noexcept override;

  private:
    int64_t tick_frame(int64_t tick) const noexcept {
        return std::llround(tick * tick_s_ * settings_.sample_rate);
    }
    Tick take_tick() noexcept;
    void begin_search() noexcept;
    void search() noexcept;
    void measure_tick(int n) noexcept;
    double window_power() const noexcept;
    void take_hop() noexcept;
    void write_mel128() noexcept;
    void write_emohost1() noexcept;
    float* write_tonality(float* out) const noexcept;
    float* write_descriptors(float* out) const noexcept;
    float* write_motion(float* out) const noexcept;

    ListenerSettings settings_;
    double tick_s_, offset_share_;
    int window_, tonality_hops_, short_ticks_;
    int64_t frame_ = 0, ticks_ = 0;
    bool spared_ = false;                      // no search for notes begins
    int search_step_;                          // that is next
    float strongest_ = 0;                      // onset strength since the last hop
    double offset_ = 0;                        // slow mean of the signal
    double tick_power_[kMostShortTicks] = {};  // ring
    SlidingBuffer signal_;
    Resampler resampler_;
    Decimator decimator_;
    LevelMeter level_;
    OnsetDetector onsets_;
    Density density_;
    Attacks attacks_;
    Modulation modulation_;
    Falls falls_;
    Tonality tonality_;
    MelSpectrum<float> bands_;
    Shape shape_;
    std::unique_ptr<MelSpectrum<double>> mel128_;
    Heard heard_;
};

}  // namespace emohost::dsp
