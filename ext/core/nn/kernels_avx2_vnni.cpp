// Kernels for AVX2 with AVX-VNNI: products of four bytes at a time. Empty unless the compiler was told so.
#include "core/nn/kernels.h"

#if defined(__AVX2__) && defined(__AVXVNNI__) && defined(__FMA__) && defined(__F16C__)
#include <immintrin.h>

namespace emohost::nn {
namespace avx2_vnni {

#include "core/nn/vector_avx2.inl"

constexpr int kPassBlocks = 2;
constexpr int kSides = 1;

static inline __m256i low_bytes(__m256i words) {  // of eight, the lowest byte of each, in the first eight
    const __m256i bytes = _mm256_shuffle_epi8(
        words, _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12, -1,
                                -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 1, 1, 1, 1, 1));
}
static inline void store_bytes(char* to, __m256i words) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(low_bytes(words)));
}
static inline void store_unsigned(char* low, char* high, Vec v) {
    const __m256i whole = _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(kOffset));
    store_bytes(low, whole);
    store_bytes(high, _mm256_srli_epi32(whole, 8));
}

using Words = __m256i;
static inline Words no_words() { return _mm256_setzero_si256(); }
static inline Words four_bytes(const char* p) { return _mm256_broadcastd_epi32(_mm_loadu_si32(p)); }
static inline Words add_products(Words sum, Words activations, Words weights) {
    return _mm256_dpbusd_avx_epi32(sum, activations, weights);
}
static inline Words sum_of(Words a, Words b) { return _mm256_add_epi32(a, b); }
static inline Vec joined(Words low, Words high) {
    return _mm256_cvtepi32_ps(_mm256_add_epi32(low, _mm256_slli_epi32(high, 8)));
}

#include "core/nn/unsigned_sums.inl"

}  // namespace avx2_vnni

const Kernels* kernels_avx2_vnni() noexcept { return &avx2_vnni::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_avx2_vnni() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
