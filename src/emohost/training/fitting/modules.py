"""Networks as torch modules. Needs torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.emotion import encode
from emohost.networks.roles import Role

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "softmax": lambda: nn.Softmax(-1)}


class Chain(nn.Sequential):
    """Layers one after the other, of which some may be recurrent (batch first); their state is let go."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for child in self:
            x = child(x)
            if isinstance(x, tuple):
                x, _ = x
        return x

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """What goes into the last layer, an activation."""
        without: torch.Tensor = Chain(*list(self)[:-1])(x)
        return without


def standard_module(role: Role) -> Chain:
    """The role's standard architecture."""
    children: list[nn.Module] = []
    width = role.inputs
    for index, (kind, size) in enumerate(role.layers):
        if kind == "lstm":
            children.append(nn.LSTM(width, size, batch_first=True))
        else:
            activation = role.output if index == len(role.layers) - 1 else role.hidden
            children += [nn.Linear(width, size), ACTIVATIONS[activation]()]
        width = size
    return Chain(*children)


def encoded(emotion: NDArray[np.floating]) -> torch.Tensor:
    """(..., 2) valence and arousal to (..., 64)."""
    return torch.from_numpy(encode(emotion[..., 0], emotion[..., 1]))
