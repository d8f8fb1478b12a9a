"""The emotion network as a module of torch, and the features that it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost.emotion import AXIS, CENTRES
from emohost.training.data_sets.folders import Arrays

DROPOUT = 0.1
LEAST_DEVIATION = 0.01  # of a feature that hardly varies
# Of valence and arousal as a network answers them: in doubt it answers less steeply than emohost.emotion.SLOPE.
ANSWER_SLOPES = (2.4, 3.0)

State = dict[str, Any]


@dataclass(frozen=True)
class Usual:
    """What features usually are: means and deviations (128,). The network learns from standardised ones, so that those
    that vary little count as much as the others."""

    mean: np.ndarray[Any, Any]
    deviation: np.ndarray[Any, Any]

    @classmethod
    def of(cls, arrays: Arrays) -> Usual:
        """Of the training sessions, at each hundredth hop."""
        end = arrays["starts"][int(arrays["validation"])]
        some = np.asarray(arrays["features"][:end:100], dtype=np.float64)
        deviation = np.maximum(some.std(axis=0), LEAST_DEVIATION)
        return cls(some.mean(axis=0).astype(np.float32), deviation.astype(np.float32))

    def standardised(self, features: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray((features - self.mean) / self.deviation)

    def folded_into(self, module: EmotionModule) -> EmotionModule:
        """The module, changed so that it takes features as they are."""
        first = module.front[0]
        assert isinstance(first, nn.Linear)
        with torch.no_grad():
            first.weight /= torch.from_numpy(self.deviation)
            first.bias -= first.weight @ torch.from_numpy(self.mean)
        return module


class EmotionModule(nn.Module):
    """dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Sequential(
            nn.Linear(128, 512),
            nn.Tanh(),
            nn.Dropout(DROPOUT),
            nn.Linear(512, 256),
            nn.Tanh(),
            nn.Dropout(DROPOUT),
        )
        self.memory = nn.LSTM(256, 128, batch_first=True)
        self.back = nn.Sequential(nn.Linear(128, 64), nn.Tanh())

    @classmethod
    def of(cls, state: State) -> EmotionModule:
        """With these weights."""
        module = cls()
        module.load_state_dict(state)
        return module

    def forward(self, features: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, Any]:
        """(sessions, steps, 128) -> (sessions, steps, 64) and the state after the last step."""
        hidden, state = self.memory(self.front(features), state)
        return self.back(hidden), state


def calibrated(module: EmotionModule, axes: Sequence[tuple[float, float]]) -> EmotionModule:
    """The module, changed so that on each axis, (zero, scale) of `axes`, it answers `scale * (value - zero)` where it
    answered `value`. Entry i of an answer is about tanh(ANSWER_SLOPES[axis] * (value - CENTRES[i])), so that only the
    last layer changes."""
    last = module.back[0]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        for axis, (zero, scale) in enumerate(axes):
            half = slice(axis * AXIS, (axis + 1) * AXIS)
            moved = (scale - 1) * torch.from_numpy(CENTRES).float() - scale * zero
            last.weight[half] *= scale
            last.bias[half] = scale * last.bias[half] + ANSWER_SLOPES[axis] * moved
    return module
