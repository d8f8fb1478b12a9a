"""The groove network: from the emotion of a passage to how its sixteenths are stressed and timed.

A drummer shows tempo, density and loudness, but neither mode nor key. So a part of the passages is shown with a valence
that is moved by a mode drawn at random: of a valence that only a mode can cause, the network learns that it says
nothing of the drums. That emphasis rises with arousal is asked for besides (a hinge on its slope), also where no
drummer of the set was so calm or so excited.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.checkpoint import Checkpoint
from emohost.training.groove_data import Passages, load
from emohost.training.labels import WEIGHTS
from emohost.training.loop import Rounds, encoded, fit_best, standard_module
from emohost.training.progress import Progress

DATA = (
    "Groove MIDI Dataset (J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, 'Learning to Groove with Inverse "
    "Sequence Transformations', ICML 2019), its own training split, 4/4"
)
LICENCE = "BSD-3-Clause; data CC BY 4.0, https://magenta.tensorflow.org/datasets/groove"

ROUNDS = Rounds(most=3000, patience=1000, learning_rate=4e-3, weight_decay=1e-4)
BATCH = 1024
JITTER = 0.005  # of valence and arousal; with 0.03 the fine differences of tempo and density are lost
IN_A_MODE = 0.3  # of the passages
OFFSET_SHARE = 1.0
LEAST_SLOPE = 0.25  # of the mean emphasis over arousal
SLOPE_SHARE = 1.0


def prepare(data: Path, cache: Path, progress: Progress) -> Passages:
    return load(data, cache, progress)


def fit(passages: Passages, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The weights that are best on the validation split."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    module = standard_module(ROLES["groove"])
    train, validation = _tensors(passages.of("train")), _tensors(passages.of("validation"))

    def loss(random: torch.Generator) -> torch.Tensor:
        chosen = torch.randint(len(train["emotion"]), (BATCH,), generator=random)
        batch = {name: tensor[chosen] for name, tensor in train.items()}
        error = _error(module, _seen(batch["emotion"], random), batch)
        return error + SLOPE_SHARE * _flatness(module, random)

    def held_out() -> float:
        return float(_error(module, validation["emotion"], validation))

    fit_best(module, ROUNDS, loss, held_out, seed, "fitting the groove", progress, checkpoint)
    return module


def _tensors(passages: Passages) -> dict[str, torch.Tensor]:
    columns = {name: getattr(passages, name) for name in ("emotion", "emphasis", "offset", "hits")}
    return {name: torch.from_numpy(np.asarray(array, dtype=np.float32)) for name, array in columns.items()}


def _seen(emotion: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """With jitter, and some in a mode of any kind."""
    count = len(emotion)
    mode = (2 * torch.rand(count, generator=random) - 1) * (torch.rand(count, generator=random) < IN_A_MODE)
    moved = emotion + JITTER * torch.randn(emotion.shape, generator=random)
    return moved + WEIGHTS["mode"][0] * mode[:, None] * torch.tensor([1.0, 0.0])


def _error(module: nn.Module, emotion: torch.Tensor, wanted: dict[str, torch.Tensor]) -> torch.Tensor:
    said = module(encoded(emotion)).unflatten(-1, (16, 2))
    emphasis = ((said[..., 0] - wanted["emphasis"]) ** 2).mean()
    hits = wanted["hits"]
    offset = (hits * (said[..., 1] - wanted["offset"]) ** 2).sum() / hits.sum()
    return emphasis + OFFSET_SHARE * offset


def _flatness(module: nn.Module, random: torch.Generator) -> torch.Tensor:
    """How far the slope of the mean emphasis over arousal falls short, anywhere in the circumplex."""
    at = 2 * torch.rand((256, 2), generator=random) - 1
    above = at + torch.tensor([0.0, 0.1])
    mean = [
        module(encoded(each)).unflatten(-1, (16, 2))[..., 0].mean(-1) for each in (at * 0.95, above * 0.95)
    ]
    slope = (mean[1] - mean[0]) / 0.095
    return (torch.relu(LEAST_SLOPE - slope) ** 2).mean()
