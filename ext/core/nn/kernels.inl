// The one source of all kernels. A kernels_*.cpp defines, in the namespace KERNELS_NAMESPACE of its own, the
// vector type `Vec` with kWidth floats and its operations, then includes this file inside that namespace.
//
// Nothing here may include or instantiate anything of the standard library: what the compiler emits for it
// could be chosen by the linker for machines that lack the instructions.

// min and max return `b` when `a` is not a number, so that no NaN passes an activation, and none stays in a
// state.
static inline Vec clamp(Vec x, float low, float high) { return max(min(x, set(high)), set(low)); }

// e^x = 2^n e^r with |r| <= ln(2)/2; Taylor to the seventh power: relative error below 2e-7. Never denormal.
static inline Vec exponential(Vec x) {
    x = clamp(x, -87.0f, 88.0f);
    const Vec n = round(mul(x, set(1.44269504f)));
    Vec r = muladd(n, set(-0.693359375f), x);  // ln(2) in two parts, the first exact
    r = muladd(n, set(2.12194440e-4f), r);
    Vec p = set(1.0f / 5040.0f);
    p = muladd(p, r, set(1.0f / 720.0f));
    p = muladd(p, r, set(1.0f / 120.0f));
    p = muladd(p, r, set(1.0f / 24.0f));
    p = muladd(p, r, set(1.0f / 6.0f));
    p = muladd(p, r, set(0.5f));
    p = muladd(p, r, set(1.0f));
    p = muladd(p, r, set(1.0f));
    return times_power_of_two(p, n);
}

static inline Vec sigmoid(Vec x) {
    const Vec one = set(1.0f);
    return div(one, add(one, exponential(sub(set(0.0f), x))));
}

// 1 - 2 / (e^2x + 1): absolute error below 2e-7.
static inline Vec tangent(Vec x) {
    const Vec one = set(1.0f);
    return sub(one, div(set(2.0f), add(one, exponential(add(x, x)))));
}

static inline Vec elu(Vec x) {
    const Vec zero = set(0.0f);
    return add(max(x, zero), sub(exponential(min(x, zero)), set(1.0f)));
}

// One panel of Blocks * kLanes rows: y = bias + W x. Several sums side by side hide the latency of the
// additions.
template <int Blocks>
static inline void panel(const float* weights, const float* bias, const float* x, int columns, float* y) {
    constexpr int kRows = Blocks * kLanes;
    constexpr int kVectors = kRows / kWidth;
    constexpr int kSums = kVectors >= kIndependentSums ? 1 : kIndependentSums / kVectors;
    Vec sums[kSums][kVectors];
    for (int v = 0; v < kVectors; ++v) sums[0][v] = load(bias + v * kWidth);
    for (int s = 1; s < kSums; ++s) {
        for (int v = 0; v < kVectors; ++v) sums[s][v] = set(0.0f);
    }
    int column = 0;
    for (; column + kSums <= columns; column += kSums) {
        for (int s = 0; s < kSums; ++s) {
            const Vec value = set(x[column + s]);
            for (int line = 0; line < Blocks; ++line) prefetch(weights + kPrefetchAhead + line * kLanes);
            for (int v = 0; v < kVectors; ++v)
                sums[s][v] = muladd(load(weights + v * kWidth), value, sums[s][v]);
            weights += kRows;
        }
    }
    for (; column < columns; ++column) {
        const Vec value = set(x[column]);
        for (int v = 0; v < kVectors; ++v) sums[0][v] = muladd(load(weights + v * kWidth), value, sums[0][v]);
        weights += kRows;
    }
    for (int v = 0; v < kVectors; ++v) {
        Vec sum = sums[0][v];
        for (int s = 1; s < kSums; ++s) sum = add(sum, sums[s][v]);
        store(y + v * kWidth, sum);
    }
}

static void matrix(const float* weights, const float* bias, const float* x, int columns, int rows,
                   float* y) noexcept {
    const long long size = columns;
    for (; rows >= kPanelRows; rows -= kPanelRows) {
        panel<4>(weights, bias, x, columns, y);
        weights += size * kPanelRows;
        bias += kPanelRows;
        y += kPanelRows;
    }
    if (rows == 3 * kLanes) panel<3>(weights, bias, x, columns, y);
    if (rows == 2 * kLanes) panel<2>(weights, bias, x, columns, y);
    if (rows == kLanes) panel<1>(weights, bias, x, columns, y);
}

