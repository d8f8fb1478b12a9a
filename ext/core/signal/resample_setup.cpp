// Builds the filters of both. Never on the audio thread.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/signal/arithmetic.h"
#include "core/signal/resample.h"

namespace emohost::signal {

namespace {

constexpr double kAttenuation = 60.0;                          // dB
constexpr double kBeta = 0.1102 * (kAttenuation - 8.7);        // Kaiser (1974)
constexpr double kTransition = 2.0 * (kRate / 2 - kPassband);  // Hz, centred on half of kRate
constexpr double kHalfLength = 0.5 * (kAttenuation - 8.0) / (2.285 * kTau * kTransition);  // seconds
constexpr int kMostPhases = 256;
constexpr int kLeastKept = 512;

double bessel_i0(double x) {
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 40; ++k) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

// Low pass of cutoff `cutoff_hz`, at `at_s` seconds from its centre.
double windowed_sinc(double at_s, double cutoff_hz, double half_s) {
    const double edge = at_s / half_s;
    if (std::fabs(edge) >= 1.0) return 0.0;
    const double x = 0.5 * kTau * 2.0 * cutoff_hz * at_s;
    const double sinc = std::fabs(x) < 1e-12 ? 1.0 : std::sin(x) / x;
    return sinc * bessel_i0(kBeta * std::sqrt(1.0 - edge * edge)) / bessel_i0(kBeta);
}

void normalise(float* kernel, const std::vector<double>& raw) {
    const double sum = std::accumulate(raw.begin(), raw.end(), 0.0);
    for (std::size_t t = 0; t < raw.size(); ++t) kernel[t] = static_cast<float>(raw[t] / sum);
}

// Taps after the output's own place; before it lie as many, and zeros up to a multiple of 8.
int later_taps(double sample_rate) { return static_cast<int>(std::ceil(kHalfLength * sample_rate)); }
int taps_for(double sample_rate) { return (2 * later_taps(sample_rate) + 8) / 8 * 8; }

}  // namespace

int Resampler::history(double sample_rate, int most_in) {
    return most_in + 2 * taps_for(sample_rate) + static_cast<int>((kResampleDelay + 2) * sample_rate / kRate);
}

Resampler::Resampler(double sample_rate, const SlidingBuffer& input, int keep, int most_out)
    : up_(static_cast<int64_t>(kRate)),
      down_(std::llround(sample_rate)),
      taps_(taps_for(sample_rate)),
      earlier_(taps_ - 1 - later_taps(sample_rate)),
      phases_(0),
      input_(input),
      output_(std::max(keep, kLeastKept), most_out) {
    const int64_t common = std::gcd(up_, down_);
    up_ /= common;
    down_ /= common;
    phases_ = static_cast<int>(std::min<int64_t>(up_, kMostPhases));
    kernel_.resize(static_cast<std::size_t>(phases_) * taps_);
    const double cutoff = std::min(kRate, sample_rate) / 2;
    std::vector<double> raw(taps_);
    for (int phase = 0; phase < phases_; ++phase) {
        for (int t = 0; t < taps_; ++t) {
            const double at = t - earlier_ - static_cast<double>(phase) / phases_;
            raw[t] = windowed_sinc(at / sample_rate, cutoff, kHalfLength);
        }
        normalise(kernel_.data() + static_cast<std::size_t>(phase) * taps_, raw);
    }
}

Decimator::Decimator(int factor, double passband_hz, int keep, int most_in)
    : factor_(factor), kernel_(kTaps), input_(kTaps + most_in, most_in), output_(keep, most_in / factor + 2) {
    const double stop = kRate / factor - passband_hz;
    constexpr double half = kTaps / 2.0;
    std::vector<double> raw(kTaps);
    for (int t = 0; t < kTaps; ++t)
        raw[t] = windowed_sinc((t - (half - 1)) / kRate, (passband_hz + stop) / 2, half / kRate);
    normalise(kernel_.data(), raw);
}

}  // namespace emohost::signal
