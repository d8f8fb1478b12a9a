"""Dialect 4: a PyTorch state_dict as JSON, a flat object of tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emohost.networks.formats import torch_layouts
from emohost.networks.formats.draft import MAX_LAYERS, Draft
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32, ModelPlace, as_array, as_size, describe

NAME = "PyTorch state_dict"
RECURRENT_KEY = re.compile(r"(weight_ih|weight_hh|bias_ih|bias_hh)_l([0-9]{1,3})\Z")
PLAIN_KEYS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
TORCH_EPSILON = 1e-5  # of BatchNorm1d, which a state_dict does not hold


@dataclass(frozen=True)
class Hints:
    """What the tensors of convolutions do not show, one entry for each convolution in order; absent: 1 and whatever
    fits."""

    dilations: Sequence[int] | None = None
    groups: Sequence[int] | None = None


@dataclass
class Module:
    """The tensors of one PyTorch module, or of one layer of a stacked recurrent one."""

    name: str
    tensors: dict[str, Any] = field(default_factory=dict)


def looks_like(top: dict[str, Any]) -> bool:
    last = (key.rpartition(".")[2] for key in top)
    return any(name in PLAIN_KEYS or name.startswith(("weight_", "bias_")) for name in last)


def read(top: dict[str, Any], place: ModelPlace, inputs: int | None, hints: Hints) -> Draft:
    """`inputs` is the role's input size, where there is a role: a first convolution's groups follow from it."""
    modules = _modules(top, place)
    if len(modules) > MAX_LAYERS:
        raise place.wrong("layers", f"1 to {MAX_LAYERS} layers", str(len(modules)))
    layers: list[Layer] = []
    convolutions = 0
    width = inputs
    for index, module in enumerate(modules):
        kind = _kind(module, place.at_layer(index, describe(module.name)))
        here = place.at_layer(index, f"{kind} {describe(module.name)}")
        if kind == "conv1d":
            layer = _conv1d(module, width, convolutions, hints, here)
            convolutions += 1
        elif kind == "prelu":
            layer = _prelu(module, width, here)
        else:
            layer = READERS[kind](module, here)
        layer.label = here.layer
        if layers and layer.inputs != layers[-1].outputs:
            raise here.wrong("inputs", str(layers[-1].outputs), str(layer.inputs))
        layers.append(layer)
        width = layer.outputs
    draft = Draft(NAME, layers[0].inputs, layers, {}, names_activations=False)
    _check_hints(hints, convolutions, draft, place)
    return draft


def _modules(top: dict[str, Any], place: ModelPlace) -> list[Module]:
    modules: dict[tuple[str, str], Module] = {}
    for key, value in top.items():
        name, _, last = key.rpartition(".")
        stacked = RECURRENT_KEY.match(last)
        if stacked:
            last, number = stacked.groups()
        elif last in PLAIN_KEYS:
            number = ""
        else:
            raise place.error(
                f"{describe(key)}: expected a tensor of a dense, lstm, gru, 1-D convolution, batch norm or PReLU "
                "layer (one direction, no projection)"
            )
        modules.setdefault((name, number), Module(f"{name}.l{number}" if number else name)).tensors[last] = (
            value
        )
    return list(modules.values())


def _kind(module: Module, place: ModelPlace) -> str:
    """The layer that has such tensors."""
    if "weight_hh" in module.tensors or "weight_ih" in module.tensors:
        hh = _tensor(module, "weight_hh", (None, None), place)
        rows, units = hh.shape
        if rows == 4 * units:
            return "lstm"
        if rows == 3 * units:
            return "gru"
        raise place.wrong("weight_hh", "[4 n][n] (lstm) or [3 n][n] (gru)", f"[{rows}][{units}]")
    if "running_mean" in module.tensors or "running_var" in module.tensors:
        return "batchnorm"
    depth = _depth(module.tensors.get("weight"))
    if depth == 2:
        return "dense"
    if depth == 3:
        return "conv1d"
    if depth == 1 and "bias" not in module.tensors:
        return "prelu"
    shapes = "[out][in] (dense), [out][in][k] (convolution) or [n] without bias (PReLU)"
    raise place.wrong(
        "weight", shapes, f"{depth} dimensions" if depth else describe(module.tensors.get("weight"))
    )


def _depth(value: object) -> int:
    depth = 0
    while isinstance(value, list) and depth < 8:
        depth += 1
        value = value[0] if value else None
    return depth


def _tensor(module: Module, key: str, shape: Sequence[int | None], place: ModelPlace) -> Float32:
    if key not in module.tensors:
        raise place.error(f"{key} is missing; found {', '.join(module.tensors)}")
    return as_array(module.tensors[key], shape, key, place)


def _optional(module: Module, key: str, shape: Sequence[int | None], place: ModelPlace) -> Float32 | None:
    return None if module.tensors.get(key) is None else _tensor(module, key, shape, place)


def _dense(module: Module, place: ModelPlace) -> Layer:
    weight = _tensor(module, "weight", (None, None), place)
    return torch_layouts.dense(weight, _optional(module, "bias", weight.shape[:1], place))


def _lstm(module: Module, place: ModelPlace) -> Layer:
    return torch_layouts.lstm(*_recurrent(module, 4, place))


def _gru(module: Module, place: ModelPlace) -> Layer:
    return torch_layouts.gru(*_recurrent(module, 3, place))


def _recurrent(
    module: Module, gates: int, place: ModelPlace
) -> tuple[Float32, Float32, Float32 | None, Float32 | None]:
    hh = _tensor(module, "weight_hh", (None, None), place)
    rows = gates * hh.shape[1]
    ih = _tensor(module, "weight_ih", (rows, None), place)
    return ih, hh, _optional(module, "bias_ih", (rows,), place), _optional(module, "bias_hh", (rows,), place)


def _conv1d(module: Module, width: int | None, index: int, hints: Hints, place: ModelPlace) -> Layer:
    weight = _tensor(module, "weight", (None, None, None), place)
    bias = _optional(module, "bias", weight.shape[:1], place)
    outputs, group_inputs, _ = weight.shape
    groups = (width or group_inputs) // group_inputs or 1
    if hints.groups is not None and index < len(hints.groups):
        groups = as_size(hints.groups[index], "groups", place)
    if outputs % groups:
        raise place.wrong("groups", f"a divisor of {outputs} outputs", str(groups))
    dilation = 1
    if hints.dilations is not None and index < len(hints.dilations):
        dilation = as_size(hints.dilations[index], "dilation", place)
    return torch_layouts.conv1d(weight, bias, dilation, groups)


def _batchnorm(module: Module, place: ModelPlace) -> Layer:
    mean = _tensor(module, "running_mean", (None,), place)
    channels = mean.shape
    variance = _tensor(module, "running_var", channels, place)
    affine = []
    if "weight" in module.tensors or "bias" in module.tensors:
        affine = [_tensor(module, "weight", channels, place), _tensor(module, "bias", channels, place)]
    extra = {"epsilon": TORCH_EPSILON}
    return Layer("batchnorm", mean.size, mean.size, [*affine, mean, variance], extra=extra)


def _prelu(module: Module, width: int | None, place: ModelPlace) -> Layer:
    """One slope for each value, or a single one."""
    slopes = _tensor(module, "weight", (None,), place)
    width = width if width and slopes.size == 1 else slopes.size
    return Layer("prelu", width, width, [slopes])


READERS: dict[str, Callable[[Module, ModelPlace], Layer]] = {
    "dense": _dense,
    "lstm": _lstm,
    "gru": _gru,
    "batchnorm": _batchnorm,
}


def _check_hints(hints: Hints, convolutions: int, draft: Draft, place: ModelPlace) -> None:
    for what, given in (("dilations", hints.dilations), ("groups", hints.groups)):
        if given is not None and len(given) != convolutions:
            raise place.wrong(what, f"{convolutions}, one for each convolution", str(len(given)))
    if convolutions and hints.dilations is None:
        draft.warnings.append(
            f"{place.file}: a state_dict does not hold dilations; 1 is assumed (`dilations`)"
        )
    if any(layer.kind == "batchnorm" for layer in draft.layers):
        draft.warnings.append(
            f"{place.file}: a state_dict does not hold a batch norm's epsilon; 1e-5 is assumed"
        )
