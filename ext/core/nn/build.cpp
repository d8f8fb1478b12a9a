// Builds a model from what the loader hands over: checks it, measures the arena, packs the weights. Not
// real-time.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/nn/check_layers.h"
#include "core/nn/network.h"
#include "core/nn/pack.h"

namespace emohost::nn {

namespace {

using Size = std::size_t;

Size size(int n) { return static_cast<Size>(n); }

}  // namespace

// Goes over the layers twice with the same code: once measuring, once placing and packing.
class Builder {
  public:
    Builder(int inputs, const std::vector<LayerSpec>& layers, Precision precision)
        : inputs_(inputs), layers_(layers), precision_(precision) {}

    std::unique_ptr<Network> build(Isa isa, const Kernels* kernels, std::string* error) {
        auto network = std::make_unique<Network>();
        network_ = network.get();
        lay_out();
        if (!network->arena_.allocate()) {
            if (error) *error = "no memory for " + std::to_string(network->arena_.bytes()) + " bytes";
            return nullptr;
        }
        placing_ = true;
        offset_ = 0;
        lay_out();
        network->kernels_ = kernels;
        network->products_ = &kernels->products[static_cast<int>(precision_)];
        network->isa_ = isa;
        network->precision_ = precision_;
        network->inputs_ = inputs_;
        network->outputs_ = layers_.back().outputs;
        network->reset();
        return network;
    }

  private:
    // Weights in the order in which a step reads them, then states, then scratch.
    void lay_out() {
        stages_.clear();
        parameters_ = 0;
        values_floats_ = size(padded(inputs_));
        columns_floats_ = filters_floats_ = scratch_bytes_ = 0;
        for (const LayerSpec& layer : layers_) lay_out_weights(layer);
        const Size state_offset = offset_;
        float* const state = floats(0);
        for (Stage& stage : stages_) lay_out_state(stage);
        const Size state_floats = offset_ - state_offset;
        float* const values = floats(values_floats_);
        float* const spare = floats(values_floats_);
        float* const columns = floats(columns_floats_);
        float* const filters = floats(filters_floats_);
        char* const scratch = bytes(scratch_bytes_);
        if (!placing_) return;
        network_->state_ = state;
        network_->state_floats_ = state_floats;
        network_->values_ = values;
        network_->spare_ = spare;
        network_->columns_ = columns;
        network_->filters_ = filters;
        network_->scratch_ = scratch;
        network_->parameters_ = parameters_;
        network_->stages_ = stages_;
    }

    // While measuring null, while placing a zeroed piece of the arena.
    float* floats(Size n) {
        constexpr Size line = Arena::kAlignment / sizeof(float);
        const Size at = offset_;
        offset_ += (n + line - 1) / line * line;
        if (placing_) return network_->arena_.at(at);
        network_->arena_.reserve(n);
        return nullptr;
    }

    char* bytes(Size n) { return reinterpret_cast<char*>(floats((n + sizeof(float) - 1) / sizeof(float))); }

    // For products of vectors of this number of values, one after the other.
    void need_scratch(int first, int second = 0) {
        if (precision_ != Precision::int8) return;
        const long long both = scratch_bytes(first) + (second ? scratch_bytes(second) : 0);
        scratch_bytes_ = std::max(scratch_bytes_, static_cast<Size>(both));
    }

    void lay_out_weights(const LayerSpec& layer) {
        Stage stage;
        stage.kind = layer.kind;
        stage.activation = layer.activation;
        stage.inputs = layer.inputs;
        stage.outputs = layer.outputs;
        values_floats_ = std::max(values_floats_, size(padded(layer.outputs)));
        switch (layer.kind) {
            case LayerKind::dense:
                lay_out_matrices(layer, stage, 1, layer.inputs, layer.outputs);
                break;
            case LayerKind::lstm:
                lay_out_lstm(layer, stage);
                break;
            case LayerKind::gru:
                lay_out_gru(layer, stage);
                break;
            case LayerKind::conv1d:
                lay_out_conv1d(layer, stage);
                break;
            case LayerKind::conv2d:
                lay_out_conv2d(layer, stage);
                break;
            case LayerKind::batchnorm:
                lay_out_batchnorm(layer, stage);
                break;
            case LayerKind::prelu:
                lay_out_prelu(layer, stage);
                break;
            case LayerKind::activation:
                break;
        }
        stages_.push_back(stage);
    }

