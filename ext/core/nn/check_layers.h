// Every claim of a LayerSpec against the data that came with it.
#pragma once

#include <string>
#include <vector>

#include "core/nn/model.h"

namespace emohost::nn {

// What is wrong, beginning with the layer; empty if nothing is. After an empty answer every size fits in an
// int, every product of sizes that the arena needs is bounded by the weights or the limits of model.h, and
// every weight is finite.
std::string check_layers(int inputs, const std::vector<LayerSpec>& layers);

// What keeps layers that check_layers() has passed from being kept in that precision; empty if nothing does.
std::string check_precision(const std::vector<LayerSpec>& layers, Precision precision);

const char* name(LayerKind kind);

// Output positions of a conv2d along the features, by TensorFlow's rules; 0 if the kernel does not fit.
int conv2d_features(const LayerSpec& layer);
// Frames a convolution keeps, this step's included.
long long conv_frames(const LayerSpec& layer);

}  // namespace emohost::nn
