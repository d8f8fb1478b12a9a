// Networks without Python: every instruction set of this machine against a reference in double precision, and
// what the engine relies on (evaluate without commit, bounded memory, refusal of anything wrong).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>

#include "check.h"
#include "core/nn/model.h"

using namespace emohost::nn;

namespace {

using Values = std::vector<double>;

std::mt19937 generator(20240229);

std::vector<float> random_floats(int n, double limit) {
    std::uniform_real_distribution<double> uniform(-limit, limit);
    std::vector<float> values;
    for (int i = 0; i < n; ++i) values.push_back(static_cast<float>(uniform(generator)));
    return values;
}

LayerSpec layer(LayerKind kind, int inputs, int outputs, std::vector<int> sizes,
                Activation activation = Activation::linear) {
    LayerSpec spec;
    spec.kind = kind;
    spec.activation = activation;
    spec.inputs = inputs;
    spec.outputs = outputs;
    for (const int n : sizes) spec.weights.push_back(random_floats(n, std::sqrt(3.0 / inputs)));
    return spec;
}

LayerSpec dense(int in, int out, Activation activation) {
    return layer(LayerKind::dense, in, out, {in * out, out}, activation);
}
LayerSpec lstm(int in, int out) {
    return layer(LayerKind::lstm, in, out, {in * 4 * out, out * 4 * out, 4 * out});
}
LayerSpec gru(int in, int out) {
    return layer(LayerKind::gru, in, out, {in * 3 * out, out * 3 * out, 6 * out});
}
LayerSpec conv1d(int in, int out, int size, int dilation) {
    LayerSpec spec = layer(LayerKind::conv1d, in, out, {size * in * out, out}, Activation::tanh);
    spec.kernel_size = size;
    spec.dilation = dilation;
    return spec;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void activate(Activation activation, Values& y) {
    double largest = y[0], sum = 0;
    for (const double v : y) largest = std::max(largest, v);
    for (const double v : y) sum += std::exp(v - largest);
    for (double& v : y) {
        if (activation == Activation::tanh) v = std::tanh(v);
        if (activation == Activation::relu) v = std::max(v, 0.0);
        if (activation == Activation::sigmoid) v = sigmoid(v);
        if (activation == Activation::elu && v < 0) v = std::expm1(v);
        if (activation == Activation::softmax) v = std::exp(v - largest) / sum;
    }
}

// y[o] += sum over i of x[i] * kernel[i][o]
void add_product(const Values& x, const std::vector<float>& kernel, Values& y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t o = 0; o < y.size(); ++o) y[o] += x[i] * kernel[i * y.size() + o];
    }
}

Values bias_of(const std::vector<float>& bias, int from, int n) {
    return Values(bias.begin() + from, bias.begin() + from + n);
}

// A layer with its state, as the formats describe it.
struct Reference {
    const LayerSpec& spec;
    Values h = Values(static_cast<std::size_t>(spec.outputs)), c = h;
    std::vector<Values> frames = {};

    Values step(const Values& x) {
        Values y;
        if (spec.kind == LayerKind::dense) y = run_dense(x);
        if (spec.kind == LayerKind::lstm) y = run_lstm(x);
        if (spec.kind == LayerKind::gru) y = run_gru(x);
        if (spec.kind == LayerKind::conv1d) y = run_conv1d(x);
        activate(spec.activation, y);
        return y;
    }
    Values run_dense(const Values& x) {
        Values y = bias_of(spec.weights[1], 0, spec.outputs);
        add_product(x, spec.weights[0], y);
        return y;
    }
    Values run_lstm(const Values& x) {
        const std::size_t n = h.size();
        Values gates = bias_of(spec.weights[2], 0, static_cast<int>(4 * n));
        add_product(x, spec.weights[0], gates);
        add_product(h, spec.weights[1], gates);
        for (std::size_t i = 0; i < n; ++i) {
            c[i] = sigmoid(gates[n + i]) * c[i] + sigmoid(gates[i]) * std::tanh(gates[2 * n + i]);
            h[i] = sigmoid(gates[3 * n + i]) * std::tanh(c[i]);
        }
        return h;
    }
    Values run_gru(const Values& x) {
        const std::size_t n = h.size();
        const int rows = static_cast<int>(3 * n);
        Values from_x = bias_of(spec.weights[2], 0, rows), from_h = bias_of(spec.weights[2], rows, rows);
        add_product(x, spec.weights[0], from_x);
        add_product(h, spec.weights[1], from_h);
        for (std::size_t i = 0; i < n; ++i) {
            const double z = sigmoid(from_x[i] + from_h[i]);
            const double r = sigmoid(from_x[n + i] + from_h[n + i]);
            h[i] = z * h[i] + (1 - z) * std::tanh(from_x[2 * n + i] + r * from_h[2 * n + i]);
        }
        return h;
    }
    Values run_conv1d(const Values& x) {
        frames.push_back(x);
        Values y = bias_of(spec.weights[1], 0, spec.outputs);
        const std::size_t size = x.size() * y.size();
        for (int k = 0; k < spec.kernel_size; ++k) {
            const int then = static_cast<int>(frames.size()) - 1 - (spec.kernel_size - 1 - k) * spec.dilation;
            if (then < 0) continue;
            const auto first = spec.weights[0].begin() + static_cast<std::ptrdiff_t>(size) * k;
            add_product(frames[static_cast<std::size_t>(then)],
                        std::vector<float>(first, first + static_cast<std::ptrdiff_t>(size)), y);
        }
        return y;
    }
};

