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

using Vec = __m512;
constexpr int kWidth = 16;
constexpr int kIndependentSums = 8;
constexpr int kPrefetchAhead = 1024;  // floats

static inline Vec load(const float* p) { return _mm512_load_ps(p); }
static inline void store(float* p, Vec v) { _mm512_store_ps(p, v); }
static inline Vec set(float x) { return _mm512_set1_ps(x); }
static inline Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
static inline Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
static inline Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
static inline Vec div(Vec a, Vec b) { return _mm512_div_ps(a, b); }
static inline Vec min(Vec a, Vec b) { return _mm512_min_ps(a, b); }
static inline Vec max(Vec a, Vec b) { return _mm512_max_ps(a, b); }
static inline Vec muladd(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
static inline Vec round(Vec a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline Vec times_power_of_two(Vec a, Vec n) { return _mm512_scalef_ps(a, n); }
static inline void prefetch(const float* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }

#include "core/nn/kernels.inl"

}  // namespace avx512

const Kernels* kernels_avx512() noexcept { return &avx512::kTable; }

}  // namespace emohost::nn
#else
namespace emohost::nn {
const Kernels* kernels_avx512() noexcept { return nullptr; }
}  // namespace emohost::nn
#endif
