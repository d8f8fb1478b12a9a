// The one source of all kernels. A kernels_*.cpp defines, in the namespace KERNELS_NAMESPACE of its own, the
// vector type `Vec` with kWidth floats and its operations, then includes this file inside that namespace. For
// whole numbers it defines kPassBlocks, kUnsignedActivations, and
//
//     store_rounded(x, i, v)     keeps v, whole numbers, as activations i to i + kWidth
//     group_sums<Blocks>(weights, stride, x, column, quads, sums)
//                                of Blocks * kLanes rows over 4 * quads columns; weights of the next four
//                                columns lie `stride` bytes on; sums as floats
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
// additions. W is float or Half.
template <int Blocks, typename W>
static inline void float_panel(const W* weights, const float* bias, const float* x, int columns, float* y) {
    constexpr int kRows = Blocks * kLanes;
    constexpr int kVectors = kRows / kWidth;
    constexpr int kSums = kVectors >= kIndependentSums ? 1 : kIndependentSums / kVectors;
    constexpr int kLineValues = 64 / sizeof(W);
    Vec sums[kSums][kVectors];
    for (int v = 0; v < kVectors; ++v) sums[0][v] = load(bias + v * kWidth);
    for (int s = 1; s < kSums; ++s) {
        for (int v = 0; v < kVectors; ++v) sums[s][v] = set(0.0f);
    }
    int column = 0;
    for (; column + kSums <= columns; column += kSums) {
        for (int line = 0; line < kSums * kRows; line += kLineValues) prefetch(weights + line);
        for (int s = 0; s < kSums; ++s) {
            const Vec value = set(x[column + s]);
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

template <typename W>
struct FloatProduct {
    using Input = const float*;
    static constexpr Precision kPrecision = sizeof(W) == 4 ? Precision::float32 : Precision::float16;

    static Input prepare(const float* x, int, char*) { return x; }
    template <int Blocks>
    static inline void panel(const char* weights, const float* bias, Input x, int columns, float* y) {
        float_panel<Blocks>(reinterpret_cast<const W*>(weights), bias, x, columns, y);
    }
};

static inline Rounded round_activations(const float* x, int columns, char* scratch) {
    Vec most = set(0.0f);
    int i = 0;
    for (; i + kWidth <= columns; i += kWidth) {
        const Vec value = load(x + i);
        most = max(max(value, sub(set(0.0f), value)), most);  // `most` where the value is not a number
    }
    alignas(64) float lanes[kWidth];
    store(lanes, most);
    float largest = 0.0f;
    for (int lane = 0; lane < kWidth; ++lane) largest = lanes[lane] > largest ? lanes[lane] : largest;
    for (; i < columns; ++i) {
        const float magnitude = x[i] < 0 ? -x[i] : x[i];
        largest = magnitude > largest ? magnitude : largest;
    }
    const Rounded rounded = {scratch, largest / kLargestActivation, padded(columns)};
    const Vec factor = set(largest > 0.0f ? kLargestActivation / largest : 0.0f);
    for (i = 0; i < columns; i += kWidth) {
        const Vec value = clamp(mul(load(x + i), factor), -kLargestActivation, kLargestActivation);
        store_rounded(rounded, i, round(value));
    }
    return rounded;
}

struct IntegerProduct {
    using Input = Rounded;
    static constexpr Precision kPrecision = Precision::int8;

    static Input prepare(const float* x, int columns, char* scratch) {
        return round_activations(x, columns, scratch);
    }
    template <int Blocks>
    static inline void panel(const char* weights, const float* bias, const Input& x, int columns, float* y) {
        constexpr int kRows = Blocks * kLanes;
        constexpr int kPass = Blocks < kPassBlocks ? Blocks : kPassBlocks;  // blocks that registers can hold
        constexpr int kVectors = kRows / kWidth;
        const float* const correction = reinterpret_cast<const float*>(weights);
        Vec sums[kVectors];
        for (int v = 0; v < kVectors; ++v)
            sums[v] = kUnsignedActivations ? load(correction + v * kWidth) : set(0.0f);
        weights += sizeof(float) * kRows;
        for (int column = 0; column < columns; column += kGroup) {
            const float* const scales = reinterpret_cast<const float*>(weights);
            weights += sizeof(float) * kRows;
            const int left = (columns - column + kQuad - 1) / kQuad;
            const int quads = left < kGroup / kQuad ? left : kGroup / kQuad;
            integer_passes<Blocks, kPass>(weights, x, column, quads, scales, sums);
            weights += quads * kQuad * kRows;
        }
        const Vec scale = set(x.scale);
        for (int v = 0; v < kVectors; ++v)
            store(y + v * kWidth, muladd(sums[v], scale, load(bias + v * kWidth)));
    }

  private:
    template <int Blocks, int Pass>
    static inline void integer_passes(const char* weights, const Rounded& x, int column, int quads,
                                      const float* scales, Vec* sums) {
        constexpr int kStride = Blocks * kLanes * kQuad;
        for (int block = 0; block + Pass <= Blocks; block += Pass)
            integer_pass<Pass>(weights + block * kLanes * kQuad, kStride, x, column, quads,
                               scales + block * kLanes, sums + block * kLanes / kWidth);
        constexpr int kRest = Blocks % Pass, kDone = Blocks - kRest;
        if constexpr (kRest > 0)
            integer_pass<kRest>(weights + kDone * kLanes * kQuad, kStride, x, column, quads,
                                scales + kDone * kLanes, sums + kDone * kLanes / kWidth);
    }
    template <int Blocks>
    static inline void integer_pass(const char* weights, int stride, const Rounded& x, int column, int quads,
                                    const float* scales, Vec* sums) {
        Vec group[Blocks * kLanes / kWidth];
        group_sums<Blocks>(weights, stride, x, column, quads, group);
        for (int v = 0; v < Blocks * kLanes / kWidth; ++v)
            sums[v] = muladd(group[v], load(scales + v * kWidth), sums[v]);
    }
};

template <typename Product>
static void matrix(const char* weights, const float* bias, const float* x, int columns, int rows, float* y,
                   char* scratch) noexcept {
    const typename Product::Input input = Product::prepare(x, columns, scratch);
    const long long whole = panel_bytes(Product::kPrecision, kPanelRows, columns);
    for (; rows >= kPanelRows; rows -= kPanelRows) {
        Product::template panel<4>(weights, bias, input, columns, y);
        weights += whole;
        bias += kPanelRows;
        y += kPanelRows;
    }
    if (rows == 3 * kLanes) Product::template panel<3>(weights, bias, input, columns, y);
    if (rows == 2 * kLanes) Product::template panel<2>(weights, bias, input, columns, y);
    if (rows == kLanes) Product::template panel<1>(weights, bias, input, columns, y);
}

template <typename Product>
static void lstm(const char* weights, const float* bias, const float* xh, int columns, int units,
                 const float* c, float* c_next, float* h_next, char* scratch) noexcept {
    const typename Product::Input input = Product::prepare(xh, columns, scratch);
    const long long whole = panel_bytes(Product::kPrecision, kPanelRows, columns);
    for (int unit = 0; unit < units; unit += kLanes) {
        alignas(64) float gates[kPanelRows];
        Product::template panel<4>(weights, bias, input, columns, gates);
        weights += whole;
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

template <typename Product>
static void gru(const char* weights, const float* bias, const float* x, int inputs, const float* h,
                int hidden, int units, float* h_next, char* scratch) noexcept {
    constexpr int kRows = 3 * kLanes;
    const typename Product::Input x_input = Product::prepare(x, inputs, scratch);
    const typename Product::Input h_input = Product::prepare(h, hidden, scratch + scratch_bytes(inputs));
    const long long x_size = panel_bytes(Product::kPrecision, kRows, inputs);
    const long long h_size = panel_bytes(Product::kPrecision, kRows, hidden);
    for (int unit = 0; unit < units; unit += kLanes) {
        alignas(64) float from_x[kRows];
        alignas(64) float from_h[kRows];
        Product::template panel<3>(weights, bias, x_input, inputs, from_x);
        weights += x_size;
        Product::template panel<3>(weights, bias + kRows, h_input, hidden, from_h);
        weights += h_size;
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

static float read(const float* from, unsigned long long n) noexcept {
    constexpr int kSums = 8;
    Vec sums[kSums];
    for (Vec& sum : sums) sum = set(0.0f);
    unsigned long long i = 0;
    for (; i + kSums * kWidth <= n; i += kSums * kWidth) {
        for (int s = 0; s < kSums; ++s) sums[s] = add(sums[s], load(from + i + s * kWidth));
    }
    for (; i < n; i += kWidth) sums[0] = add(sums[0], load(from + i));
    for (int s = 1; s < kSums; ++s) sums[0] = add(sums[0], sums[s]);
    alignas(64) float lanes[kWidth];
    store(lanes, sums[0]);
    float all = 0.0f;
    for (const float lane : lanes) all += lane;
    return all;
}

template <typename Product>
static constexpr Products products() {
    return {matrix<Product>, lstm<Product>, gru<Product>};
}

static const Kernels kTable = {
    {products<FloatProduct<float>>(), products<FloatProduct<Half>>(), products<IntegerProduct>()},
    activate,
    normalise,
    prelu,
    read};