std::unique_ptr<Model> built(int inputs, const std::vector<LayerSpec>& layers, Isa isa,
                             Precision precision = Precision::float32) {
    std::string error;
    auto model = build_model(inputs, layers, isa, &error, precision);
    CHECK_EQ(error, std::string());
    return model;
}

void agrees(int inputs, const std::vector<LayerSpec>& layers, double tolerance,
            Precision precision = Precision::float32) {
    for (const Isa isa : available_isas()) {
        const auto model = built(inputs, layers, isa, precision);
        if (!model) return;
        std::vector<Reference> references;
        for (const LayerSpec& spec : layers) references.push_back(Reference{spec});
        std::vector<float> out(static_cast<std::size_t>(model->outputs()));
        for (int step = 0; step < 20; ++step) {
            const std::vector<float> in = random_floats(inputs, 1.0);
            Values expected(in.begin(), in.end());
            for (Reference& reference : references) expected = reference.step(expected);
            model->evaluate(in.data(), out.data());
            model->commit();
            double worst = 0;
            for (std::size_t i = 0; i < out.size(); ++i)
                worst = std::max(worst, std::fabs(out[i] - expected[i]));
            CHECK_NEAR(worst, 0.0, tolerance);
        }
    }
}

}  // namespace

TEST("there is always a plain set of kernels, and the automatic choice is the best") {
    CHECK(available_isas().front() == Isa::plain);
    CHECK(built(4, {dense(4, 4, Activation::tanh)}, Isa::automatic)->isa() == available_isas().back());
}

TEST("dense layers of every width agree with double precision") {
    for (const Activation activation : {Activation::linear, Activation::tanh, Activation::relu,
                                        Activation::sigmoid, Activation::softmax, Activation::elu}) {
        for (const int out : {1, 15, 16, 17, 48, 64, 65, 130}) agrees(33, {dense(33, out, activation)}, 1e-5);
    }
}

TEST("recurrent layers agree with double precision over many steps") {
    for (const int units : {1, 8, 16, 17, 40}) {
        agrees(11, {lstm(11, units)}, 1e-5);
        agrees(11, {gru(11, units)}, 1e-5);
    }
}

TEST("convolutions agree with double precision") {
    for (const int dilation : {1, 2, 7}) agrees(5, {conv1d(5, 20, 3, dilation), conv1d(20, 3, 2, 1)}, 1e-5);
}

TEST("the architectures of the five roles agree with double precision") {
    using A = Activation;
    agrees(128, {dense(128, 512, A::tanh), dense(512, 256, A::tanh), lstm(256, 128), dense(128, 64, A::tanh)},
           1e-5);
    agrees(64,
           {dense(64, 256, A::relu), lstm(256, 256), dense(256, 256, A::relu), dense(256, 128, A::sigmoid)},
           1e-5);
    agrees(128, {dense(128, 256, A::tanh), dense(256, 128, A::tanh), dense(128, 64, A::softmax)}, 1e-5);
    agrees(32, {dense(32, 128, A::relu), dense(128, 64, A::relu), dense(64, 16, A::sigmoid)}, 1e-5);
    agrees(64, {dense(64, 128, A::tanh), dense(128, 64, A::tanh), dense(64, 32, A::tanh)}, 1e-5);
}

