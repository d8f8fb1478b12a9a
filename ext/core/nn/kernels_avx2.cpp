// Kernels for AVX2 with FMA and F16C. Empty unless the compiler was told so.
#include "core/nn/kernels.h"

#if defined(__AVX2__) && ((defined(__FMA__) && defined(__F16C__)) || defined(_MSC_VER))
#include <immintrin.h>

namespace emohost::nn {
namespace avx2 {

#include "core/nn/vector_avx2.inl"

constexpr int kPassBlocks = 2;
constexpr bool kUnsignedActivations = false;

// 16 bits each.
static inline void store_rounded(const Rounded& x, int i, Vec v) {
    const __m256i whole = _mm256_cvtps_epi32(v);
    const __m128i packed = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_store_si128(reinterpret_cast<__m128i*>(x.values + 2 * i), packed);
}

// A sum holds two halves of each of four rows.
template <int Blocks>
static inline void group_sums(const char* weights, int stride, const Rounded& x, int column, int quads,
                              Vec* sums) {
    constexpr int kSums = Blocks * kLanes / 4;
    __m256i sum[kSums];
    for (__m256i& s : sum) s = _mm256_setzero_si256();
    const char* values = x.values + 2 * column;
    for (int quad = 0; quad < quads; ++quad) {
        const __m256i four =
            _mm256_broadcastq_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(values)));
        for (int line = 0; line < Blocks; ++line) prefetch(weights + 64 * line);
        for (int s = 0; s < kSums; ++s) {
            const __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(weights + 16 * s));
            sum[s] = _mm256_add_epi32(sum[s], _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), four));
        }
        weights += stride;
        values += 2 * kQuad;
    }
    for (int v = 0; v < kSums / 2; ++v) {
        const __m256i rows = _mm256_hadd_epi32(sum[2 * v], sum[2 * v + 1]);  // 0 1 4 5, 2 3 6 7
        sums[v] = _mm256_cvtepi32_ps(_mm256_permute4x64_epi64(rows, 0xd8));
    }
}

#include "core/nn/kernels.inl"

}  // namespace avx2

const Kernels* kernels_avx2() noexcept { return &avx2::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_avx2() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
