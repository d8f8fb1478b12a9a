"""From a torch module to a model file in RTNeural's layout. Needs torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost.networks.formats import torch_layouts
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32
from emohost.networks.formats.write import write_model
from emohost.networks.roles import Role

ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.Tanh: "tanh",
    nn.ReLU: "relu",
    nn.Sigmoid: "sigmoid",
    nn.Softmax: "softmax",
    nn.ELU: "elu",
}
ABSENT_WHEN_PLAYING = (nn.Dropout, nn.Identity)


def layers_of(module: nn.Module) -> list[Layer]:
    """The layers of a module that applies its children in the order in which they were assigned: Linear, LSTM and GRU
    (of one direction, any number of layers), followed by an activation or none. Dropout is left out. Raises ValueError
    naming any other child."""
    layers: list[Layer] = []
    for child in _leaves(module):
        if isinstance(child, ABSENT_WHEN_PLAYING):
            continue
        if type(child) in ACTIVATIONS:
            _activate(layers, child)
        elif isinstance(child, nn.Linear):
            layers.append(torch_layouts.dense(_array(child.weight), _array_or_none(child.bias)))
        elif isinstance(child, (nn.LSTM, nn.GRU)):
            layers.extend(_recurrent(child))
        else:
            raise ValueError(
                f"cannot export {type(child).__name__}: no layer of RTNeural's layout stands for it"
            )
    return layers


def export(file: Path, role: Role, layers: list[Layer], metadata: dict[str, Any]) -> None:
    """Writes the model file, whole or not at all. Raises ValueError for layers that are not of the role's size or that
    hold a weight that is not finite; OSError."""
    size = (layers[0].inputs, layers[-1].outputs)
    if size != (role.inputs, role.outputs):
        raise ValueError(
            f"the role {role.name} is {role.inputs} -> {role.outputs}, the layers {size[0]} -> {size[1]}"
        )
    for index, layer in enumerate(layers):
        if not all(np.isfinite(array).all() for array in layer.weights):
            raise ValueError(f"layer {index} ({layer.kind}) holds a weight that is not finite")
    write_model(file, layers, metadata)


def _leaves(module: nn.Module) -> Iterator[nn.Module]:
    children = list(module.children())
    if not children:
        yield module
    for child in children:
        yield from _leaves(child)


def _activate(layers: list[Layer], child: nn.Module) -> None:
    name = ACTIVATIONS[type(child)]
    if isinstance(child, nn.ELU) and child.alpha != 1.0:
        raise ValueError(f"cannot export ELU with alpha {child.alpha}: alpha must be 1")
    if not layers or layers[-1].kind != "dense" or layers[-1].activation != "linear":
        raise ValueError(f"cannot export {name}: expected a Linear before it")
    layers[-1].activation = name


def _recurrent(child: nn.LSTM | nn.GRU) -> list[Layer]:
    if child.bidirectional or getattr(child, "proj_size", 0):
        raise ValueError(f"cannot export a {type(child).__name__} that is bidirectional or has projections")
    convert = torch_layouts.lstm if isinstance(child, nn.LSTM) else torch_layouts.gru
    weights = {name: _array(tensor) for name, tensor in child.named_parameters()}
    return [
        convert(
            weights[f"weight_ih_l{layer}"],
            weights[f"weight_hh_l{layer}"],
            weights.get(f"bias_ih_l{layer}"),
            weights.get(f"bias_hh_l{layer}"),
        )
        for layer in range(child.num_layers)
    ]


def _array(tensor: torch.Tensor) -> Float32:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float32)


def _array_or_none(tensor: torch.Tensor | None) -> Float32 | None:
    return None if tensor is None else _array(tensor)
