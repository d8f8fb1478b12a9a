"""Dialect 2: the plugin's export "2.0"."""

from __future__ import annotations

from typing import Any

from emohost.networks.formats import torch_layouts
from emohost.networks.formats.activations import as_activation
from emohost.networks.formats.draft import Draft, each_layer, metadata_of
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import (
    Float32,
    ModelPlace,
    as_array,
    as_list,
    as_size,
    describe,
    expect_size,
    member,
)

NAME = 'plugin export "2.0"'


def read(top: dict[str, Any], place: ModelPlace) -> Draft:
    metadata = metadata_of(top, place)
    layers: list[Layer] = []
    for kind, record, here in each_layer(top, place):
        if kind not in ("dense", "lstm"):
            raise here.wrong("type", "dense or lstm", describe(kind))
        inputs = as_size(member(record, "in_size", here), "in_size", here)
        outputs = as_size(member(record, "out_size", here), "out_size", here)
        if layers:
            expect_size(inputs, layers[-1].outputs, "in_size", here)
        layer = (_dense if kind == "dense" else _lstm)(record, inputs, outputs, here)
        layer.label = here.layer
        layers.append(layer)
    if "input_size" in metadata:
        expect_size(metadata["input_size"], layers[0].inputs, "metadata.input_size", place)
    if "output_size" in metadata:
        expect_size(metadata["output_size"], layers[-1].outputs, "metadata.output_size", place)
    return Draft(NAME, layers[0].inputs, layers, metadata, names_activations=True)


def _dense(record: dict[str, Any], inputs: int, outputs: int, place: ModelPlace) -> Layer:
    weight = as_array(member(record, "weights", place), (outputs, inputs), "weights", place)
    bias = record.get("bias")
    layer = torch_layouts.dense(weight, None if bias is None else as_array(bias, (outputs,), "bias", place))
    layer.activation = as_activation(record.get("activation"), place)
    return layer


def _lstm(record: dict[str, Any], inputs: int, outputs: int, place: ModelPlace) -> Layer:
    """The exporter splits PyTorch's tensors into the four gates."""
    ih = _gates(member(record, "weights_ih", place), outputs, inputs, "weights_ih", place)
    hh = _gates(member(record, "weights_hh", place), outputs, outputs, "weights_hh", place)
    biases = []
    for key in ("bias_ih", "bias_hh"):
        value = record.get(key)
        biases.append(None if value is None else _gate_biases(value, outputs, key, place))
    return torch_layouts.lstm(ih, hh, *biases)


def _gates(value: object, rows: int, columns: int, what: str, place: ModelPlace) -> Float32:
    """[4][out][in], or unsplit [4 out][in]; as [4 out][in]."""
    gates = as_list(value, what, place)
    if len(gates) == 4 * rows and not _is_deep(gates, 2):
        return as_array(gates, (4 * rows, columns), what, place)
    return as_array(gates, (4, rows, columns), what, place).reshape(4 * rows, columns)


def _gate_biases(value: object, rows: int, what: str, place: ModelPlace) -> Float32:
    gates = as_list(value, what, place)
    if not _is_deep(gates, 1):
        return as_array(gates, (4 * rows,), what, place)
    return as_array(gates, (4, rows), what, place).reshape(4 * rows)


def _is_deep(value: object, levels: int) -> bool:
    """Whether the first entries are lists down to that many levels below `value`."""
    for _ in range(levels):
        if not isinstance(value, list) or not value or not isinstance(value[0], list):
            return False
        value = value[0]
    return True
