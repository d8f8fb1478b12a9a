"""The dynamics network: from what is felt and heard to how loud and how long the parts play.

Every part learns from where it was played; what a performance does not tell is left out of the loss there. Velocities
rise with arousal also where no player of the sets was so calm or so excited: a hinge on their slopes asks for it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.data_sets.folders import Arrays
from emohost.training.data_sets.labels import WEIGHTS
from emohost.training.data_sets.take import PARTS
from emohost.training.dynamics.data import by_rule, load, pooled
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.modules import standard_module
from emohost.training.fitting.passes import Passes, fit_in_passes
from emohost.training.progress import Progress

DATA = (
    "POP909 (Z. Wang et al., 'POP909: A pop-song dataset for music arrangement generation', ISMIR 2020): velocities "
    "and lengths of melody, chords and bass; Groove MIDI Dataset (J. Gillick and others, "
    "'Learning to Groove with Inverse Sequence Transformations', ICML 2019): of drums; heard as FluidR3_GM renders them"
)
LICENCE = (
    "BSD-3-Clause; data: POP909 MIT, Groove MIDI Dataset CC BY 4.0 (https://magenta.tensorflow.org/datasets/groove), "
    "soundfont MIT"
)

PASSES = Passes(count=20, batch=2048, rate=2e-3, decay=3e-2)
JITTER = 0.1  # of valence and arousal: the host does not feel them as exactly as they are told here
HEARD_JITTER = (
    0.15  # of level, onsets, articulation and clarity: rooms and instruments differ more than players
)
HEARD = (0, 1, 2, 3, 14)  # those entries of the context
RULE_SHARE = 0.3  # of the loss
ACCENT_SHARE = 0.1
LEAST_SLOPE = 0.1  # of each velocity over arousal
RISE = 0.1  # of arousal, over which the slope is taken
SLOPE_SHARE = 2.0

Tensors = dict[str, torch.Tensor]
Random = np.random.Generator


def prepare(data: Path, cache: Path, progress: Progress) -> dict[str, Arrays]:
    return {split: load(data, cache, progress, split) for split in ("train", "validation")}


def fit(arrays: dict[str, Arrays], seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the least loss on the validation split."""
    torch.manual_seed(seed)
    module = standard_module(ROLES["dynamics"])
    train, validation = (_tensors(arrays[split]) for split in ("train", "validation"))

    def loss(chosen: NDArray[np.int64], random: Random) -> torch.Tensor:
        batch = {name: tensor[chosen] for name, tensor in train.items()}
        emotion, context = _seen(batch, random), _heard(batch["context"], random)
        return _error(module, emotion, context, batch) + SLOPE_SHARE * _flatness(module, context, random)

    return fit_in_passes(
        module,
        loss,
        lambda now: float(_error(now, validation["emotion"], validation["context"], validation)),
        PASSES,
        what="fitting dynamics",
        examples=len(train["emotion"]),
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )


def _tensors(arrays: Arrays) -> Tensors:
    """Targets (n, 16), and which of them are known."""
    emotion, context = (np.asarray(arrays[name], dtype=np.float64) for name in ("emotion", "context"))
    learnt = [np.asarray(arrays[name], dtype=np.float64) for name in ("velocity", "gate")]
    accent = np.asarray(arrays["accent"], dtype=np.float64)[:, None]
    wanted = np.concatenate([*learnt, accent, by_rule(emotion, context[:, 0])], axis=1)
    columns = {
        "emotion": emotion,
        "context": context,
        "wanted": np.nan_to_num(wanted),
        "known": ~np.isnan(wanted),
    }
    return {name: torch.from_numpy(np.asarray(array, dtype=np.float32)) for name, array in columns.items()}


def _input(emotion: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
    points = emotion.numpy()
    return torch.cat([torch.from_numpy(pooled(points[:, 0], points[:, 1])), context], dim=-1)


def _seen(batch: Tensors, random: Random) -> torch.Tensor:
    """With jitter; where only drums play, in a mode of any kind."""
    moved = batch["emotion"] + _normal(random, JITTER, batch["emotion"].shape)
    only_drums = batch["known"][:, : PARTS.index("drums")].sum(-1) == 0
    mode = torch.from_numpy(random.uniform(-1, 1, len(moved)).astype(np.float32)) * only_drums
    moved[:, 0] += WEIGHTS["mode"][0] * mode
    return moved


def _heard(context: torch.Tensor, random: Random) -> torch.Tensor:
    noisy = context.clone()
    noisy[:, HEARD] += _normal(random, HEARD_JITTER, (len(context), len(HEARD)))
    return noisy


def _normal(random: Random, spread: float, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.from_numpy(random.normal(0, spread, shape).astype(np.float32))


def _error(module: nn.Module, emotion: torch.Tensor, context: torch.Tensor, targets: Tensors) -> torch.Tensor:
    """Mean squares over what is known, each output by itself, so that rare parts count as much as busy ones."""
    said = module(_input(emotion, context))
    squares = targets["known"] * (said - targets["wanted"]) ** 2
    each = squares.sum(0) / targets["known"].sum(0).clamp(min=1)
    return each[:8].mean() + ACCENT_SHARE * each[8] + RULE_SHARE * each[9:].mean()


def _flatness(module: nn.Module, context: torch.Tensor, random: Random) -> torch.Tensor:
    """How far the slopes of the velocities over arousal fall short, anywhere in the circumplex."""
    some = context[:256]
    at = torch.from_numpy(0.95 * random.uniform(-1, 1, (len(some), 2)).astype(np.float32))
    above = at + torch.tensor([0.0, RISE])
    rise = module(_input(above, some))[:, :4] - module(_input(at, some))[:, :4]
    return (torch.relu(LEAST_SLOPE - rise / RISE) ** 2).mean()
