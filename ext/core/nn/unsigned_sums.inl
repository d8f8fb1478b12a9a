// Sums of integer products where an instruction multiplies four unsigned activations by four signed weights:
// 16-bit activations, 32768 added, go in as two bytes, low ones first, high ones in the second half of the
// scratch memory. Included by a kernels_*.cpp inside the namespace of its own instead of kernels.inl. kSides
// says how many sums of a row lie side by side to hide the latency of the instruction.

constexpr bool kUnsignedActivations = true;

// Both products read the weights; the compiler would load them for each, and loads are what there is least of.
static inline Words loaded_once(const char* p) {
    Words words = load_bytes(p);
#if defined(__GNUC__)
    __asm__("" : "+v"(words));  // it is in a register now, and nobody knows from where
#endif
    return words;
}

static inline void store_rounded(const Rounded& x, int i, Vec v) {
    store_unsigned(x.values + i, x.values + x.columns + i, v);
}

template <int Sums>
static inline void add_quad(const char* weights, const char* low_four, const char* high_four, Words* low,
                            Words* high) {
    const Words low_words = four_bytes(low_four), high_words = four_bytes(high_four);
    for (int line = 0; line < Sums * kQuad * kWidth; line += 128) prefetch(weights + line);  // lines in pairs
    for (int s = 0; s < Sums; ++s) {
        const Words four = loaded_once(weights + kQuad * kWidth * s);
        low[s] = add_products(low[s], low_words, four);
        high[s] = add_products(high[s], high_words, four);
    }
}

template <int Blocks>
static inline void group_sums(const char* weights, int stride, const Rounded& x, int column, int quads,
                              Vec* sums) {
    constexpr int kSums = Blocks * kLanes / kWidth;
    Words low[kSides][kSums], high[kSides][kSums];
    for (int side = 0; side < kSides; ++side) {
        for (int s = 0; s < kSums; ++s) low[side][s] = high[side][s] = no_words();
    }
    const char* values = x.values + column;
    int quad = 0;
    for (; quad + kSides <= quads; quad += kSides) {
        for (int side = 0; side < kSides; ++side) {
            add_quad<kSums>(weights, values, values + x.columns, low[side], high[side]);
            weights += stride;
            values += kQuad;
        }
    }
    for (; quad < quads; ++quad) {
        add_quad<kSums>(weights, values, values + x.columns, low[0], high[0]);
        weights += stride;
        values += kQuad;
    }
    for (int s = 0; s < kSums; ++s) {
        for (int side = 1; side < kSides; ++side) {
            low[0][s] = sum_of(low[0][s], low[side][s]);
            high[0][s] = sum_of(high[0][s], high[side][s]);
        }
        sums[s] = joined(low[0][s], high[0][s]);
    }
}

#include "core/nn/kernels.inl"
