// Weights as the kernels read them: panels of kernels.h in each precision. Not real-time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/nn/kernels.h"

namespace emohost::nn {

// The largest magnitude of a weight that a precision can keep.
float largest_weight(Precision precision);

// Nearest float16 (ties to even); |value| is at most largest_weight().
uint16_t half_of(float value);

// What a matrix of padded `rows` takes: its whole panels, then the narrower one.
std::size_t matrix_bytes(Precision precision, int rows, int columns) noexcept;

// Weight (row, column) of a matrix, as the canonical order has it.
struct Matrix {
    const float* data;
    std::size_t row_step;
    std::size_t column_step;
    float at(std::size_t row, std::size_t column) const {
        return data[row * row_step + column * column_step];
    }
};

// Packs rows [0, rows) x columns into panels. `packed` is zeroed and has matrix_bytes() of the padded rows.
void pack(Precision precision, const Matrix& matrix, int rows, int columns, char* packed);

// Packs for recurrent layers: for each kLanes units one panel that holds these units' rows of every gate. The
// panels lie `distance` bytes apart, so that those of several matrices can alternate.
void pack_gates(Precision precision, const Matrix& matrix, int gates, int units, int columns,
                std::size_t distance, char* packed);

// The same order for one float a row (a bias).
void pack_gate_bias(const float* bias, int gates, int units, std::size_t distance, float* packed);

}  // namespace emohost::nn