    // `groups` matrices over rows x columns, all of canonical order [column][group * rows + row].
    void lay_out_matrices(const LayerSpec& layer, Stage& stage, int groups, int columns, int rows) {
        const Size matrix = matrix_bytes(precision_, padded(rows), columns);
        stage.bias = floats(size(groups) * size(padded(rows)));
        stage.packed = bytes(size(groups) * matrix);
        stage.group_bytes = matrix;
        need_scratch(columns);
        for (const auto& array : layer.weights) parameters_ += array.size();
        if (!placing_) return;
        for (int group = 0; group < groups; ++group) {
            const Size first_row = size(group) * size(rows);
            const Matrix kernel{layer.weights[0].data() + first_row, 1, size(groups) * size(rows)};
            pack(precision_, kernel, rows, columns, stage.packed + size(group) * matrix);
            if (layer.weights.size() > 1) {
                std::copy_n(layer.weights[1].data() + first_row, rows,
                            stage.bias + size(group) * size(padded(rows)));
            }
        }
    }

    // Space for the gates' panels and biases. Returns whether there is a bias to be packed.
    bool lay_out_recurrent(const LayerSpec& layer, Stage& stage, int gates, int biases, Size panels) {
        const Size row = size(gates) * size(layer.outputs),
                   columns = size(layer.inputs) + size(layer.outputs);
        stage.units = padded(layer.outputs);
        stage.bias = floats(size(biases) * size(gates) * size(stage.units));
        stage.packed = bytes(size(stage.units) / kLanes * panels);
        const bool biased = layer.weights.size() > 2;
        parameters_ += row * (columns + (biased ? 2 : 0));  // two biases, as PyTorch counts
        return placing_ && biased;
    }

    // Of each kLanes units one panel over [x, h].
    void lay_out_lstm(const LayerSpec& layer, Stage& stage) {
        const int in = layer.inputs, out = layer.outputs;
        const auto panel = static_cast<Size>(panel_bytes(precision_, kPanelRows, in + out));
        columns_floats_ = std::max(columns_floats_, size(in) + size(out));
        need_scratch(in + out);
        const bool biased = lay_out_recurrent(layer, stage, 4, 1, panel);
        if (!placing_) return;
        const Size row = 4 * size(out);
        std::vector<float> both(layer.weights[0]);
        both.insert(both.end(), layer.weights[1].begin(), layer.weights[1].end());
        pack_gates(precision_, {both.data(), 1, row}, 4, out, in + out, panel, stage.packed);
        if (biased) pack_gate_bias(layer.weights[2].data(), 4, out, kPanelRows, stage.bias);
    }

    // Of each kLanes units the gates over x, then over h.
    void lay_out_gru(const LayerSpec& layer, Stage& stage) {
        constexpr int kHeight = 3 * kLanes;
        const int in = layer.inputs, out = layer.outputs;
        const auto over_x = static_cast<Size>(panel_bytes(precision_, kHeight, in));
        const auto over_h = static_cast<Size>(panel_bytes(precision_, kHeight, out));
        need_scratch(in, out);
        const bool biased = lay_out_recurrent(layer, stage, 3, 2, over_x + over_h);
        if (!placing_) return;
        const Size row = 3 * size(out);
        pack_gates(precision_, {layer.weights[0].data(), 1, row}, 3, out, in, over_x + over_h, stage.packed);
        pack_gates(precision_, {layer.weights[1].data(), 1, row}, 3, out, out, over_x + over_h,
                   stage.packed + over_x);
        if (!biased) return;
        const float* const of_x = layer.weights[2].data();
        pack_gate_bias(of_x, 3, out, 2 * kHeight, stage.bias);
        pack_gate_bias(of_x + 3 * size(out), 3, out, 2 * kHeight, stage.bias + kHeight);
    }

