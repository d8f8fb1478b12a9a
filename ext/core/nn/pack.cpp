#include "core/nn/pack.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace emohost::nn {

namespace {

using Size = std::size_t;

Size size(int n) { return static_cast<Size>(n); }

constexpr Size kNoRow = std::numeric_limits<Size>::max();  // of a panel that is wider than what is left

// The rows of the matrix that a panel holds, in its order.
using Rows = std::vector<Size>;

void pack_floats(const Matrix& matrix, const Rows& rows, int columns, char* packed) {
    float* to = reinterpret_cast<float*>(packed);
    for (int column = 0; column < columns; ++column) {
        for (const Size row : rows) *to++ = row == kNoRow ? 0.0f : matrix.at(row, size(column));
    }
}

void pack_halves(const Matrix& matrix, const Rows& rows, int columns, char* packed) {
    uint16_t* to = reinterpret_cast<uint16_t*>(packed);
    for (int column = 0; column < columns; ++column) {
        for (const Size row : rows) *to++ = row == kNoRow ? 0 : half_of(matrix.at(row, size(column)));
    }
}

// One group of a row: its scale, its weights into every kQuad bytes of `to`; returns their scaled sum.
double pack_group(const Matrix& matrix, Size row, int first, int count, Size height, float* scale,
                  signed char* to) {
    float largest = 0.0f;
    for (int i = 0; i < count; ++i) largest = std::max(largest, std::fabs(matrix.at(row, size(first + i))));
    *scale = largest / kLargestWeight;
    if (*scale == 0.0f) return 0.0;
    int sum = 0;
    for (int i = 0; i < count; ++i) {
        const float exact = matrix.at(row, size(first + i)) / *scale;
        const auto whole =
            static_cast<int>(std::nearbyint(std::clamp(exact, -kLargestWeight, kLargestWeight)));
        to[size(i / kQuad) * height * kQuad + size(i % kQuad)] = static_cast<signed char>(whole);
        sum += whole;
    }
    return static_cast<double>(*scale) * sum;
}

void pack_bytes(const Matrix& matrix, const Rows& rows, int columns, char* packed) {
    const Size height = rows.size();
    float* const corrections = reinterpret_cast<float*>(packed);
    std::vector<double> sums(height);
    packed += sizeof(float) * height;
    for (int first = 0; first < columns; first += kGroup) {
        const int count = std::min(kGroup, columns - first);
        float* const scales = reinterpret_cast<float*>(packed);
        packed += sizeof(float) * height;
        for (Size i = 0; i < height; ++i) {
            if (rows[i] == kNoRow) continue;
            auto* const to = reinterpret_cast<signed char*>(packed) + i * kQuad;
            sums[i] += pack_group(matrix, rows[i], first, count, height, scales + i, to);
        }
        packed += size((count + kQuad - 1) / kQuad) * kQuad * height;
    }
    for (Size i = 0; i < height; ++i) corrections[i] = static_cast<float>(-kOffset * sums[i]);
}

void pack_panel(Precision precision, const Matrix& matrix, const Rows& rows, int columns, char* packed) {
    switch (precision) {
        case Precision::float32:
            return pack_floats(matrix, rows, columns, packed);
        case Precision::float16:
            return pack_halves(matrix, rows, columns, packed);
        case Precision::int8:
            return pack_bytes(matrix, rows, columns, packed);
    }
}

// Of kLanes units from `unit` on, the rows of every gate; of `units` in all.
Rows gate_rows(int gates, int units, int unit) {
    Rows rows;
    for (int gate = 0; gate < gates; ++gate) {
        for (int i = unit; i < unit + kLanes; ++i)
            rows.push_back(i < units ? size(gate) * size(units) + size(i) : kNoRow);
    }
    return rows;
}

}  // namespace

float largest_weight(Precision precision) {
    switch (precision) {
        case Precision::float32:
            return std::numeric_limits<float>::max();
        case Precision::float16:
            return 65504.0f;
        case Precision::int8:
            return 1e30f;  // times kOffset it is still a float32
    }
    return 0.0f;
}

uint16_t half_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
    const float magnitude = std::fabs(value);
    if (magnitude < 6.103515625e-5f)  // 2^-14: below it there are multiples of 2^-24
        return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 16777216.0f)));
    const uint32_t rest = (bits & 0x7fffffffu) - ((127u - 15u) << 23);
    return static_cast<uint16_t>(sign | ((rest + 0xfffu + (rest >> 13 & 1u)) >> 13));
}

std::size_t matrix_bytes(Precision precision, int rows, int columns) noexcept {
    const long long whole = rows / kPanelRows, rest = rows % kPanelRows;
    const long long last = rest ? panel_bytes(precision, rest, columns) : 0;
    return static_cast<Size>(whole * panel_bytes(precision, kPanelRows, columns) + last);
}

void pack(Precision precision, const Matrix& matrix, int rows, int columns, char* packed) {
    for (int start = 0; start < rows; start += kPanelRows) {
        Rows panel;
        const int height = std::min(kPanelRows, padded(rows) - start);
        for (int row = start; row < start + height; ++row) panel.push_back(row < rows ? size(row) : kNoRow);
        pack_panel(precision, matrix, panel, columns, packed);
        packed += panel_bytes(precision, height, columns);
    }
}

void pack_gates(Precision precision, const Matrix& matrix, int gates, int units, int columns,
                std::size_t distance, char* packed) {
    for (int unit = 0; unit < units; unit += kLanes, packed += distance)
        pack_panel(precision, matrix, gate_rows(gates, units, unit), columns, packed);
}

void pack_gate_bias(const float* bias, int gates, int units, std::size_t distance, float* packed) {
    for (int unit = 0; unit < units; unit += kLanes, packed += distance) {
        const Rows rows = gate_rows(gates, units, unit);
        for (Size i = 0; i < rows.size(); ++i) packed[i] = rows[i] == kNoRow ? 0.0f : bias[rows[i]];
    }
}

}  // namespace emohost::nn
