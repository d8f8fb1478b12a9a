"""PyTorch's order of weights, turned into RTNeural's; three of the dialects need it."""

from __future__ import annotations

import numpy as np

from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32

KERAS_GRU_ORDER = (1, 0, 2)  # PyTorch has r, z, n; RTNeural z, r, h


def dense(weight: Float32, bias: Float32 | None) -> Layer:
    """weight [out][in], bias [out]."""
    outputs, inputs = weight.shape
    weights = [np.ascontiguousarray(weight.T)]
    return Layer("dense", inputs, outputs, weights if bias is None else [*weights, bias])


def lstm(ih: Float32, hh: Float32, bias_ih: Float32 | None, bias_hh: Float32 | None) -> Layer:
    """ih [4 out][in], hh [4 out][out], biases [4 out]; gates i, f, g, o, which is RTNeural's order, too."""
    outputs = hh.shape[1]
    weights = [np.ascontiguousarray(ih.T), np.ascontiguousarray(hh.T)]
    biases = [bias for bias in (bias_ih, bias_hh) if bias is not None]
    if biases:
        weights.append(sum_of(biases))
    return Layer("lstm", ih.shape[1], outputs, weights)


def gru(ih: Float32, hh: Float32, bias_ih: Float32 | None, bias_hh: Float32 | None) -> Layer:
    """ih [3 out][in], hh [3 out][out], biases [3 out]; gates r, z, n."""
    outputs = hh.shape[1]
    weights = [np.ascontiguousarray(_gru_gates(ih).T), np.ascontiguousarray(_gru_gates(hh).T)]
    if bias_ih is not None or bias_hh is not None:
        none = np.zeros(3 * outputs, dtype=np.float32)
        pair = [_gru_gates(none if bias is None else bias) for bias in (bias_ih, bias_hh)]
        weights.append(np.stack(pair))
    return Layer("gru", ih.shape[1], outputs, weights)


def conv1d(weight: Float32, bias: Float32 | None, dilation: int, groups: int) -> Layer:
    """weight [out][in / groups][k], k = 0 the oldest sample; bias [out]."""
    outputs, group_inputs, size = weight.shape
    weights = [np.ascontiguousarray(weight.transpose(2, 1, 0))]
    extra = {"kernel_size": size, "dilation": dilation, "groups": groups}
    return Layer(
        "conv1d", group_inputs * groups, outputs, weights if bias is None else [*weights, bias], extra=extra
    )


def sum_of(biases: list[Float32]) -> Float32:
    """Their sum, rounded once."""
    total: Float32 = np.sum([bias.astype(np.float64) for bias in biases], axis=0).astype(np.float32)
    return total


def _gru_gates(rows: Float32) -> Float32:
    gates = rows.reshape(3, -1, *rows.shape[1:])
    return gates[list(KERAS_GRU_ORDER)].reshape(rows.shape)
