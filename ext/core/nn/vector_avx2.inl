// Eight floats for AVX2 with FMA and F16C. Included by a kernels_*.cpp inside the namespace of its own.

using Vec = __m256;
using Half = unsigned short;
constexpr int kWidth = 8;
constexpr int kIndependentSums = 8;

static inline Vec load(const float* p) { return _mm256_load_ps(p); }
static inline Vec load(const Half* p) {
    return _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
}
static inline void store(float* p, Vec v) { _mm256_store_ps(p, v); }
static inline Vec set(float x) { return _mm256_set1_ps(x); }
static inline Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
static inline Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
static inline Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
static inline Vec div(Vec a, Vec b) { return _mm256_div_ps(a, b); }
static inline Vec min(Vec a, Vec b) { return _mm256_min_ps(a, b); }
static inline Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
static inline Vec muladd(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
static inline Vec round(Vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline Vec times_power_of_two(Vec a, Vec n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}

constexpr int kPrefetchBytes = 4096;
static inline void prefetch(const void* p) {
    _mm_prefetch(static_cast<const char*>(p) + kPrefetchBytes, _MM_HINT_T0);
}
static inline __m256i load_bytes(const char* p) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(p));
}
