// Kernels in plain C++, for any machine. The compiler may turn the four floats of a Vec into its baseline
// SIMD.
#include <cstdint>
#include <cstring>

#include "core/nn/kernels.h"

namespace emohost::nn {
namespace plain {

constexpr int kWidth = 4;
constexpr int kIndependentSums = 4;
constexpr int kPassBlocks = 1;
constexpr bool kUnsignedActivations = false;
using Half = uint16_t;

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
// All values of a float16, subnormal ones too; the infinities and NaN are never packed.
static inline float widened(Half half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16, rest = half & 0x7fffu;
    float magnitude = static_cast<float>(rest) * 5.9604644775390625e-8f;  // subnormal: so many times 2^-24
    if (rest >= 0x400u) {
        const uint32_t bits = (rest << 13) + ((127u - 15u) << 23);
        std::memcpy(&magnitude, &bits, sizeof(magnitude));
    }
    return sign ? -magnitude : magnitude;
}
static inline Vec load(const Half* p) {
    return each([=](int i) { return widened(p[i]); });
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
static inline void prefetch(const void*) {}

// 16 bits each.
static inline void store_rounded(const Rounded& x, int i, const Vec& v) {
    for (int k = 0; k < kWidth; ++k) {
        const int16_t whole = static_cast<int16_t>(v.v[k]);
        std::memcpy(x.values + 2 * (i + k), &whole, sizeof(whole));
    }
}

template <int Blocks>
static inline void group_sums(const char* weights, int stride, const Rounded& x, int column, int quads,
                              Vec* sums) {
    constexpr int kRows = Blocks * kLanes;
    int32_t sum[kRows] = {};
    for (int quad = 0; quad < quads; ++quad) {
        int16_t four[kQuad];
        std::memcpy(four, x.values + 2 * (column + kQuad * quad), sizeof(four));
        for (int row = 0; row < kRows; ++row) {
            const auto* const of_row = reinterpret_cast<const signed char*>(weights) + kQuad * row;
            for (int k = 0; k < kQuad; ++k) sum[row] += of_row[k] * four[k];
        }
        weights += stride;
    }
    for (int v = 0; v < kRows / kWidth; ++v)
        sums[v] = each([&](int i) { return static_cast<float>(sum[v * kWidth + i]); });
}

#include "core/nn/kernels.inl"

}  // namespace plain

const Kernels* kernels_plain() noexcept { return &plain::kTable; }

}  // namespace emohost::nn
