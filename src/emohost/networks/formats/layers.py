"""The canonical layers that every layout is read into, with RTNeural's own order of weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emohost.networks.formats.values import Float32

ACTIVATIONS = ("linear", "tanh", "relu", "sigmoid", "softmax", "elu")
RECURRENT = ("lstm", "gru")
CONVOLUTIONS = ("conv1d", "conv2d")
WEIGHTED = ("dense", *RECURRENT, *CONVOLUTIONS)


@dataclass
class Layer:
    """One layer. `weights` have the shapes that RTNeural's layout gives them:

    dense [in][out], [out]; lstm [in][4 out], [out][4 out], [4 out] (gates i, f, c, o); gru [in][3 out], [out][3 out],
    [2][3 out] (gates z, r, h; reset after the product); conv1d [k][in / groups][out], [out], k = 0 the oldest;
    conv2d [k time][k feature][in][out], [out]; batchnorm (gamma, beta,) mean, variance; prelu [n] or [1].
    A bias may be missing.
    """

    kind: str  # dense, lstm, gru, conv1d, conv2d, batchnorm, batchnorm2d, prelu, activation
    inputs: int
    outputs: int
    weights: list[Float32] = field(default_factory=list)
    activation: str = "linear"
    label: str = ""  # what errors call it: "layer 3 (dense)"
    extra: dict[str, Any] = field(default_factory=dict)  # further fields of LayerSpec (ext/core/nn/model.h)

    @property
    def weighted(self) -> bool:
        return self.kind in WEIGHTED

    def native(self) -> dict[str, Any]:
        """The fields of LayerSpec, for `_core.Model`."""
        return {
            "kind": "batchnorm" if self.kind == "batchnorm2d" else self.kind,
            "activation": self.activation,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "weights": self.weights,
            "label": self.label,
            **self.extra,
        }


def architecture(layers: list[Layer]) -> str:
    """Such as 'dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh'."""
    parts: list[str] = []
    for layer in layers:
        if layer.kind == "activation" and parts:
            parts[-1] += f" {layer.activation}"
            continue
        name = layer.kind if layer.kind in ("activation", "prelu") else f"{layer.kind} {layer.outputs}"
        parts.append(name if layer.activation == "linear" else f"{name} {layer.activation}")
    return ", ".join(parts)
