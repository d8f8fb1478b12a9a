// Sixteen floats for AVX-512 (F, BW, VL, DQ). Included by a kernels_*.cpp inside the namespace of its own.

using Vec = __m512;
using Half = unsigned short;
constexpr int kWidth = 16;
constexpr int kIndependentSums = 8;

static inline Vec load(const float* p) { return _mm512_load_ps(p); }
static inline Vec load(const Half* p) {
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
}
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

constexpr int kPrefetchBytes = 4096;
static inline void prefetch(const void* p) {
    _mm_prefetch(static_cast<const char*>(p) + kPrefetchBytes, _MM_HINT_T0);
}
static inline __m512i load_bytes(const char* p) { return _mm512_load_si512(p); }
