"""What the layers of FORMATS mean, written down a second time: float64, one step at a time, no cleverness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Layer = Mapping[str, Any]  # as `_core.Model` takes it


def activate(name: str, y: np.ndarray) -> np.ndarray:
    if name == "tanh":
        return np.tanh(y)
    if name == "relu":
        return np.maximum(y, 0)
    if name == "sigmoid":
        return 1 / (1 + np.exp(-y))
    if name == "elu":
        return np.where(y > 0, y, np.expm1(np.minimum(y, 0)))
    if name == "softmax":
        powers = np.exp(y - y.max())
        return powers / powers.sum()
    assert name == "linear"
    return y


def sigmoid(y: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-y))


def run(layers: Sequence[Layer], x: np.ndarray) -> np.ndarray:
    """`layers` as `_core.Model` takes them; x (steps, inputs); all steps, from the state before the first."""
    y = np.asarray(x, dtype=np.float64)
    for layer in layers:
        weights = [np.asarray(array, dtype=np.float64) for array in layer["weights"]]
        y = RUN[layer["kind"]](layer, weights, y)
        y = np.stack([activate(layer.get("activation", "linear"), step) for step in y])
    return y


def _dense(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    kernel = weights[0].reshape(layer["inputs"], layer["outputs"])
    return x @ kernel + (weights[1] if len(weights) > 1 else 0)


def _lstm(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    out = layer["outputs"]
    kernel = weights[0].reshape(-1, 4 * out)
    recurrent = weights[1].reshape(-1, 4 * out)
    bias = weights[2] if len(weights) > 2 else np.zeros(4 * out)
    h = c = np.zeros(out)
    steps = []
    for step in x:
        i, f, g, o = np.split(step @ kernel + h @ recurrent + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        steps.append(h)
    return np.stack(steps)


def _gru(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    out = layer["outputs"]
    kernel = weights[0].reshape(-1, 3 * out)
    recurrent = weights[1].reshape(-1, 3 * out)
    bias = weights[2].reshape(2, 3 * out) if len(weights) > 2 else np.zeros((2, 3 * out))
    h = np.zeros(out)
    steps = []
    for step in x:
        xz, xr, xn = np.split(step @ kernel + bias[0], 3)
        hz, hr, hn = np.split(h @ recurrent + bias[1], 3)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        h = z * h + (1 - z) * np.tanh(xn + r * hn)
        steps.append(h)
    return np.stack(steps)


def _conv1d(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    size, dilation, groups = layer["kernel_size"], layer["dilation"], layer["groups"]
    kernel = weights[0].reshape(size, layer["inputs"] // groups, layer["outputs"])
    past = (size - 1) * dilation
    padded = np.concatenate([np.zeros((past, layer["inputs"])), x])
    group_in, group_out = layer["inputs"] // groups, layer["outputs"] // groups
    y = np.zeros((len(x), layer["outputs"]))
    for t in range(len(x)):
        for o in range(layer["outputs"]):
            group = o // group_out
            for k in range(size):
                frame = padded[t + k * dilation, group * group_in : (group + 1) * group_in]
                y[t, o] += frame @ kernel[k, :, o]
    return y + (weights[1] if len(weights) > 1 else 0)


def _conv2d(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    size, span, stride = layer["kernel_size"], layer["kernel_size_feature"], layer["stride"]
    features, fin, fout = layer["features_in"], layer["filters_in"], layer["filters_out"]
    kernel = weights[0].reshape(size, span, fin, fout)
    out_features = layer["outputs"] // fout
    left = 0
    if layer["same_padding"]:
        left = max((out_features - 1) * stride + span - features, 0) // 2
    y = np.zeros((len(x), out_features, fout))
    for t in range(len(x)):
        for place in range(out_features):
            for k in range(size):
                then = t - (size - 1 - k) * layer["dilation"]
                if then < 0:
                    continue
                frame = x[then].reshape(features, fin)
                for j in range(span):
                    feature = place * stride - left + j
                    if 0 <= feature < features:
                        y[t, place] += frame[feature] @ kernel[k, j]
    if len(weights) > 1:
        y += weights[1]
    return y.reshape(len(x), -1)


def _batchnorm(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    channels = layer["filters_in"] or layer["inputs"]
    gamma, beta = weights[:2] if len(weights) == 4 else (np.ones(channels), np.zeros(channels))
    mean, variance = weights[-2:]
    y = x.reshape(len(x), -1, channels)
    epsilon = np.float64(np.float32(layer["epsilon"]))
    return ((y - mean) / np.sqrt(variance + epsilon) * gamma + beta).reshape(len(x), -1)


def _prelu(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    return np.where(x < 0, x * weights[0], x)


def _same(layer: Layer, weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    return x


RUN = {
    "dense": _dense,
    "lstm": _lstm,
    "gru": _gru,
    "conv1d": _conv1d,
    "conv2d": _conv2d,
    "batchnorm": _batchnorm,
    "prelu": _prelu,
    "activation": _same,
}
