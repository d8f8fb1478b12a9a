// Kernels for AVX-512 (F, BW, VL, DQ). Empty unless the compiler was told so.
#include "core/nn/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12's own header (its bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

namespace emohost::nn {
namespace avx512 {

#include "core/nn/vector_avx512.inl"

constexpr int kPassBlocks = 4;
constexpr bool kUnsignedActivations = false;

// 16 bits each.
static inline void store_rounded(const Rounded& x, int i, Vec v) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(x.values + 2 * i),
                       _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(v)));
}

// A sum holds two halves of each of eight rows.
template <int Blocks>
static inline void group_sums(const char* weights, int stride, const Rounded& x, int column, int quads,
                              Vec* sums) {
    constexpr int kSums = Blocks * kLanes / 8;
    __m512i sum[kSums];
    for (__m512i& s : sum) s = _mm512_setzero_si512();
    const char* values = x.values + 2 * column;
    for (int quad = 0; quad < quads; ++quad) {
        const __m512i four =
            _mm512_broadcastq_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(values)));
        for (int line = 0; line < Blocks; ++line) prefetch(weights + 64 * line);
        for (int s = 0; s < kSums; ++s) {
            const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(weights + 32 * s));
            sum[s] = _mm512_add_epi32(sum[s], _mm512_madd_epi16(_mm512_cvtepi8_epi16(bytes), four));
        }
        weights += stride;
        values += 2 * kQuad;
    }
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    for (int v = 0; v < kSums / 2; ++v) {
        const __m512i first = _mm512_permutex2var_epi32(sum[2 * v], even, sum[2 * v + 1]);
        const __m512i second = _mm512_permutex2var_epi32(sum[2 * v], odd, sum[2 * v + 1]);
        sums[v] = _mm512_cvtepi32_ps(_mm512_add_epi32(first, second));
    }
}

#include "core/nn/kernels.inl"

}  // namespace avx512

const Kernels* kernels_avx512() noexcept { return &avx512::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_avx512() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
