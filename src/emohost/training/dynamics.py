"""The dynamics network: from what is felt and heard to how loud and how long the parts play.

Every part learns from where it was played; what a performance does not tell is left out of the loss there. Velocities
rise with arousal also where no player of the sets was so calm or so excited: a hinge on their slopes asks for it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.checkpoint import Checkpoint
from emohost.training.dynamics_data import by_rule, load
from emohost.training.folders import Arrays
from emohost.training.labels import WEIGHTS
from emohost.training.loop import Rounds, encoded, fit_best, standard_module
from emohost.training.progress import Progress
from emohost.training.take import PARTS

DATA = (
    "POP909 (Z. Wang et al., 'POP909: A pop-song dataset for music arrangement generation', ISMIR 2020): velocities "
    "and lengths of melody, chords and bass; Groove MIDI Dataset (J. Gillick and others, "
    "'Learning to Groove with Inverse Sequence Transformations', ICML 2019): of drums; heard as FluidR3_GM renders them"
)
LICENCE = (
    "BSD-3-Clause; data: POP909 MIT, Groove MIDI Dataset CC BY 4.0 (https://magenta.tensorflow.org/datasets/groove), "
    "soundfont MIT"
)

ROUNDS = Rounds(most=1500, patience=500, learning_rate=2e-3, weight_decay=3e-2)
BATCH = 2048
JITTER = 0.01  # of valence and arousal
HEARD_JITTER = (
    0.15  # of level, onsets, articulation and clarity: rooms and instruments differ more than players
)
HEARD = (0, 1, 2, 3, 14)  # those entries of the context
RULE_SHARE = 0.3  # of the loss
ACCENT_SHARE = 0.1
LEAST_SLOPE = 0.1  # of each velocity over arousal
SLOPE_SHARE = 2.0

Tensors = dict[str, torch.Tensor]


def prepare(data: Path, cache: Path, progress: Progress) -> dict[str, Arrays]:
    return {split: load(data, cache, progress, split) for split in ("train", "validation")}


def fit(arrays: dict[str, Arrays], seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The weights that are best on the validation split."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    module = standard_module(ROLES["dynamics"])
    train, validation = (_tensors(arrays[split]) for split in ("train", "validation"))

    def loss(random: torch.Generator) -> torch.Tensor:
        chosen = torch.randint(len(train["emotion"]), (BATCH,), generator=random)
        batch = {name: tensor[chosen] for name, tensor in train.items()}
        batch["emotion"], batch["context"] = _seen(batch, random), _heard(batch["context"], random)
        return _error(module, batch) + SLOPE_SHARE * _flatness(module, batch["context"], random)

    def held_out() -> float:
        return float(_error(module, validation))

    fit_best(module, ROUNDS, loss, held_out, seed, "fitting the dynamics", progress, checkpoint)
    return module


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
    return torch.cat([encoded(emotion).unflatten(-1, (16, 4)).mean(-1), context], dim=-1)


def _seen(batch: Tensors, random: torch.Generator) -> torch.Tensor:
    """With jitter; where only drums play, in a mode of any kind."""
    emotion = batch["emotion"]
    only_drums = batch["known"][:, : PARTS.index("drums")].sum(-1) == 0
    mode = (2 * torch.rand(len(emotion), generator=random) - 1) * only_drums
    moved = emotion + JITTER * torch.randn(emotion.shape, generator=random)
    return moved + WEIGHTS["mode"][0] * mode[:, None] * torch.tensor([1.0, 0.0])


def _heard(context: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    noisy = context.clone()
    noisy[:, HEARD] += HEARD_JITTER * torch.randn((len(context), len(HEARD)), generator=random)
    return noisy


def _error(module: nn.Module, batch: Tensors) -> torch.Tensor:
    """Mean squares over what is known, each output by itself, so that rare parts count as much as busy ones."""
    said = module(_input(batch["emotion"], batch["context"]))
    squares = batch["known"] * (said - batch["wanted"]) ** 2
    each = squares.sum(0) / batch["known"].sum(0).clamp(min=1)
    return each[:8].mean() + ACCENT_SHARE * each[8] + RULE_SHARE * each[9:].mean()


def _flatness(module: nn.Module, context: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """How far the slopes of the velocities over arousal fall short, anywhere in the circumplex."""
    some = context[:256]
    at = 2 * torch.rand((len(some), 2), generator=random) - 1
    low, high = at * 0.95, at * 0.95 + torch.tensor([0.0, 0.1])
    rise = module(_input(high, some))[:, :4] - module(_input(low, some))[:, :4]
    return (torch.relu(LEAST_SLOPE - rise / 0.1) ** 2).mean()
