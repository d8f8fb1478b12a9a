"""Writes networks in RTNeural's layout, with emohost's metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from emohost.files import write_whole
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32

CONV2D_KEYS = {
    "kernel_size_time": "kernel_size",
    "kernel_size_feature": "kernel_size_feature",
    "dilation": "dilation",
    "strides": "stride",
    "num_filters_in": "filters_in",
    "num_features_in": "features_in",
    "num_filters_out": "filters_out",
}


def write_model(file: Path, layers: Sequence[Layer], metadata: Mapping[str, Any]) -> None:
    """Writes `layers` as a model file, whole or not at all. Weights are the shortest decimals that are read back as the
    same float32. Raises OSError."""
    width = layers[0].inputs
    top = {
        "metadata": metadata,
        "in_shape": [None, None, width],
        "layers": [_record(layer) for layer in layers],
    }
    write_whole(file, orjson.dumps(top, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")


def _record(layer: Layer) -> dict[str, Any]:
    return {
        "type": layer.kind,
        "activation": "" if layer.activation == "linear" else layer.activation,
        "shape": [None, None, layer.outputs],
        **_extra(layer),
        "weights": [np.ascontiguousarray(array, dtype=np.float32) for array in _weights(layer)],
    }


def _weights(layer: Layer) -> list[Float32]:
    return [layer.weights[0][np.newaxis]] if layer.kind == "prelu" else layer.weights


def _extra(layer: Layer) -> dict[str, Any]:
    extra = layer.extra
    if layer.kind == "conv1d":
        return {
            "kernel_size": [extra["kernel_size"]],
            "dilation": [extra["dilation"]],
            "groups": extra["groups"],
        }
    if layer.kind == "conv2d":
        features = layer.outputs // extra["filters_out"]
        return {
            "shape": [None, None, features, extra["filters_out"]],
            **{key: extra[name] for key, name in CONV2D_KEYS.items()},
            "padding": "same" if extra["same_padding"] else "valid",
        }
    if layer.kind == "batchnorm":
        return {"epsilon": extra["epsilon"]}
    if layer.kind == "batchnorm2d":
        return {"epsilon": extra["epsilon"], "num_filters_in": extra["filters_in"]}
    return {}
