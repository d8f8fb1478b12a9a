// The inner loops of every layer, one table per instruction set. All buffers except `x` are 64-byte aligned
// and padded to whole blocks of kLanes floats; padding holds zeros in weights and anything finite elsewhere.
// `x` may be read up to padded(columns).
//
// Weights are packed in panels: up to kPanelRows rows, so that a product reads the arena once, front to back.
// A matrix of r rows is padded to a multiple of kLanes: whole panels first, then one narrower panel. Inside a
// panel of R rows lie, by precision:
//
//   float32, float16   column after column, R values each
//   int8               R floats: what the offset of the activations adds, see below; then for every kGroup
//                      columns R scales and, for every four of them (kQuad), 4 values of each row
//
// int8 products are of integers: the activations of one product are rounded to 16 bits by a scale of their
// own (largest / 32767), sums of a group are exact, and each is then scaled in float32. Where an instruction
// multiplies unsigned activations by signed weights, 32768 is added to the former: `-32768 * sum(scale *
// weight)` is what has to be added to the row's sum for it.
#pragma once

#include "core/nn/kinds.h"

namespace emohost::nn {

constexpr int kLanes = 16;
constexpr int kPanelRows = 4 * kLanes;
constexpr int kGroup = 64;  // columns that share a scale
constexpr int kQuad = 4;
constexpr int kOffset = 32768;
constexpr float kLargestActivation = 32767.0f;
constexpr float kLargestWeight = 127.0f;

constexpr int padded(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

// What `rows` (at most kPanelRows) x `columns` take, in whole cache lines.
static constexpr long long panel_bytes(Precision precision, long long rows, long long columns) {
    if (precision == Precision::float32) return 4 * rows * columns;
    if (precision == Precision::float16) return (2 * rows * columns + 63) / 64 * 64;
    const long long groups = (columns + kGroup - 1) / kGroup, quads = (columns + kQuad - 1) / kQuad;
    return 4 * rows * (1 + groups + quads);
}

// What a product over `columns` needs to round its activations in.
static constexpr long long scratch_bytes(long long columns) { return 2 * (columns + 63) / 64 * 64 + 64; }

// Activations of one product as whole numbers in [-32767, 32767], and what one of them is worth. How they lie
// in memory is the instruction set's own matter.
struct Rounded {
    char* values;
    float scale;
    int columns;  // padded
};

// The products of one precision. `scratch`: only for int8, scratch_bytes() for each vector that goes in.
struct Products {
    // y[rows] = bias[rows] + W x; rows is padded; x has `columns` floats.
    void (*matrix)(const char* weights, const float* bias, const float* x, int columns, int rows, float* y,
                   char* scratch) noexcept;

    // One LSTM step. A panel holds the gates i, f, g, o of kLanes units over the columns [x, h]; bias
    // likewise.
    void (*lstm)(const char* weights, const float* bias, const float* xh, int columns, int units,
                 const float* c, float* c_next, float* h_next, char* scratch) noexcept;

    // One GRU step (the candidate is reset after the recurrent product). For each kLanes units: a panel of
    // the rows z, r, n over x, then one over h; the two biases likewise.
    void (*gru)(const char* weights, const float* bias, const float* x, int inputs, const float* h,
                int hidden, int units, float* h_next, char* scratch) noexcept;
};

struct Kernels {
    Products products[3];  // by Precision

    // In place on y[n]. Softmax subtracts its maximum and reads exactly n; the others may run on to
    // padded(n).
    void (*activate)(Activation activation, float* y, int n) noexcept;

    // y = (y - mean) * factor + shift, for `channels` interleaved channels.
    void (*normalise)(const float* mean, const float* factor, const float* shift, int channels, float* y,
                      int n) noexcept;

    // y = y < 0 ? slope * y : y; one slope per entry, or a single one.
    void (*prelu)(const float* slopes, bool shared, float* y, int n) noexcept;

    // Reads n floats, whole cache lines of them, and sums them, to measure the speed of the memory.
    float (*read)(const float* from, unsigned long long n) noexcept;
};

// Null where the library was not built for that instruction set. `automatic` is not a set.
const Kernels* kernels_plain() noexcept;
const Kernels* kernels_avx2() noexcept;
const Kernels* kernels_avx2_vnni() noexcept;
const Kernels* kernels_avx512() noexcept;
const Kernels* kernels_avx512_vnni() noexcept;
const Kernels* kernels_neon() noexcept;

}  // namespace emohost::nn
