"""Dialect 3: "rtneural-json" 1.0."""

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

NAME = '"rtneural-json" 1.0'


def read(top: dict[str, Any], place: ModelPlace) -> Draft:
    layers: list[Layer] = []
    names_activations = False
    for kind, record, here in each_layer(top, place):
        names_activations = names_activations or record.get("activation") not in (None, "")
        if kind == "dense":
            found = [_dense(record, here)]
        elif kind == "lstm":
            found = _lstm(record, here)
        elif kind == "activation":
            found = [_activation(record, layers, top, here)]
        else:
            raise here.wrong("type", "dense, lstm or activation", describe(kind))
        for layer in found:
            layer.label = here.layer
            if layers and layer.inputs != layers[-1].outputs:
                raise here.wrong("inputs", str(layers[-1].outputs), str(layer.inputs))
            layers.append(layer)
    if top.get("input_size") is not None:
        expect_size(top["input_size"], layers[0].inputs, "input_size", place)
    if top.get("output_size") is not None:
        expect_size(top["output_size"], layers[-1].outputs, "output_size", place)
    return Draft(NAME, layers[0].inputs, layers, metadata_of(top, place), names_activations)


def _dense(record: dict[str, Any], place: ModelPlace) -> Layer:
    inputs = as_size(member(record, "in_features", place), "in_features", place)
    outputs = as_size(member(record, "out_features", place), "out_features", place)
    if "shape" in record:
        sizes = as_list(record["shape"], "shape", place)
        if len(sizes) != 2:
            raise place.wrong("shape", f"[{outputs}, {inputs}]", describe(sizes))
        expect_size(sizes[0], outputs, "shape[0] (out)", place)
        expect_size(sizes[1], inputs, "shape[1] (in)", place)
    weight = as_array(member(record, "weights", place), (outputs, inputs), "weights", place)
    bias = record.get("bias")
    layer = torch_layouts.dense(weight, None if bias is None else as_array(bias, (outputs,), "bias", place))
    layer.activation = as_activation(record.get("activation"), place)
    return layer


def _lstm(record: dict[str, Any], place: ModelPlace) -> list[Layer]:
    """One layer for each of `num_layers`."""
    inputs = as_size(member(record, "input_size", place), "input_size", place)
    hidden = as_size(member(record, "hidden_size", place), "hidden_size", place)
    count = as_size(record.get("num_layers", 1), "num_layers", place)
    if record.get("bidirectional", False) is not False:
        found = describe(record["bidirectional"])
        raise place.wrong("bidirectional", "false (the future is not known live)", found)
    stacks = {
        key: _stack(record, key, count, place) for key in ("weights_ih", "weights_hh", "bias_ih", "bias_hh")
    }
    layers = []
    for index in range(count):
        ih = as_array(stacks["weights_ih"][index], (4 * hidden, inputs), f"weights_ih[{index}]", place)
        hh = as_array(stacks["weights_hh"][index], (4 * hidden, hidden), f"weights_hh[{index}]", place)
        biases: list[Float32 | None] = [
            as_array(stacks[key][index], (4 * hidden,), f"{key}[{index}]", place) if stacks[key] else None
            for key in ("bias_ih", "bias_hh")
        ]
        layers.append(torch_layouts.lstm(ih, hh, *biases))
        inputs = hidden
    return layers


def _stack(record: dict[str, Any], key: str, count: int, place: ModelPlace) -> list[Any]:
    """One entry for each stacked layer. A bias may be absent, null or empty."""
    optional = key.startswith("bias")
    value = record.get(key) if optional else member(record, key, place)
    if optional and (value is None or value == []):
        return []
    entries = as_list(value, key, place)
    if len(entries) != count:
        raise place.wrong(key, f"{count} entries, one for each stacked layer", str(len(entries)))
    return entries


def _activation(record: dict[str, Any], before: list[Layer], top: dict[str, Any], place: ModelPlace) -> Layer:
    if before:
        width = before[-1].outputs
    else:
        width = as_size(
            member(top, "input_size", ModelPlace(place.file)), "input_size", ModelPlace(place.file)
        )
    return Layer("activation", width, width, [], as_activation(member(record, "activation", place), place))
