// Kernels for AVX-512 with VNNI: products of four bytes at a time. Empty unless the compiler was told so.
#include "core/nn/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    (defined(__AVX512VNNI__) || defined(_MSC_VER))
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12's own header (its bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

namespace emohost::nn {
namespace avx512_vnni {

#include "core/nn/vector_avx512.inl"

constexpr int kPassBlocks = 4;
constexpr int kSides = 2;

static inline void store_unsigned(char* low, char* high, Vec v) {
    const __m512i whole = _mm512_add_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(kOffset));
    _mm_store_si128(reinterpret_cast<__m128i*>(low), _mm512_cvtepi32_epi8(whole));
    _mm_store_si128(reinterpret_cast<__m128i*>(high), _mm512_cvtepi32_epi8(_mm512_srli_epi32(whole, 8)));
}

using Words = __m512i;
static inline Words no_words() { return _mm512_setzero_si512(); }
static inline Words four_bytes(const char* p) { return _mm512_broadcastd_epi32(_mm_loadu_si32(p)); }
static inline Words add_products(Words sum, Words activations, Words weights) {
    return _mm512_dpbusd_epi32(sum, activations, weights);
}
static inline Words sum_of(Words a, Words b) { return _mm512_add_epi32(a, b); }
static inline Vec joined(Words low, Words high) {
    return _mm512_cvtepi32_ps(_mm512_add_epi32(low, _mm512_slli_epi32(high, 8)));
}

#include "core/nn/unsigned_sums.inl"

}  // namespace avx512_vnni

const Kernels* kernels_avx512_vnni() noexcept { return &avx512_vnni::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_avx512_vnni() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
