// Kernels in plain C++, for any machine. The compiler may turn the four floats of a Vec into its baseline
// SIMD.
#include <cstdint>
#include <cstring>

#include "core/nn/kernels.h"

namespace emohost::nn {
namespace plain {

constexpr int kWidth = 4;
constexpr int kIndependentSums = 4;
constexpr int kPrefetchAhead = 0;

struct Vec {
    float v[kWidth];
};

template <typename Operation>
static inline Vec each(Operation operation) {
    Vec result;
    for (int i = 0; i < kWidth; ++i) result.v[i] = operation(i);
    return result;
}

static inline Vec load(const float* p) {
    return each([=](int i) { return p[i]; });
}
static inline void store(float* p, const Vec& v) {
    for (int i = 0; i < kWidth; ++i) p[i] = v.v[i];
}
static inline Vec set(float x) {
    return each([=](int) { return x; });
}
static inline Vec add(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] + b.v[i]; });
}
static inline Vec sub(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] - b.v[i]; });
}
static inline Vec mul(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] * b.v[i]; });
}
static inline Vec div(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] / b.v[i]; });
}
static inline Vec min(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
static inline Vec max(const Vec& a, const Vec& b) {
    return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
static inline Vec muladd(const Vec& a, const Vec& b, const Vec& c) {
    return each([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
}
// To the nearest whole number, for |a| < 2^22: adding 1.5 * 2^23 leaves no bits for a fraction.
static inline Vec round(const Vec& a) {
    return each([&](int i) { return (a.v[i] + 12582912.0f) - 12582912.0f; });
}
static inline Vec times_power_of_two(const Vec& a, const Vec& n) {
    return each([&](int i) {
        const int32_t bits = (static_cast<int32_t>(n.v[i]) + 127) << 23;
        float power;
        std::memcpy(&power, &bits, sizeof(power));
        return a.v[i] * power;
    });
}
static inline void prefetch(const float*) {}

#include "core/nn/kernels.inl"

}  // namespace plain

const Kernels* kernels_plain() noexcept { return &plain::kTable; }

}  // namespace emohost::nn
