"""Dialect 1: RTNeural's own layout, which emohost also writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emohost.networks.formats.activations import as_activation
from emohost.networks.formats.draft import Draft, each_layer, metadata_of
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import (
    Float32,
    ModelPlace,
    as_array,
    as_list,
    as_number,
    as_size,
    describe,
    expect_size,
    member,
)

NAME = "RTNeural"


def read(top: dict[str, Any], place: ModelPlace) -> Draft:
    inputs = width = _width(member(top, "in_shape", place), "in_shape", place)
    layers = []
    for kind, record, here in each_layer(top, place):
        if kind not in READERS:
            raise here.wrong("type", f"one of {', '.join(READERS)}", describe(kind))
        layer = READERS[kind](record, width, here)
        layer.label = here.layer
        layers.append(layer)
        width = layer.outputs
    return Draft(NAME, inputs, layers, metadata_of(top, place), names_activations=True)


def _width(shape: object, what: str, place: ModelPlace) -> int:
    """The values of one step: the last entry, or features x filters where there are four."""
    sizes = as_list(shape, what, place)
    if not sizes:
        raise place.wrong(what, "an array that ends with a size", "an empty array")
    width = as_size(sizes[-1], f"{what}, last entry", place)
    if len(sizes) >= 4 and sizes[-2] is not None:
        width *= as_size(sizes[-2], f"{what}, last but one entry", place)
    return width


def _outputs(record: dict[str, Any], place: ModelPlace) -> int:
    return _width(member(record, "shape", place), "shape", place)


def _arrays(
    record: dict[str, Any], shapes: list[tuple[int, ...]], required: int, place: ModelPlace
) -> list[Float32]:
    """The `weights` in the given shapes; those after the first `required` may be missing."""
    arrays = as_list(member(record, "weights", place), "weights", place)
    if not required <= len(arrays) <= len(shapes):
        expected = str(required) if required == len(shapes) else f"{required} or {len(shapes)}"
        raise place.wrong("weights", f"{expected} arrays", str(len(arrays)))
    return [as_array(array, shapes[i], f"weights[{i}]", place) for i, array in enumerate(arrays)]


def _dense(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    outputs = _outputs(record, place)
    weights = _arrays(record, [(inputs, outputs), (outputs,)], 1, place)
    return Layer("dense", inputs, outputs, weights, as_activation(record.get("activation"), place))


def _lstm(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    outputs = _outputs(record, place)
    weights = _arrays(record, [(inputs, 4 * outputs), (outputs, 4 * outputs), (4 * outputs,)], 2, place)
    return Layer("lstm", inputs, outputs, weights)


def _gru(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    outputs = _outputs(record, place)
    weights = _arrays(record, [(inputs, 3 * outputs), (outputs, 3 * outputs), (2, 3 * outputs)], 2, place)
    return Layer("gru", inputs, outputs, weights)


def _one(record: dict[str, Any], key: str, place: ModelPlace) -> int:
    """A size, alone or as a list of one."""
    value = member(record, key, place)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return as_size(value, key, place)


def _conv1d(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    outputs = _outputs(record, place)
    size = _one(record, "kernel_size", place)
    groups = as_size(record.get("groups", 1), "groups", place)
    if inputs % groups or outputs % groups:
        raise place.wrong("groups", f"a divisor of {inputs} inputs and {outputs} outputs", str(groups))
    weights = _arrays(record, [(size, inputs // groups, outputs), (outputs,)], 1, place)
    extra = {"kernel_size": size, "dilation": _one(record, "dilation", place), "groups": groups}
    return Layer(
        "conv1d", inputs, outputs, weights, as_activation(record.get("activation"), place), extra=extra
    )


def _conv2d(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    outputs = _outputs(record, place)
    keys = {
        "kernel_size": "kernel_size_time",
        "kernel_size_feature": "kernel_size_feature",
        "dilation": "dilation",
        "stride": "strides",
        "filters_in": "num_filters_in",
        "features_in": "num_features_in",
        "filters_out": "num_filters_out",
    }
    extra: dict[str, Any] = {name: _one(record, key, place) for name, key in keys.items()}
    padding = member(record, "padding", place)
    if padding not in ("same", "valid"):
        raise place.wrong("padding", "'same' or 'valid'", describe(padding))
    extra["same_padding"] = padding == "same"
    shape = tuple(extra[key] for key in ("kernel_size", "kernel_size_feature", "filters_in", "filters_out"))
    weights = _arrays(record, [shape, (extra["filters_out"],)], 1, place)
    return Layer(
        "conv2d", inputs, outputs, weights, as_activation(record.get("activation"), place), extra=extra
    )


def _normalisation(record: dict[str, Any], kind: str, inputs: int, channels: int, place: ModelPlace) -> Layer:
    found = len(as_list(member(record, "weights", place), "weights", place))
    if found not in (2, 4):
        raise place.wrong("weights", "4 arrays (gamma, beta, mean, variance) or 2", str(found))
    weights = _arrays(record, [(channels,)] * found, found, place)
    epsilon = as_number(member(record, "epsilon", place), "epsilon", place)
    activation = as_activation(record.get("activation"), place)
    extra = {"epsilon": epsilon, "filters_in": channels}
    return Layer(kind, inputs, _outputs(record, place), weights, activation, extra=extra)


def _batchnorm(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    return _normalisation(record, "batchnorm", inputs, inputs, place)


def _batchnorm2d(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    channels = _one(record, "num_filters_in", place)
    return _normalisation(record, "batchnorm2d", inputs, channels, place)


def _prelu(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    arrays = as_list(member(record, "weights", place), "weights", place)
    if len(arrays) != 1:
        raise place.wrong("weights", "1 array of slopes", str(len(arrays)))
    slopes = as_array(arrays[0], (1, None), "weights[0]", place)[0]
    if slopes.size not in (1, inputs):
        raise place.wrong("weights[0]", f"{inputs} slopes or a single one", str(slopes.size))
    return Layer(
        "prelu", inputs, _outputs(record, place), [slopes], as_activation(record.get("activation"), place)
    )


def _activation(record: dict[str, Any], inputs: int, place: ModelPlace) -> Layer:
    if "shape" in record:
        expect_size(_outputs(record, place), inputs, "shape, last entry", place)
    return Layer("activation", inputs, inputs, [], as_activation(member(record, "activation", place), place))


READERS: dict[str, Callable[[dict[str, Any], int, ModelPlace], Layer]] = {
    "dense": _dense,
    "time-distributed-dense": _dense,
    "lstm": _lstm,
    "gru": _gru,
    "conv1d": _conv1d,
    "conv2d": _conv2d,
    "batchnorm": _batchnorm,
    "batchnorm2d": _batchnorm2d,
    "prelu": _prelu,
    "activation": _activation,
}