static void lstm(const float* weights, const float* bias, const float* xh, int columns, int units,
                 const float* c, float* c_next, float* h_next) noexcept {
    const long long size = columns;
    for (int unit = 0; unit < units; unit += kLanes) {
        alignas(64) float gates[kPanelRows];
        panel<4>(weights, bias, xh, columns, gates);
        weights += size * kPanelRows;
        bias += kPanelRows;
        for (int v = 0; v < kLanes; v += kWidth) {
            const Vec in = sigmoid(load(gates + v));
            const Vec forget = sigmoid(load(gates + kLanes + v));
            const Vec candidate = tangent(load(gates + 2 * kLanes + v));
            const Vec out = sigmoid(load(gates + 3 * kLanes + v));
            const Vec cell = muladd(forget, load(c + unit + v), mul(in, candidate));
            store(c_next + unit + v, cell);
            store(h_next + unit + v, mul(out, tangent(cell)));
        }
    }
}

static void gru(const float* weights, const float* bias, const float* x, int inputs, const float* h,
                int hidden, int units, float* h_next) noexcept {
    constexpr int kRows = 3 * kLanes;
    const long long input_size = inputs;
    const long long hidden_size = hidden;
    for (int unit = 0; unit < units; unit += kLanes) {
        alignas(64) float from_x[kRows];
        alignas(64) float from_h[kRows];
        panel<3>(weights, bias, x, inputs, from_x);
        weights += input_size * kRows;
        panel<3>(weights, bias + kRows, h, hidden, from_h);
        weights += hidden_size * kRows;
        bias += 2 * kRows;
        for (int v = 0; v < kLanes; v += kWidth) {
            const Vec update = sigmoid(add(load(from_x + v), load(from_h + v)));
            const Vec reset = sigmoid(add(load(from_x + kLanes + v), load(from_h + kLanes + v)));
            const Vec candidate =
                tangent(muladd(reset, load(from_h + 2 * kLanes + v), load(from_x + 2 * kLanes + v)));
            const Vec before = load(h + unit + v);
            store(h_next + unit + v, muladd(update, sub(before, candidate), candidate));
        }
    }
}

static void softmax(float* y, int n) {
    float largest = y[0];
    for (int i = 1; i < n; ++i) largest = y[i] > largest ? y[i] : largest;
    const Vec shift = set(largest);
    for (int i = 0; i < n; i += kWidth) store(y + i, exponential(sub(load(y + i), shift)));
    float sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += y[i];
    const Vec factor = set(1.0f / sum);
    for (int i = 0; i < n; i += kWidth) store(y + i, mul(load(y + i), factor));
}

static void activate(Activation activation, float* y, int n) noexcept {
    switch (activation) {
        case Activation::linear:
            break;
        case Activation::tanh:
            for (int i = 0; i < n; i += kWidth) store(y + i, tangent(load(y + i)));
            break;
        case Activation::relu:
            for (int i = 0; i < n; i += kWidth) store(y + i, max(load(y + i), set(0.0f)));
            break;
        case Activation::sigmoid:
            for (int i = 0; i < n; i += kWidth) store(y + i, sigmoid(load(y + i)));
            break;
        case Activation::elu:
            for (int i = 0; i < n; i += kWidth) store(y + i, elu(load(y + i)));
            break;
        case Activation::softmax:
            softmax(y, n);
            break;
    }
}

static void normalise(const float* mean, const float* factor, const float* shift, int channels, float* y,
                      int n) noexcept {
    if (channels == n) {
        for (int i = 0; i < n; i += kWidth) {
            const Vec centred = sub(load(y + i), load(mean + i));
            store(y + i, muladd(centred, load(factor + i), load(shift + i)));
        }
        return;
    }
    for (int i = 0; i < n; i += channels) {
        for (int c = 0; c < channels; ++c) y[i + c] = (y[i + c] - mean[c]) * factor[c] + shift[c];
    }
}

static void prelu(const float* slopes, bool shared, float* y, int n) noexcept {
    const Vec zero = set(0.0f);
    for (int i = 0; i < n; i += kWidth) {
        const Vec x = load(y + i);
        const Vec slope = shared ? set(slopes[0]) : load(slopes + i);
        store(y + i, muladd(slope, min(x, zero), max(x, zero)));
    }
}

static const Kernels kTable = {matrix, lstm, gru, activate, normalise, prelu};
