#include "core/hearing/spectrum.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kShape_s = 0.2;
constexpr double kBands_s = 0.5;   // what is to stand still while the music stays cannot follow each note
constexpr float kFloor = 1e-9f;    // per hertz, re reference
constexpr float kFlatSpan = 4.0f;  // decades between a flat spectrum and one that counts as pure tone

}  // namespace

template <typename T>
const T* MelSpectrum<T>::power(const float* end, float offset) noexcept {
    const float* signal = end - window();
    for (int i = 0; i < window(); ++i) frame_[i] = static_cast<T>(signal[i] - offset) * window_[i];
    fft_.power(frame_.data(), power_.data());
    bank_.apply(power_.data(), mel_.data());
    return mel_.data();
}

template <typename T>
std::size_t MelSpectrum<T>::memory_bytes() const noexcept {
    return sizeof(T) * (window_.size() + frame_.size() + power_.size() + mel_.size()) + fft_.memory_bytes() +
           bank_.memory_bytes();
}

template class MelSpectrum<float>;
template class MelSpectrum<double>;

Shape::Shape(double hop_s) : share_(smoothing(hop_s, kShape_s)), bands_share_(smoothing(hop_s, kBands_s)) {
    reset();
}

void Shape::reset() noexcept {
    std::fill(bands_, bands_ + kShapeBands, -1.0f);
    brightness_ = flatness_ = 0;
}

void Shape::hop(const float* power, float reference, bool sounding) noexcept {
    float amplitudes = 0, moment = 0, powers = 0, logs = 0;
    for (int b = 0; b < kShapeBands; ++b) {
        const float relative = power[b] / reference;
        const float log_power = std::log10(relative + kFloor);
        bands_[b] += bands_share_ * ((log_power + 5.0f) / 4.0f - bands_[b]);
        const float amplitude = std::sqrt(relative);
        amplitudes += amplitude;
        moment += amplitude * static_cast<float>(b);
        powers += relative;
        logs += log_power;
    }
    float brightness = 0, flatness = 0;
    if (sounding && amplitudes > 0) {
        brightness = moment / amplitudes / (kShapeBands - 1);
        const float flat = logs / kShapeBands - std::log10(powers / kShapeBands + kFloor);  // <= 0, decades
        flatness = clamp01(1.0f + flat / kFlatSpan);
    }
    brightness_ = settle(brightness_ + share_ * (brightness - brightness_));
    flatness_ = settle(flatness_ + share_ * (flatness - flatness_));
}

}  // namespace emohost::hearing