TEST("smaller weights agree with double precision as far as they can") {
    const std::pair<Precision, double> kTolerances[] = {{Precision::float16, 2e-3}, {Precision::int8, 4e-2}};
    for (const auto& [precision, tolerance] : kTolerances) {
        for (const int columns : {1, 3, 33, 64, 65, 127, 200}) {
            for (const int out : {1, 16, 17, 48, 65})
                agrees(columns, {dense(columns, out, Activation::tanh)}, tolerance, precision);
        }
        for (const int units : {1, 16, 17, 40}) {
            agrees(11, {lstm(11, units)}, tolerance, precision);
            agrees(70, {gru(70, units)}, tolerance, precision);
        }
        agrees(5, {conv1d(5, 20, 3, 2)}, tolerance, precision);
    }
}

TEST("evaluating leaves the committed state alone, for recurrent layers and convolutions") {
    const std::vector<LayerSpec> layers = {conv1d(6, 10, 3, 2), lstm(10, 9), gru(9, 4)};
    const auto straight = built(6, layers, Isa::automatic);
    const auto hesitant = built(6, layers, Isa::automatic);
    for (int step = 0; step < 40; ++step) {
        const auto in = random_floats(6, 1.0), other = random_floats(6, 1.0);
        float expected[4], found[4];
        straight->evaluate(in.data(), expected);
        straight->commit();
        hesitant->evaluate(other.data(), found);
        hesitant->evaluate(in.data(), found);
        hesitant->commit();
        hesitant->commit();
        CHECK(std::memcmp(expected, found, sizeof(found)) == 0);
    }
    float first[4], again[4];
    const auto in = random_floats(6, 1.0);
    straight->reset();
    straight->evaluate(in.data(), first);
    built(6, layers, Isa::automatic)->evaluate(in.data(), again);
    CHECK(std::memcmp(first, again, sizeof(first)) == 0);
}

TEST("a value that is not finite does not stay in a recurrent state") {
    const std::vector<LayerSpec> layers = {lstm(6, 9), gru(9, 5)};
    std::vector<std::unique_ptr<Model>> models;
    for (const Isa isa : available_isas()) {
        for (const Precision precision : {Precision::float32, Precision::float16, Precision::int8})
            models.push_back(built(6, layers, isa, precision));
    }
    for (const auto& model : models) {
        for (const float bad : {NAN, INFINITY, -INFINITY}) {
            const std::vector<float> poison(6, bad), in(6, 0.5f);
            float out[5];
            model->evaluate(poison.data(), out);
            model->commit();
            for (int step = 0; step < 50; ++step) {
                model->evaluate(in.data(), out);
                model->commit();
                for (const float value : out) CHECK(std::fabs(value) <= 1.0f);
            }
        }
    }
}

TEST("parameters are counted as PyTorch counts them; memory is little more than they are") {
    using A = Activation;
    const auto emotion = built(
        128, {dense(128, 512, A::tanh), dense(512, 256, A::tanh), lstm(256, 128), dense(128, 64, A::tanh)},
        Isa::automatic);
    CHECK_EQ(emotion->parameters(), std::size_t{403264});
    CHECK(emotion->memory_bytes() < 403264 * sizeof(float) + 16384);
}

TEST("what is wrong is refused, with the layer, and nothing is built") {
    std::string error;
    std::vector<LayerSpec> layers = {dense(4, 4, Activation::tanh), dense(4, 4, Activation::tanh)};
    layers[1].weights[0].pop_back();
    CHECK(!build_model(4, layers, Isa::automatic, &error));
    CHECK_EQ(error, std::string("layer 1 (dense): kernel: expected 16 values, found 15"));
    layers[1].label = "layer 7 (dense 'x')";
    CHECK(!build_model(4, layers, Isa::automatic, &error));
    CHECK_EQ(error.substr(0, 21), std::string("layer 7 (dense 'x'): "));
    CHECK(!build_model(4, layers, Isa::automatic, nullptr));
    LayerSpec strange = dense(4, 4, Activation::tanh);
    strange.kind = static_cast<LayerKind>(77);
    CHECK(!build_model(4, {strange}, Isa::automatic, &error));
    CHECK(!build_model(4, {dense(4, 4, static_cast<Activation>(9))}, Isa::automatic, &error));
}
