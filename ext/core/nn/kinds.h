// What layers there are, what stands behind them, and on which instructions they run. Apart from model.h, so
// that the kernels, which are compiled for one instruction set each, include no template of the standard
// library.
#pragma once

namespace emohost::nn {

enum class Activation { linear, tanh, relu, sigmoid, softmax, elu };
enum class LayerKind { dense, lstm, gru, conv1d, conv2d, batchnorm, prelu, activation };
enum class Isa { automatic, plain, avx2, avx2_vnni, avx512, avx512_vnni, neon };
// How weights are kept. Values between layers and states are float32 throughout.
enum class Precision { float32, float16, int8 };

}  // namespace emohost::nn
