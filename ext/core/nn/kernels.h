// The inner loops of every layer, one table per instruction set. All buffers except `x` are 64-byte aligned
// and padded to whole blocks of kLanes floats; padding holds zeros in weights and anything finite elsewhere.
//
// Weights are packed in panels: up to kPanelRows rows, column after column, so that a product reads the arena
// once, front to back. A matrix of r rows is padded to a multiple of kLanes: whole panels first, then one
// narrower panel.
#pragma once

#include "core/nn/kinds.h"

namespace emohost::nn {

constexpr int kLanes = 16;
constexpr int kPanelRows = 4 * kLanes;

constexpr int padded(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

struct Kernels {
    // y[rows] = bias[rows] + W x; rows is padded; x has `columns` floats.
    void (*matrix)(const float* weights, const float* bias, const float* x, int columns, int rows,
                   float* y) noexcept;

    // One LSTM step. A panel holds the gates i, f, g, o of kLanes units over the columns [x, h]; bias
    // likewise.
    void (*lstm)(const float* weights, const float* bias, const float* xh, int columns, int units,
                 const float* c, float* c_next, float* h_next) noexcept;

    // One GRU step (the candidate is reset after the recurrent product). For each kLanes units: a panel of
    // the rows z, r, n over x, then one over h; the two biases likewise.
    void (*gru)(const float* weights, const float* bias, const float* x, int inputs, const float* h,
                int hidden, int units, float* h_next) noexcept;

    // In place on y[n]. Softmax subtracts its maximum and reads exactly n; the others may run on to
    // padded(n).
    void (*activate)(Activation activation, float* y, int n) noexcept;

    // y = (y - mean) * factor + shift, for `channels` interleaved channels.
    void (*normalise)(const float* mean, const float* factor, const float* shift, int channels, float* y,
                      int n) noexcept;

    // y = y < 0 ? slope * y : y; one slope per entry, or a single one.
    void (*prelu)(const float* slopes, bool shared, float* y, int n) noexcept;
};

// Null where the library was not built for that instruction set. `automatic` is not a set.
const Kernels* kernels_plain() noexcept;
const Kernels* kernels_avx2() noexcept;
const Kernels* kernels_avx512() noexcept;
const Kernels* kernels_neon() noexcept;

}  // namespace emohost::nn