    void lay_out_conv1d(const LayerSpec& layer, Stage& stage) {
        stage.kernel_size = layer.kernel_size;
        stage.dilation = layer.dilation;
        stage.groups = layer.groups;
        stage.frames = static_cast<int>(conv_frames(layer));
        const int columns = layer.inputs / layer.groups * layer.kernel_size;
        const int rows = layer.outputs / layer.groups;
        columns_floats_ = std::max(columns_floats_, size(columns));
        filters_floats_ = std::max(filters_floats_, size(padded(rows)));
        lay_out_matrices(layer, stage, layer.groups, columns, rows);
    }

    void lay_out_conv2d(const LayerSpec& layer, Stage& stage) {
        stage.kernel_size = layer.kernel_size;
        stage.dilation = layer.dilation;
        stage.frames = static_cast<int>(conv_frames(layer));
        stage.kernel_size_feature = layer.kernel_size_feature;
        stage.stride = layer.stride;
        stage.filters_in = layer.filters_in;
        stage.features_in = layer.features_in;
        stage.filters_out = layer.filters_out;
        stage.features_out = conv2d_features(layer);
        if (layer.same_padding) {
            const int covered = (stage.features_out - 1) * layer.stride + layer.kernel_size_feature;
            stage.pad = std::max(covered - layer.features_in, 0) / 2;
        }
        const int columns = layer.kernel_size * layer.kernel_size_feature * layer.filters_in;
        columns_floats_ = std::max(columns_floats_, size(columns));
        filters_floats_ = std::max(filters_floats_, size(padded(layer.filters_out)));
        lay_out_matrices(layer, stage, 1, columns, layer.filters_out);
    }

    void lay_out_batchnorm(const LayerSpec& layer, Stage& stage) {
        const Size channels = size(layer.filters_in ? layer.filters_in : layer.inputs);
        stage.channels = static_cast<int>(channels);
        stage.mean = floats(channels);
        stage.factor = floats(channels);
        stage.bias = floats(channels);
        const bool affine = layer.weights.size() == 4;
        parameters_ += affine ? 2 * channels : 0;
        if (!placing_) return;
        const auto& mean = layer.weights[affine ? 2 : 0];
        const auto& variance = layer.weights[affine ? 3 : 1];
        for (Size i = 0; i < channels; ++i) {
            const double gamma = affine ? layer.weights[0][i] : 1.0;
            stage.mean[i] = mean[i];
            stage.factor[i] =
                static_cast<float>(gamma / std::sqrt(static_cast<double>(variance[i]) + layer.epsilon));
            stage.bias[i] = affine ? layer.weights[1][i] : 0.0f;
        }
    }

    void lay_out_prelu(const LayerSpec& layer, Stage& stage) {
        const auto& slopes = layer.weights[0];
        stage.shared_slope = slopes.size() == 1;
        stage.factor = floats(slopes.size());
        parameters_ += slopes.size();
        if (placing_) std::copy(slopes.begin(), slopes.end(), stage.factor);
    }

    void lay_out_state(Stage& stage) {
        for (int which = 0; which < 2; ++which) {
            stage.hidden[which] = floats(size(stage.units));
            if (stage.kind == LayerKind::lstm) stage.cell[which] = floats(size(stage.units));
        }
        stage.history = floats(size(stage.frames) * size(stage.inputs));
    }

    const int inputs_;
    const std::vector<LayerSpec>& layers_;
    const Precision precision_;
    Network* network_ = nullptr;
    bool placing_ = false;
    Size offset_ = 0;
    std::vector<Stage> stages_;
    Size parameters_ = 0;
    Size values_floats_ = 0, columns_floats_ = 0, filters_floats_ = 0, scratch_bytes_ = 0;
};

Network::~Network() = default;

std::unique_ptr<Model> build_model(int inputs, const std::vector<LayerSpec>& layers, Isa isa,
                                   std::string* error, Precision precision) {
    std::string wrong = check_layers(inputs, layers);
    if (wrong.empty()) wrong = check_precision(layers, precision);
    if (!wrong.empty()) {
        if (error) *error = wrong;
        return nullptr;
    }
    const Isa chosen = isa == Isa::automatic ? available_isas().back() : isa;
    const Kernels* const kernels = kernels_for(chosen);
    if (!kernels) {
        if (error) *error = std::string("this machine cannot run the instruction set '") + name(isa) + "'";
        return nullptr;
    }
    return Builder(inputs, layers, precision).build(chosen, kernels, error);
}

}  // namespace emohost::nn
