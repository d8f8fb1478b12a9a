// From the stream's sample rate to the one rate that hearing works at, so that everything after it is the
// same whatever the sound card runs at. Windowed sinc (Kaiser, 60 dB), a table of phases; its length is fixed
// in seconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/signal/sliding.h"

namespace emohost::signal {

constexpr double kRate = 24000.0;    // samples per second of all hearing but mel128
constexpr double kPassband = 11200;  // Hz; flat up to here when the stream's own rate allows it
constexpr int kResampleDelay = 34;   // samples at kRate between the newest input and the newest output

class Resampler {
  public:
    // How many past samples `input` must keep if it gets up to `most_in` between two calls of produce().
    static int history(double sample_rate, int most_in);
    // Reads `input`, which must outlive it; keeps the last `keep` outputs, made up to `most_out` at once.
    Resampler(double sample_rate, const SlidingBuffer& input, int keep, int most_out);

    // How many output samples belong to the first `frame` input samples, less the delay. May be negative at
    // the start.
    int64_t outputs_at(int64_t frame) const noexcept;
    // Computes output samples until `count` exist in all; returns how many are new. `count` is at most
    // outputs_at() of the frames fed.
    int produce(int64_t count) noexcept;
    const SlidingBuffer& output() const noexcept { return output_; }
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    int64_t up_, down_;  // sample_rate / kRate = down / up
    int taps_, earlier_, phases_;
    std::vector<float> kernel_;  // by phase
    const SlidingBuffer& input_;
    SlidingBuffer output_;
};

// Low pass and decimation by a whole factor, from kRate on. Output m belongs to input m * factor.
class Decimator {
  public:
    Decimator(int factor, double passband_hz, int keep, int most_in);
    // Feeds the newest n samples that end at `end`.
    void feed(const float* end, int n) noexcept;
    const SlidingBuffer& output() const noexcept { return output_; }
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    static constexpr int kTaps = 64;
    int factor_;
    std::vector<float> kernel_;
    SlidingBuffer input_, output_;
};

}  // namespace emohost::signal
