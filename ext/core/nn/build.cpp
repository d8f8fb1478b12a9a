// Builds a model from what the loader hands over: checks it, measures the arena, packs the weights. Not
// real-time.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/nn/check_layers.h"
#include "core/nn/network.h"

namespace emohost::nn {

namespace {

using Size = std::size_t;

Size size(int n) { return static_cast<Size>(n); }

// Weight (row, column) of a matrix, as the canonical order has it.
struct Matrix {
    const float* data;
    Size row_step;
    Size column_step;
    float at(Size row, Size column) const { return data[row * row_step + column * column_step]; }
};

// Packs rows [0, rows) x columns into panels as kernels.h says; `packed` is zeroed and padded.
void pack(const Matrix& matrix, int rows, int columns, float* packed) {
    for (int start = 0; start < rows; start += kPanelRows) {
        const int height = std::min(kPanelRows, padded(rows) - start);
        const int used = std::min(height, rows - start);
        for (int column = 0; column < columns; ++column) {
            for (int row = 0; row < used; ++row) packed[row] = matrix.at(size(start + row), size(column));
            packed += height;
        }
    }
}

// Packs for recurrent layers: for each kLanes units one panel that holds these units' rows of every gate. The
// panels lie `distance` floats apart, so that those of several matrices can alternate.
void pack_gates(const Matrix& matrix, int gates, int units, int columns, Size distance, float* packed) {
    const Size height = size(gates) * kLanes;
    for (int start = 0; start < units; start += kLanes) {
        const int used = std::min(kLanes, units - start);
        for (int column = 0; column < columns; ++column) {
            float* const place = packed + size(column) * height;
            for (int gate = 0; gate < gates; ++gate) {
                const Size first = size(gate) * size(units) + size(start);
                for (int i = 0; i < used; ++i) {
                    place[size(gate) * kLanes + size(i)] = matrix.at(first + size(i), size(column));
                }
            }
        }
        packed += distance;
    }
}

}  // namespace

// Goes over the layers twice with the same code: once measuring, once placing and packing.
class Builder {
  public:
    Builder(int inputs, const std::vector<LayerSpec>& layers) : inputs_(inputs), layers_(layers) {}

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
        network->isa_ = isa;
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
        columns_floats_ = filters_floats_ = 0;
        for (const LayerSpec& layer : layers_) lay_out_weights(layer);
        const Size state_offset = offset_;
        float* const state = floats(0);
        for (Stage& stage : stages_) lay_out_state(stage);
        const Size state_floats = offset_ - state_offset;
        float* const values = floats(values_floats_);
        float* const spare = floats(values_floats_);
        float* const columns = floats(columns_floats_);
        float* const filters = floats(filters_floats_);
        if (!placing_) return;
        network_->state_ = state;
        network_->state_floats_ = state_floats;
        network_->values_ = values;
        network_->spare_ = spare;
        network_->columns_ = columns;
        network_->filters_ = filters;
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
        const Size matrix = size(columns) * size(padded(rows));
        stage.bias = floats(size(groups) * size(padded(rows)));
        stage.weights = floats(size(groups) * matrix);
        for (const auto& array : layer.weights) parameters_ += array.size();
        if (!placing_) return;
        for (int group = 0; group < groups; ++group) {
            const Size first_row = size(group) * size(rows);
            const Matrix kernel{layer.weights[0].data() + first_row, 1, size(groups) * size(rows)};
            pack(kernel, rows, columns, stage.weights + size(group) * matrix);
            if (layer.weights.size() > 1) {
                std::copy_n(layer.weights[1].data() + first_row, rows,
                            stage.bias + size(group) * size(padded(rows)));
            }
        }
    }

    // Of each kLanes units the gates over x, then over h. Returns whether there is a bias to be packed.
    bool lay_out_recurrent(const LayerSpec& layer, Stage& stage, int gates, int biases) {
        const int in = layer.inputs, out = layer.outputs;
        const Size height = size(gates) * kLanes, columns = size(in) + size(out),
                   row = size(gates) * size(out);
        stage.units = padded(out);
        stage.bias = floats(size(biases) * size(gates) * size(stage.units));
        stage.weights = floats(size(gates) * size(stage.units) * columns);
        const bool biased = layer.weights.size() > 2;
        parameters_ += row * (columns + (biased ? 2 : 0));  // two biases, as PyTorch counts
        if (!placing_) return false;
        const Size distance = height * columns;
        pack_gates({layer.weights[0].data(), 1, row}, gates, out, in, distance, stage.weights);
        pack_gates({layer.weights[1].data(), 1, row}, gates, out, out, distance,
                   stage.weights + height * size(in));
        return biased;
    }

    void lay_out_lstm(const LayerSpec& layer, Stage& stage) {
        columns_floats_ = std::max(columns_floats_, size(layer.inputs) + size(layer.outputs));
        if (!lay_out_recurrent(layer, stage, 4, 1)) return;
        pack_gates({layer.weights[2].data(), 1, 0}, 4, layer.outputs, 1, kPanelRows, stage.bias);
    }

    void lay_out_gru(const LayerSpec& layer, Stage& stage) {
        if (!lay_out_recurrent(layer, stage, 3, 2)) return;
        const Size height = 3 * kLanes;
        const float* const of_x = layer.weights[2].data();
        const float* const of_h = of_x + 3 * size(layer.outputs);
        pack_gates({of_x, 1, 0}, 3, layer.outputs, 1, 2 * height, stage.bias);
        pack_gates({of_h, 1, 0}, 3, layer.outputs, 1, 2 * height, stage.bias + height);
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
        stage.weights = floats(channels);
        stage.bias = floats(channels);
        const bool affine = layer.weights.size() == 4;
        parameters_ += affine ? 2 * channels : 0;
        if (!placing_) return;
        const auto& mean = layer.weights[affine ? 2 : 0];
        const auto& variance = layer.weights[affine ? 3 : 1];
        for (Size i = 0; i < channels; ++i) {
            const double gamma = affine ? layer.weights[0][i] : 1.0;
            stage.mean[i] = mean[i];
            stage.weights[i] =
                static_cast<float>(gamma / std::sqrt(static_cast<double>(variance[i]) + layer.epsilon));
            stage.bias[i] = affine ? layer.weights[1][i] : 0.0f;
        }
    }

    void lay_out_prelu(const LayerSpec& layer, Stage& stage) {
        const auto& slopes = layer.weights[0];
        stage.shared_slope = slopes.size() == 1;
        stage.weights = floats(slopes.size());
        parameters_ += slopes.size();
        if (placing_) std::copy(slopes.begin(), slopes.end(), stage.weights);
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
    Network* network_ = nullptr;
    bool placing_ = false;
    Size offset_ = 0;
    std::vector<Stage> stages_;
    Size parameters_ = 0;
    Size values_floats_ = 0, columns_floats_ = 0, filters_floats_ = 0;
};

Network::~Network() = default;

std::unique_ptr<Model> build_model(int inputs, const std::vector<LayerSpec>& layers, Isa isa,
                                   std::string* error) {
    const std::string wrong = check_layers(inputs, layers);
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
    return Builder(inputs, layers).build(chosen, kernels, error);
}

}  // namespace emohost::nn
