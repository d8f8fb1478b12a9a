// Small pieces of arithmetic that all of signal/ and hearing/ share. All real-time safe.
#pragma once

#include <cmath>

namespace emohost::signal {

constexpr double kTau = 6.283185307179586476925286766559;

// Sum of products in eight fixed partial sums: vectorised, and the same bits on every machine.
template <typename T>
T dot(const T* a, const T* b, int n) noexcept {
    T sum[8] = {};
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int lane = 0; lane < 8; ++lane) sum[lane] += a[i + lane] * b[i + lane];
    for (; i < n; ++i) sum[i & 7] += a[i] * b[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

// Sum in eight fixed partial sums, likewise.
inline float total(const float* x, int n) noexcept {
    float sum[8] = {};
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int lane = 0; lane < 8; ++lane) sum[lane] += x[i + lane];
    for (; i < n; ++i) sum[i & 7] += x[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

// Sum of (x - offset)^2, in four partial sums.
inline double energy(const float* x, int n, double offset) noexcept {
    double sum[4] = {};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int lane = 0; lane < 4; ++lane) {
            const double d = x[i + lane] - offset;
            sum[lane] += d * d;
        }
    for (; i < n; ++i) sum[0] += (x[i] - offset) * (x[i] - offset);
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

inline float clamp01(float x) noexcept { return x < 0.0f ? 0.0f : (x > 1.0f ? 1.0f : x); }

inline double decibel(double power, double floor_db) noexcept {
    const double floor_power = std::pow(10.0, floor_db / 10.0);
    return power <= floor_power ? floor_db : 10.0 * std::log10(power);
}

// Share of the way that a one-pole smoother of time constant `tau_s` goes in `step_s`.
inline float smoothing(double step_s, double tau_s) noexcept {
    return static_cast<float>(1.0 - std::exp(-step_s / tau_s));
}

// Leaky states end at zero instead of creeping through denormals.
inline float settle(float x) noexcept { return std::fabs(x) < 1e-20f ? 0.0f : x; }

}  // namespace emohost::signal
