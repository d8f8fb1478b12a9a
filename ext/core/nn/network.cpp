// The run-time part of a model: runs on the audio thread. No allocation, no exception, no unbounded loop.
#include "core/nn/network.h"

#include <cstring>

namespace emohost::nn {

namespace {

void copy(float* to, const float* from, int n) {
    std::memcpy(to, from, sizeof(float) * static_cast<std::size_t>(n));
}
void zero(float* to, int n) { std::memset(to, 0, sizeof(float) * static_cast<std::size_t>(n)); }

// Writes this step's frame into the ring.
void remember(Stage& stage, const float* x) {
    copy(stage.history + static_cast<std::size_t>(stage.head) * static_cast<std::size_t>(stage.inputs), x,
         stage.inputs);
}

// The frame that kernel index k sees; k = kernel_size - 1 is this step's.
const float* frame(const Stage& stage, int k) {
    int index = stage.head - (stage.kernel_size - 1 - k) * stage.dilation;
    if (index < 0) index += stage.frames;
    return stage.history + static_cast<std::size_t>(index) * static_cast<std::size_t>(stage.inputs);
}

}  // namespace

void Network::evaluate(const float* in, float* out) noexcept {
    copy(values_, in, inputs_);
    for (Stage& stage : stages_) {
        run(stage);
        if (stage.activation != Activation::linear)
            kernels_->activate(stage.activation, values_, stage.outputs);
    }
    copy(out, values_, outputs_);
    evaluated_ = true;
}

void Network::commit() noexcept {
    if (!evaluated_) return;
    evaluated_ = false;
    committed_ ^= 1;
    for (Stage& stage : stages_) {
        if (stage.frames && ++stage.head == stage.frames) stage.head = 0;
    }
}

void Network::reset() noexcept {
    std::memset(state_, 0, state_floats_ * sizeof(float));
    evaluated_ = false;
    committed_ = 0;
    for (Stage& stage : stages_) stage.head = 0;
}

// From values_ to values_.
void Network::run(Stage& stage) noexcept {
    switch (stage.kind) {
        case LayerKind::dense:
            products_->matrix(stage.packed, stage.bias, values_, stage.inputs, padded(stage.outputs), spare_,
                              scratch_);
            break;
        case LayerKind::lstm:
            run_lstm(stage);
            break;
        case LayerKind::gru:
            run_gru(stage);
            break;
        case LayerKind::conv1d:
            run_conv1d(stage);
            break;
        case LayerKind::conv2d:
            run_conv2d(stage);
            break;
        case LayerKind::batchnorm:
            kernels_->normalise(stage.mean, stage.factor, stage.bias, stage.channels, values_, stage.outputs);
            return;
        case LayerKind::prelu:
            kernels_->prelu(stage.factor, stage.shared_slope, values_, stage.outputs);
            return;
        case LayerKind::activation:
            return;
    }
    float* const result = spare_;
    spare_ = values_;
    values_ = result;
}

void Network::run_lstm(Stage& stage) noexcept {
    const int now = committed_;
    const int next = now ^ 1;
    copy(columns_, values_, stage.inputs);
    copy(columns_ + stage.inputs, stage.hidden[now], stage.outputs);
    products_->lstm(stage.packed, stage.bias, columns_, stage.inputs + stage.outputs, stage.units,
                    stage.cell[now], stage.cell[next], stage.hidden[next], scratch_);
    copy(spare_, stage.hidden[next], stage.units);
}

void Network::run_gru(Stage& stage) noexcept {
    const int now = committed_;
    const int next = now ^ 1;
    products_->gru(stage.packed, stage.bias, values_, stage.inputs, stage.hidden[now], stage.outputs,
                   stage.units, stage.hidden[next], scratch_);
    copy(spare_, stage.hidden[next], stage.units);
}

void Network::run_conv1d(Stage& stage) noexcept {
    remember(stage, values_);
    const int group_in = stage.inputs / stage.groups;
    const int group_out = stage.outputs / stage.groups;
    const int columns = group_in * stage.kernel_size;
    const int rows = padded(group_out);
    const char* weights = stage.packed;
    const float* bias = stage.bias;
    for (int group = 0; group < stage.groups; ++group) {
        for (int k = 0; k < stage.kernel_size; ++k) {
            copy(columns_ + k * group_in, frame(stage, k) + group * group_in, group_in);
        }
        products_->matrix(weights, bias, columns_, columns, rows, filters_, scratch_);
        copy(spare_ + group * group_out, filters_, group_out);
        weights += stage.group_bytes;
        bias += rows;
    }
}

void Network::run_conv2d(Stage& stage) noexcept {
    remember(stage, values_);
    const int width = stage.kernel_size_feature * stage.filters_in;  // columns that one frame gives
    const int rows = padded(stage.filters_out);
    for (int feature = 0; feature < stage.features_out; ++feature) {
        // Of the kernel's features [start, start + kernel_size_feature), those inside the frame are [first,
        // last).
        const int start = feature * stage.stride - stage.pad;
        const int end = start + stage.kernel_size_feature;
        const int first = start < 0 ? 0 : start;
        const int last = end > stage.features_in ? stage.features_in : end;
        const int before = (first - start) * stage.filters_in;
        const int inside = (last - first) * stage.filters_in;
        for (int k = 0; k < stage.kernel_size; ++k) {
            float* const row = columns_ + k * width;
            zero(row, before);
            copy(row + before, frame(stage, k) + first * stage.filters_in, inside);
            zero(row + before + inside, width - before - inside);
        }
        products_->matrix(stage.packed, stage.bias, columns_, width * stage.kernel_size, rows, filters_,
                          scratch_);
        copy(spare_ + feature * stage.filters_out, filters_, stage.filters_out);
    }
}

}  // namespace emohost::nn
