// One network, streamed a step at a time (batch 1). Weights and state lie in one aligned arena, laid out when
// the model is built and never touched by an allocator again.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/nn/kinds.h"

namespace emohost::nn {

// What a model may ask for beyond the weights it brings, so that a small file cannot claim a large memory.
constexpr int kMaxLayers = 1024;
constexpr int kMaxWidth = 1 << 16;            // values between two layers
constexpr long long kMaxHistory = 1LL << 22;  // past values that the convolutions of a model keep together

// A layer as the loader (src/emohost/networks) hands it over: canonical RTNeural weight order (FORMATS.md,
// dialect 1), flattened row-major. Every size has been checked against `weights` by build_model, which trusts
// nothing.
struct LayerSpec {
    LayerKind kind = LayerKind::dense;
    Activation activation = Activation::linear;
    int inputs = 0;
    int outputs = 0;
    std::vector<std::vector<float>> weights;
    int kernel_size = 1;  // conv1d, and time axis of conv2d
    int dilation = 1;
    int groups = 1;
    int kernel_size_feature = 1;  // conv2d from here on
    int stride = 1;
    int filters_in = 0;  // also batchnorm on (feature x filter) frames: the channel is the fastest index
    int features_in = 0;
    int filters_out = 0;
    bool same_padding = false;
    float epsilon = 0.0f;    // batchnorm
    std::string label = {};  // what errors call the layer; empty: "layer 3 (dense)"
};

class Model {
  public:
    virtual ~Model() = default;
    virtual int inputs() const noexcept = 0;
    virtual int outputs() const noexcept = 0;
    virtual std::size_t parameters() const noexcept = 0;
    virtual std::size_t memory_bytes() const noexcept = 0;  // weights + state + scratch
    virtual Isa isa() const noexcept = 0;
    virtual Precision precision() const noexcept = 0;

    // Inputs are finite (the engine sees to it). Should a value overflow or be NaN all the same, the
    // recurrent states stay finite: activations and gates turn NaN into a bound, so that only convolution
    // histories carry it, for as long as they are.

    // Computes one step from the committed state. The committed state does not change: evaluating twice gives
    // the same output twice. Real-time safe; not to be called from two threads at once.
    virtual void evaluate(const float* in, float* out) noexcept = 0;
    // Makes the state after the last evaluate() the committed one. Real-time safe. No-op without an
    // evaluate().
    virtual void commit() noexcept = 0;
    // Back to the state before the first step. Real-time safe.
    virtual void reset() noexcept = 0;

    // Reads all of its memory once, which no evaluate() can do without; for benchmarks. The sum of it as
    // floats.
    virtual float read_memory() const noexcept = 0;
};

// Builds a model, or returns null and says in `error` which layer (index) is wrong and why. Allocates.
// `precision` is that of the weights of matrix products (dense, recurrent, convolution); all else is float32.
std::unique_ptr<Model> build_model(int inputs, const std::vector<LayerSpec>& layers, Isa isa,
                                   std::string* error, Precision precision = Precision::float32);

// What the running machine can do, worst first; `automatic` resolves to the last of these.
std::vector<Isa> available_isas();
const char* name(Isa isa);
const char* name(Precision precision);

}  // namespace emohost::nn
