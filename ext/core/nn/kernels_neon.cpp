// Kernels for 64-bit ARM, where NEON is always there. Empty elsewhere.
#include "core/nn/kernels.h"

#if defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>

namespace emohost::nn {
namespace neon {

using Vec = float32x4_t;
constexpr int kWidth = 4;
constexpr int kIndependentSums = 8;
using Half = unsigned short;
constexpr int kPassBlocks = 1;
constexpr bool kUnsignedActivations = false;

static inline Vec load(const float* p) { return vld1q_f32(p); }
static inline Vec load(const Half* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
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
constexpr int kPrefetchBytes = 2048;
static inline void prefetch(const void* p) {
#if defined(__GNUC__)
    __builtin_prefetch(static_cast<const char*>(p) + kPrefetchBytes);
#else
    __prefetch(static_cast<const char*>(p) + kPrefetchBytes);
#endif
}

// 16 bits each.
static inline void store_rounded(const Rounded& x, int i, Vec v) {
    vst1_s16(reinterpret_cast<int16_t*>(x.values) + i, vqmovn_s32(vcvtnq_s32_f32(v)));
}

// A sum holds four parts of one row.
template <int Blocks>
static inline void group_sums(const char* weights, int stride, const Rounded& x, int column, int quads,
                              Vec* sums) {
    constexpr int kRows = Blocks * kLanes;
    int32x4_t sum[kRows];
    for (int32x4_t& s : sum) s = vdupq_n_s32(0);
    const int16_t* values = reinterpret_cast<const int16_t*>(x.values) + column;
    for (int quad = 0; quad < quads; ++quad) {
        const int16x4_t four = vld1_s16(values);
        prefetch(weights);
        for (int row = 0; row < kRows; row += 2) {
            const int16x8_t two = vmovl_s8(vld1_s8(reinterpret_cast<const int8_t*>(weights) + kQuad * row));
            sum[row] = vmlal_s16(sum[row], vget_low_s16(two), four);
            sum[row + 1] = vmlal_s16(sum[row + 1], vget_high_s16(two), four);
        }
        weights += stride;
        values += kQuad;
    }
    for (int v = 0; v < kRows / 4; ++v) {
        const int32x4_t first = vpaddq_s32(sum[4 * v], sum[4 * v + 1]);
        const int32x4_t second = vpaddq_s32(sum[4 * v + 2], sum[4 * v + 3]);
        sums[v] = vcvtq_f32_s32(vpaddq_s32(first, second));
    }
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
