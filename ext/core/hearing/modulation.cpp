#include "core/hearing/modulation.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kLowest_hz = 0.5, kHighest_hz = 14.0;
constexpr double kCycles = 2.65;    // that a resonator remembers: two of them overlap a little
constexpr double kLongest_s = 3.0;  // but no longer than this
constexpr double kMean_s = 4.0, kEnergy_s = 3.0;
constexpr float kFull = 15.0f;  // so that strong onsets do not drown weak ones: log(1 + kFull * strength)
constexpr float kNegligible = 1e-9f;

}  // namespace

Modulation::Modulation(double hop_s)
    : mean_share_(smoothing(hop_s, kMean_s)), energy_share_(smoothing(hop_s, kEnergy_s)) {
    for (int i = 0; i < kModulationRates; ++i) {
        const double hertz = kLowest_hz * std::pow(kHighest_hz / kLowest_hz, i / (kModulationRates - 1.0));
        const double damping = std::exp(-hop_s / std::min(kCycles / hertz, kLongest_s));
        bank_[i].real_step = static_cast<float>(damping * std::cos(kTau * hertz * hop_s));
        bank_[i].imaginary_step = static_cast<float>(damping * std::sin(kTau * hertz * hop_s));
        bank_[i].input = static_cast<float>(1 - damping);
    }
    reset();
}

void Modulation::reset() noexcept {
    mean_ = 0;
    for (Resonator& each : bank_) each.real = each.imaginary = each.energy = 0;
    std::fill(shares_, shares_ + kModulationRates, 0.0f);
}

void Modulation::hop(float strength) noexcept {
    const float loud = std::log1p(kFull * strength);
    mean_ = settle(mean_ + mean_share_ * (loud - mean_));
    float total = 0;
    for (Resonator& each : bank_) {
        const float real = each.real * each.real_step - each.imaginary * each.imaginary_step;
        const float imaginary = each.real * each.imaginary_step + each.imaginary * each.real_step;
        each.real = settle(real + each.input * (loud - mean_));
        each.imaginary = settle(imaginary);
        const float energy = each.real * each.real + each.imaginary * each.imaginary;
        each.energy = settle(each.energy + energy_share_ * (energy - each.energy));
        total += each.energy;
    }
    for (int i = 0; i < kModulationRates; ++i)
        shares_[i] = total > kNegligible ? bank_[i].energy / total : 0.0f;
}

}  // namespace emohost::hearing
