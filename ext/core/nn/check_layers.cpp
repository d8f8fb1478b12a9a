#include "core/nn/check_layers.h"

#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "core/nn/pack.h"

namespace emohost::nn {

namespace {

using Text = std::string;
using Wide = long long;

// What the weights of a layer must be: sizes in order, the last of them a bias that may be missing.
struct Expected {
    const char* what;
    Wide size;
    bool optional = false;
};

Text number(Wide value) { return std::to_string(value); }

Text check_weights(const LayerSpec& layer, const std::vector<Expected>& expected) {
    std::size_t required = 0;
    for (const Expected& part : expected) required += !part.optional;
    const std::size_t found = layer.weights.size();
    if (found < required || found > expected.size()) {
        Text text = "expected " + number(static_cast<Wide>(required));
        if (required != expected.size()) text += " or " + number(static_cast<Wide>(expected.size()));
        return text + " weight arrays, found " + number(static_cast<Wide>(found));
    }
    for (std::size_t i = 0; i < found; ++i) {
        const auto& array = layer.weights[i];
        if (expected[i].size > std::numeric_limits<int>::max()) return Text(expected[i].what) + ": too large";
        if (static_cast<Wide>(array.size()) != expected[i].size) {
            return Text(expected[i].what) + ": expected " + number(expected[i].size) + " values, found " +
                   number(static_cast<Wide>(array.size()));
        }
        for (std::size_t k = 0; k < array.size(); ++k) {
            if (!std::isfinite(array[k])) {
                return Text(expected[i].what) + ": value " + number(static_cast<Wide>(k)) + " is not finite";
            }
        }
    }
    return {};
}

Text between(const char* what, Wide value, Wide low, Wide high) {
    if (value >= low && value <= high) return {};
    return Text(what) + ": expected " + number(low) + " to " + number(high) + ", found " + number(value);
}

Text check_same_width(const LayerSpec& layer) {
    if (layer.inputs == layer.outputs) return {};
    return "outputs: expected " + number(layer.inputs) + " (as many as inputs), found " +
           number(layer.outputs);
}

Text check_recurrent(const LayerSpec& layer, Wide gates, Wide biases) {
    const Wide in = layer.inputs, out = layer.outputs;
    if (layer.activation != Activation::linear) return "a recurrent layer has no activation of its own";
    return check_weights(layer, {{"kernel", in * gates * out},
                                 {"recurrent kernel", out * gates * out},
                                 {"bias", biases * gates * out, true}});
}

Text check_conv1d(const LayerSpec& layer) {
    const Wide in = layer.inputs, out = layer.outputs;
    if (Text text = between("kernel_size", layer.kernel_size, 1, kMaxHistory); !text.empty()) return text;
    if (Text text = between("dilation", layer.dilation, 1, kMaxHistory); !text.empty()) return text;
    if (Text text = between("groups", layer.groups, 1, kMaxWidth); !text.empty()) return text;
    if (in % layer.groups || out % layer.groups) {
        return "groups: " + number(layer.groups) + " does not divide " + number(in) + " inputs and " +
               number(out) + " outputs";
    }
    return check_weights(layer,
                         {{"kernel", layer.kernel_size * (in / layer.groups) * out}, {"bias", out, true}});
}

Text check_conv2d(const LayerSpec& layer) {
    const Wide in = layer.filters_in, out = layer.filters_out;
    for (const auto& [what, value] : {std::pair<const char*, Wide>{"kernel_size_time", layer.kernel_size},
                                      {"dilation", layer.dilation},
                                      {"kernel_size_feature", layer.kernel_size_feature},
                                      {"strides", layer.stride}}) {
        if (Text text = between(what, value, 1, kMaxHistory); !text.empty()) return text;
    }
    for (const auto& [what, value] : {std::pair<const char*, Wide>{"num_filters_in", layer.filters_in},
                                      {"num_features_in", layer.features_in},
                                      {"num_filters_out", layer.filters_out}}) {
        if (Text text = between(what, value, 1, kMaxWidth); !text.empty()) return text;
    }
    if (in * layer.features_in != layer.inputs) {
        return "num_features_in x num_filters_in: expected " + number(layer.inputs) + " inputs, found " +
               number(layer.features_in) + " x " + number(in);
    }
    const Wide features = conv2d_features(layer);
    if (features == 0) {
        return "kernel_size_feature: " + number(layer.kernel_size_feature) + " is more than the " +
               number(layer.features_in) + " features";
    }
    if (features * out != layer.outputs) {
        return "outputs: expected " + number(features) + " features x " + number(out) + " filters, found " +
               number(layer.outputs);
    }
    // Two products of at most 2^22 each at a time, so that nothing overflows.
    const Wide taps = static_cast<Wide>(layer.kernel_size) * layer.kernel_size_feature;
    if (Text text = between("kernel_size_time x kernel_size_feature", taps, 1, kMaxHistory); !text.empty())
        return text;
    return check_weights(layer, {{"kernel", taps * in * out}, {"bias", out, true}});
}

Text check_batchnorm(const LayerSpec& layer) {
    if (Text text = check_same_width(layer); !text.empty()) return text;
    const Wide channels = layer.filters_in ? layer.filters_in : layer.inputs;
    if (Text text = between("channels", channels, 1, layer.inputs); !text.empty()) return text;
    if (layer.inputs % channels) {
        return "channels: " + number(channels) + " does not divide " + number(layer.inputs) + " inputs";
    }
    if (!std::isfinite(layer.epsilon) || layer.epsilon < 0)
        return "epsilon: expected a finite number, 0 or more";
    std::vector<Expected> expected = {{"mean", channels}, {"variance", channels}};
    if (layer.weights.size() != 2) {
        expected = {{"gamma", channels}, {"beta", channels}, {"mean", channels}, {"variance", channels}};
    }
    if (Text text = check_weights(layer, expected); !text.empty()) return text;
    for (const float variance : layer.weights.back()) {
        if (!(variance + layer.epsilon > 0)) {
            return "variance: expected more than 0 with epsilon, found " + std::to_string(variance);
        }
    }
    return {};
}

Text check_prelu(const LayerSpec& layer) {
    if (Text text = check_same_width(layer); !text.empty()) return text;
    const bool shared = layer.weights.size() == 1 && layer.weights[0].size() == 1;
    return check_weights(layer, {{"slopes", shared ? 1 : layer.outputs}});
}

Text check_layer(const LayerSpec& layer, int width) {
    if (layer.inputs != width) {
        return "inputs: expected " + number(width) + " (what comes before), found " + number(layer.inputs);
    }
    if (Text text = between("outputs", layer.outputs, 1, kMaxWidth); !text.empty()) return text;
    if (layer.activation < Activation::linear || layer.activation > Activation::elu)
        return "unknown activation";
    const Wide in = layer.inputs, out = layer.outputs;
    switch (layer.kind) {
        case LayerKind::dense:
            return check_weights(layer, {{"kernel", in * out}, {"bias", out, true}});
        case LayerKind::lstm:
            return check_recurrent(layer, 4, 1);
        case LayerKind::gru:
            return check_recurrent(layer, 3, 2);
        case LayerKind::conv1d:
            return check_conv1d(layer);
        case LayerKind::conv2d:
            return check_conv2d(layer);
        case LayerKind::batchnorm:
            return check_batchnorm(layer);
        case LayerKind::prelu:
            return check_prelu(layer);
        case LayerKind::activation:
            if (Text text = check_same_width(layer); !text.empty()) return text;
            return check_weights(layer, {});
    }
    return "unknown layer kind";
}

Text label_of(const LayerSpec& layer, std::size_t index) {
    if (!layer.label.empty()) return layer.label;
    return "layer " + std::to_string(index) + " (" + name(layer.kind) + ")";
}

bool is_convolution(LayerKind kind) { return kind == LayerKind::conv1d || kind == LayerKind::conv2d; }

}  // namespace

const char* name(LayerKind kind) {
    switch (kind) {
        case LayerKind::dense:
            return "dense";
        case LayerKind::lstm:
            return "lstm";
        case LayerKind::gru:
            return "gru";
        case LayerKind::conv1d:
            return "conv1d";
        case LayerKind::conv2d:
            return "conv2d";
        case LayerKind::batchnorm:
            return "batchnorm";
        case LayerKind::prelu:
            return "prelu";
        case LayerKind::activation:
            return "activation";
    }
    return "unknown";
}

int conv2d_features(const LayerSpec& layer) {
    if (layer.same_padding) return (layer.features_in - 1) / layer.stride + 1;
    if (layer.kernel_size_feature > layer.features_in) return 0;
    return (layer.features_in - layer.kernel_size_feature) / layer.stride + 1;
}

long long conv_frames(const LayerSpec& layer) {
    return static_cast<Wide>(layer.kernel_size - 1) * layer.dilation + 1;
}

std::string check_layers(int inputs, const std::vector<LayerSpec>& layers) {
    if (Text text = between("inputs", inputs, 1, kMaxWidth); !text.empty()) return text;
    if (Text text = between("layers", static_cast<Wide>(layers.size()), 1, kMaxLayers); !text.empty())
        return text;
    int width = inputs;
    Wide history = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerSpec& layer = layers[i];
        Text text = check_layer(layer, width);
        if (text.empty() && is_convolution(layer.kind)) {
            // Frames first by themselves (up to 2^44), then times a width of up to 2^16.
            history += conv_frames(layer) * layer.inputs;
            if (history > kMaxHistory) {
                text = "kernel_size and dilation: this much history, " + number(history) +
                       " values with the layers before it, is more than the " + number(kMaxHistory) +
                       " allowed";
            }
        }
        if (!text.empty()) return label_of(layer, i) + ": " + text;
        width = layer.outputs;
    }
    return {};
}

std::string check_precision(const std::vector<LayerSpec>& layers, Precision precision) {
    const float most = largest_weight(precision);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerSpec& layer = layers[i];
        const bool recurrent = layer.kind == LayerKind::lstm || layer.kind == LayerKind::gru;
        const bool product = recurrent || layer.kind == LayerKind::dense || is_convolution(layer.kind);
        for (std::size_t part = 0; product && part < (recurrent ? 2u : 1u); ++part) {
            for (const float weight : layer.weights[part]) {
                if (std::fabs(weight) <= most) continue;
                std::ostringstream text;
                text << label_of(layer, i) << ": " << (part ? "recurrent kernel" : "kernel")
                     << ": the weight " << weight << " is more than " << name(precision) << " can keep ("
                     << most << ")";
                return text.str();
            }
        }
    }
    return {};
}

}  // namespace emohost::nn
