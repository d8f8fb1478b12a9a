"""Weights on the grid that int8 keeps, so that a network plays the same as int8 as it was scored. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32

GROUP = 64  # weights of a row that share a scale (kGroup in ext/core/nn/kernels.h)
LARGEST = np.float32(127)  # (kLargestWeight there)


def rounded(layers: Iterable[Layer]) -> list[Layer]:
    """The layers with each weight of a dense, LSTM or GRU layer moved to the nearest one that int8 holds; biases stay
    float32, as there. What has been moved stays where it is the next time. Other layers are left as they are."""
    return [_rounded(layer) for layer in layers]


def _rounded(layer: Layer) -> Layer:
    weights = layer.weights
    if layer.kind == "dense":
        moved = [_on_grid(weights[0]), *weights[1:]]
    elif layer.kind == "lstm":  # one product of the input and the state behind it
        both = _on_grid(np.concatenate(weights[:2]))
        moved = [both[: layer.inputs], both[layer.inputs :], *weights[2:]]
    elif layer.kind == "gru":
        moved = [_on_grid(weights[0]), _on_grid(weights[1]), *weights[2:]]
    else:
        moved = weights
    return Layer(
        layer.kind, layer.inputs, layer.outputs, moved, layer.activation, layer.label, dict(layer.extra)
    )


def _on_grid(weights: Float32) -> Float32:
    """(inputs, rows): each row's groups of GROUP inputs to whole multiples of a 127th of their largest."""
    moved = np.array(weights, dtype=np.float32)
    for first in range(0, len(moved), GROUP):
        group = moved[first : first + GROUP]
        scale = np.abs(group).max(axis=0) / LARGEST
        scale[scale == 0] = 1
        group[:] = np.rint(group / scale) * scale
    return moved
