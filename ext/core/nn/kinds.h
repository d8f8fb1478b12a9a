// What layers there are, what stands behind them, and on which instructions they run. Apart from model.h, so
// that the kernels, which are compiled for one instruction set each, include no template of the standard
// library.
#pragma once

namespace emohost::nn {

enum class Activation { linear, tanh, relu, sigmoid, softmax, elu };
enum class LayerKind { dense, lstm, gru, conv1d, conv2d, batchnorm, prelu, activation };
enum class Isa { automatic, plain, avx2, avx512, neon };

}  // namespace emohost::nn
