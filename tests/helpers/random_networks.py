"""Random networks of every layer type, as `_core.Model` takes them, for hypothesis."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

Layer = dict[str, Any]  # as `_core.Model` takes it
RandomNetwork = tuple[int, list[Layer], np.random.Generator]  # inputs, layers
ACTIVATIONS = ["linear", "tanh", "relu", "sigmoid", "softmax", "elu"]
# Around the widths of vectors and panels, where kernels have their edges.
WIDTHS = st.one_of(st.integers(1, 20), st.sampled_from([31, 32, 33, 48, 63, 64, 65, 80, 100, 128]))


@st.composite
def networks(draw: st.DrawFn, max_layers: int = 4) -> RandomNetwork:
    """(inputs, layers, random generator)"""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = width = draw(WIDTHS)
    layers = []
    for _ in range(draw(st.integers(1, max_layers))):
        layer = draw(MAKE[draw(st.sampled_from(sorted(MAKE)))](width, random))
        layers.append(layer)
        width = layer["outputs"]
    return inputs, layers, random


def uniform(random: np.random.Generator, fan_in: int, *shape: int) -> np.ndarray:
    """Weights that keep values near 1."""
    return random.uniform(-1, 1, shape).astype(np.float32) * np.float32(np.sqrt(3 / fan_in))


def layer(
    kind: str, inputs: int, outputs: int, weights: list[np.ndarray], activation: str = "linear", **extra: Any
) -> Layer:
    return {
        "kind": kind,
        "inputs": inputs,
        "outputs": outputs,
        "weights": weights,
        "activation": activation,
        **extra,
    }


@st.composite
def dense(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    outputs = draw(WIDTHS)
    weights = [uniform(random, width, width, outputs), uniform(random, 1, outputs)]
    return layer(
        "dense", width, outputs, weights[: draw(st.integers(1, 2))], draw(st.sampled_from(ACTIVATIONS))
    )


@st.composite
def lstm(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    outputs = draw(st.integers(1, 40))
    weights = [
        uniform(random, width, width, 4 * outputs),
        uniform(random, outputs, outputs, 4 * outputs),
        uniform(random, 1, 4 * outputs),
    ]
    return layer("lstm", width, outputs, weights[: draw(st.integers(2, 3))])


@st.composite
def gru(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    outputs = draw(st.integers(1, 40))
    weights = [
        uniform(random, width, width, 3 * outputs),
        uniform(random, outputs, outputs, 3 * outputs),
        uniform(random, 1, 2, 3 * outputs),
    ]
    return layer("gru", width, outputs, weights[: draw(st.integers(2, 3))])


@st.composite
def conv1d(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    groups = draw(st.sampled_from([g for g in (1, 2, 3, 4, width) if width % g == 0]))
    outputs = groups * draw(st.integers(1, 12))
    size = draw(st.integers(1, 4))
    fan_in = size * width // groups
    weights = [uniform(random, fan_in, size, width // groups, outputs), uniform(random, 1, outputs)]
    return layer(
        "conv1d",
        width,
        outputs,
        weights[: draw(st.integers(1, 2))],
        draw(st.sampled_from(ACTIVATIONS)),
        kernel_size=size,
        dilation=draw(st.integers(1, 5)),
        groups=groups,
    )


@st.composite
def conv2d(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    fin = draw(st.sampled_from([f for f in range(1, 6) if width % f == 0]))
    features = width // fin
    fout = draw(st.integers(1, 6))
    same = draw(st.booleans())
    span = draw(st.integers(1, 5)) if same else draw(st.integers(1, min(5, features)))
    stride = draw(st.integers(1, 3))
    out_features = -(-features // stride) if same else (features - span) // stride + 1
    size = draw(st.integers(1, 3))
    weights = [uniform(random, size * span * fin, size, span, fin, fout), uniform(random, 1, fout)]
    return layer(
        "conv2d",
        width,
        out_features * fout,
        weights[: draw(st.integers(1, 2))],
        draw(st.sampled_from(ACTIVATIONS)),
        kernel_size=size,
        dilation=draw(st.integers(1, 3)),
        kernel_size_feature=span,
        stride=stride,
        filters_in=fin,
        features_in=features,
        filters_out=fout,
        same_padding=same,
    )


@st.composite
def batchnorm(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    channels = draw(st.sampled_from([c for c in (1, 2, 3, width) if width % c == 0]))
    affine = [uniform(random, 1, channels), uniform(random, 1, channels)] if draw(st.booleans()) else []
    variance = random.uniform(0.5, 2, channels).astype(np.float32)
    return layer(
        "batchnorm",
        width,
        width,
        [*affine, uniform(random, 1, channels), variance],
        epsilon=draw(st.sampled_from([0.0, 1e-5, 1e-3])),
        filters_in=channels,
    )


@st.composite
def prelu(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    return layer("prelu", width, width, [uniform(random, 1, draw(st.sampled_from([1, width])))])


@st.composite
def activation(draw: st.DrawFn, width: int, random: np.random.Generator) -> Layer:
    return layer("activation", width, width, [], draw(st.sampled_from(ACTIVATIONS)))


MAKE = {
    "dense": dense,
    "lstm": lstm,
    "gru": gru,
    "conv1d": conv1d,
    "conv2d": conv2d,
    "batchnorm": batchnorm,
    "prelu": prelu,
    "activation": activation,
}
