"""The groove network: from the emotion of a passage to how its sixteenths are stressed and timed.

A drummer shows tempo, density and loudness, but neither mode nor key. So a part of the passages is shown with a valence
that is moved by a mode drawn at random: of a valence that only a mode can cause, the network learns that it says
nothing of the drums. That emphasis rises with arousal is asked for besides (a hinge on its slope), also where no
drummer of the set was so calm or so excited.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.data_sets.labels import WEIGHTS
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.modules import encoded, standard_module
from emohost.training.fitting.passes import Passes, fit_in_passes
from emohost.training.groove.data import Float64, Passages, load
from emohost.training.progress import Progress

DATA = (
    "Groove MIDI Dataset (J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, 'Learning to Groove with Inverse "
    "Sequence Transformations', ICML 2019), its own training split, 4/4"
)
LICENCE = "BSD-3-Clause; data CC BY 4.0, https://magenta.tensorflow.org/datasets/groove"

PASSES = Passes(count=400, batch=1024, rate=4e-3)
JITTER = 0.005  # of valence and arousal; with 0.03 the fine differences of tempo and density are lost
IN_A_MODE = 0.15  # of the passages
CALM = 2.0  # weight of the variety of offsets: nearly all of it is the drummer's and not the emotion's
LEAST_SLOPE = 0.25  # of the mean emphasis over arousal
RISE = 0.1  # of arousal, over which the slope is taken
SLOPE_SHARE = 1.0


def prepare(data: Path, cache: Path, progress: Progress) -> Passages:
    return load(data, cache, progress)


def fit(passages: Passages, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the least loss on the validation split."""
    torch.manual_seed(seed)
    module = standard_module(ROLES["groove"])
    train, validation = passages.of("train"), passages.of("validation")

    def loss(chosen: NDArray[np.int64], random: np.random.Generator) -> torch.Tensor:
        emphasis, offset, variety = _errors(module, _seen(train.emotion[chosen], random), train, chosen)
        return emphasis + offset + CALM * variety + SLOPE_SHARE * _flatness(module, random)

    def held_out(now: nn.Module) -> float:
        emphasis, offset, _ = _errors(now, validation.emotion, validation, slice(None))
        return float(emphasis + offset)

    return fit_in_passes(
        module,
        loss,
        held_out,
        PASSES,
        what="fitting groove",
        examples=len(train.emotion),
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )


def _seen(emotion: Float64, random: np.random.Generator) -> Float64:
    """With jitter, and some in a mode of any kind."""
    count = len(emotion)
    mode = random.uniform(-1, 1, count) * (random.random(count) < IN_A_MODE)
    moved = emotion + random.normal(0, JITTER, emotion.shape)
    moved[:, 0] += WEIGHTS["mode"][0] * mode
    return moved


def _errors(module: nn.Module, emotion: Float64, passages: Passages, chosen: Any) -> tuple[torch.Tensor, ...]:
    """Of emphasis and offset, and how much offsets differ from one emotion to another."""
    said = module(encoded(emotion)).unflatten(-1, (16, 2))
    emphasis, offset, hits = (
        torch.from_numpy(each[chosen].astype(np.float32))
        for each in (passages.emphasis, passages.offset, passages.hits)
    )
    late = (hits * (said[..., 1] - offset) ** 2).sum() / hits.sum()
    return ((said[..., 0] - emphasis) ** 2).mean(), late, said[..., 1].var(dim=0).mean()


def _flatness(module: nn.Module, random: np.random.Generator) -> torch.Tensor:
    """How far the slope of the mean emphasis over arousal falls short, anywhere in the circumplex."""
    low = 0.95 * random.uniform(-1, 1, (256, 2))
    low, high = (module(encoded(low + np.array([0.0, rise])))[:, ::2].mean(-1) for rise in (0.0, RISE))
    return (torch.relu(LEAST_SLOPE - (high - low) / RISE) ** 2).mean()
