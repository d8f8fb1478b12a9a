// How a built model lies in memory, and its run-time part. Nothing here allocates once it is built.
#pragma once

#include <cstddef>
#include <vector>

#include "core/nn/arena.h"
#include "core/nn/kernels.h"
#include "core/nn/model.h"

namespace emohost::nn {

// The kernels of an instruction set that this machine and this build have, else null.
const Kernels* kernels_for(Isa isa);

// One layer as it runs: sizes and places in the arena.
struct Stage {
    LayerKind kind = LayerKind::dense;
    Activation activation = Activation::linear;
    int inputs = 0;
    int outputs = 0;

    char* packed = nullptr;       // weights of matrix products, as kernels.h says
    std::size_t group_bytes = 0;  // of them, for each group of a convolution
    float* factor = nullptr;      // normalise: factor; prelu: slopes
    float* bias = nullptr;        // normalise: shift
    float* mean = nullptr;        // only of normalise
    int channels = 0;             // normalise: interleaved channels
    bool shared_slope = false;

    // Recurrent layers: h (and c) of `units` floats each, committed and next, swapped by commit().
    int units = 0;
    float* hidden[2] = {};
    float* cell[2] = {};

    // Convolutions: a ring of the last frames, `frames` of them; the frame at `head` belongs to the step that
    // is being evaluated, the others are committed.
    float* history = nullptr;
    int frames = 0;
    int head = 0;
    int kernel_size = 1;
    int dilation = 1;
    int groups = 1;
    int kernel_size_feature = 1;
    int stride = 1;
    int pad = 0;  // zeros before the first feature
    int filters_in = 0;
    int features_in = 0;
    int filters_out = 0;
    int features_out = 0;
};

class Network final : public Model {
  public:
    ~Network() override;  // with the builder: it frees
    int inputs() const noexcept override { return inputs_; }
    int outputs() const noexcept override { return outputs_; }
    std::size_t parameters() const noexcept override { return parameters_; }
    std::size_t memory_bytes() const noexcept override { return arena_.bytes(); }
    Isa isa() const noexcept override { return isa_; }
    Precision precision() const noexcept override { return precision_; }
    void evaluate(const float* in, float* out) noexcept override;
    void commit() noexcept override;
    void reset() noexcept override;
    float read_memory() const noexcept override {
        return kernels_->read(arena_.at(0), arena_.bytes() / sizeof(float));
    }

  private:
    friend class Builder;

    void run(Stage& stage) noexcept;
    void run_lstm(Stage& stage) noexcept;
    void run_gru(Stage& stage) noexcept;
    void run_conv1d(Stage& stage) noexcept;
    void run_conv2d(Stage& stage) noexcept;

    const Kernels* kernels_ = nullptr;
    const Products* products_ = nullptr;  // of the precision
    Isa isa_ = Isa::plain;
    Precision precision_ = Precision::float32;
    int inputs_ = 0;
    int outputs_ = 0;
    std::size_t parameters_ = 0;
    Arena arena_;
    std::vector<Stage> stages_;
    float* state_ = nullptr;  // all states of all stages, in one piece
    std::size_t state_floats_ = 0;
    float* values_ = nullptr;   // what flows from layer to layer
    float* spare_ = nullptr;    // where a layer writes that cannot work in place; swapped with values_
    float* columns_ = nullptr;  // what a matrix product reads: [x, h], or gathered frames
    float* filters_ = nullptr;  // outputs of one group or one feature of a convolution
    char* scratch_ = nullptr;   // where int8 products round their activations
    int committed_ = 0;         // which of the two states
    bool evaluated_ = false;    // since the last commit() or reset()
};

}  // namespace emohost::nn
