// Kernels for 64-bit ARM, where NEON is always there. Empty elsewhere.
#include "core/nn/kernels.h"

#if defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>

namespace emohost::nn {
namespace neon {

using Vec = float32x4_t;
constexpr int kWidth = 4;
constexpr int kIndependentSums = 8;
constexpr int kPrefetchAhead = 512;  // floats

static inline Vec load(const float* p) { return vld1q_f32(p); }
static inline void store(float* p, Vec v) { vst1q_f32(p, v); }
static inline Vec set(float x) { return vdupq_n_f32(x); }
static inline Vec add(Vec a, Vec b) { return vaddq_f32(a, b); }
static inline Vec sub(Vec a, Vec b) { return vsubq_f32(a, b); }
static inline Vec mul(Vec a, Vec b) { return vmulq_f32(a, b); }
static inline Vec div(Vec a, Vec b) { return vdivq_f32(a, b); }
static inline Vec min(Vec a, Vec b) { return vminnmq_f32(a, b); }
static inline Vec max(Vec a, Vec b) { return vmaxnmq_f32(a, b); }
static inline Vec muladd(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
static inline Vec round(Vec a) { return vrndnq_f32(a); }
static inline Vec times_power_of_two(Vec a, Vec n) {
    const int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vmulq_f32(a, vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)));
}
static inline void prefetch(const float* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#else
    __prefetch(p);
#endif
}

#include "core/nn/kernels.inl"

}  // namespace neon

const Kernels* kernels_neon() noexcept { return &neon::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_neon() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
