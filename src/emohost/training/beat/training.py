"""The beat network: from what is heard of a hop to whether a beat, and a downbeat, has just been.

It is fitted to stretches that begin anywhere, a little faster or slower than they were, through equalisers, with bands
shifted and in noise at random; what it says in the first second of a stretch does not count. The best pass is that
after which the listener's bar pointer tells the beats of whole clips best.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.beat.data import BANDS, DECADES, HOP_S, HeardClips, targets, with_rises
from emohost.training.beat.data import load as load_heard
from emohost.training.beat.measures import f_of_beats, tracked
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.modules import Chain, standard_module
from emohost.training.fitting.passes import Passes, fit_in_passes
from emohost.training.progress import Progress
from emohost.training.rendering.render import Float32

DATA = (
    "clips of 45 s rendered with fluidsynth (FluidR3 GM), tempo and timing varied: POP909 (Z. Wang et al., ISMIR "
    "2020), lead sheets of OpenEWLD with accompaniments, Groove MIDI Dataset (J. Gillick et al., ICML 2019)"
)
LICENCE = (
    "BSD-3-Clause; data: POP909 MIT, OpenEWLD public domain, Groove MIDI CC BY 4.0, "
    "https://magenta.tensorflow.org/datasets/groove"
)

PASSES = Passes(count=16, batch=48, rate=3e-3, average=300)
PER_CLIP = 9  # stretches of a clip in a pass
STRETCH = round(12 / HOP_S)  # hops
SETTLING = round(1 / HOP_S)  # hops at the start of a stretch that do not count
BEAT_WEIGHT, DOWNBEAT_WEIGHT = 5.0, 8.0  # of a hop with a beat against one without
DOWNBEAT_SHARE = 0.5  # of the loss, against that of beats
SHIFT = 2  # bands up or down
EQUALISER = 0.05  # spread of a band's level
STRETCHED, MOST_STRETCHED = 0.5, 0.16  # share of the stretches; largest change of the tempo
NOISY = 0.3  # share of the stretches
NOISE = (-3.5, -0.7)  # decades below the loudest band


@dataclass(frozen=True)
class Prepared:
    train: HeardClips
    validation: HeardClips


def prepare(data: Path, cache: Path, progress: Progress) -> Prepared:
    return Prepared(
        load_heard(data, cache, "train", progress), load_heard(data, cache, "validation", progress)
    )


def fit(prepared: Prepared, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the best F on validation."""
    torch.manual_seed(seed)
    module = standard_module(ROLES["beat"])
    train, validation = prepared.train, prepared.validation

    def loss(chosen: NDArray[np.int64], random: np.random.Generator) -> torch.Tensor:
        rows = [stretch(train, int(each) // PER_CLIP, random) for each in chosen]
        levels = varied(np.stack([levels for levels, _ in rows]), random)
        target = np.stack([target for _, target in rows])
        said = module.logits(torch.from_numpy(with_rises(levels)))
        return error(said[:, SETTLING:], torch.from_numpy(target[:, SETTLING:]))

    def held_out(now: nn.Module) -> float:
        assert isinstance(now, Chain)
        return 1 - float(np.mean(scores(now, validation)))

    fitted = fit_in_passes(
        module,
        loss,
        held_out,
        PASSES,
        what="fitting beat",
        examples=len(train.target) * PER_CLIP,
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )
    return as_probabilities(fitted)


@torch.no_grad()
def as_probabilities(module: nn.Module) -> nn.Module:
    """What it says is how likely a beat is. Fitted to weights it says more, and the bar pointer then believes in beats
    between the beats."""
    last = [child for child in module.children() if isinstance(child, nn.Linear)][-1]
    last.bias -= torch.log1p(torch.tensor([BEAT_WEIGHT, DOWNBEAT_WEIGHT]))
    return module


def error(said: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Weighted cross entropy of logits (..., 2)."""
    weight = 1 + torch.tensor([BEAT_WEIGHT, DOWNBEAT_WEIGHT]) * target
    each = nn.functional.binary_cross_entropy_with_logits(said, target, weight, reduction="none")
    by_output = each.mean(dim=(0, 1))
    return by_output[0] + DOWNBEAT_SHARE * by_output[1]


@torch.no_grad()
def scores(module: Chain, heard: HeardClips) -> list[float]:
    """F of each clip's beats, as the bar pointer tells them."""
    weights = np.log1p([BEAT_WEIGHT, DOWNBEAT_WEIGHT])
    said = module.logits(torch.from_numpy(with_rises(heard.levels.astype(np.float32)))).numpy()
    likely = (1 / (1 + np.exp(weights - said))).astype(np.float32)
    at_s = np.arange(1, said.shape[1] + 1, dtype=np.float64) * HOP_S
    return [
        f_of_beats(beats, tracked(each, at_s)[0]) for beats, each in zip(heard.beats, likely, strict=True)
    ]


def stretch(heard: HeardClips, clip: int, random: np.random.Generator) -> tuple[Float32, Float32]:
    """STRETCH hops of a clip from anywhere, at another tempo at times: levels (STRETCH, BANDS), target (STRETCH, 2)."""
    tempo = 1.0
    if random.random() < STRETCHED:
        tempo = float(np.exp(random.uniform(-MOST_STRETCHED, MOST_STRETCHED)))
    last = len(heard.levels[clip]) - 1 - (STRETCH - 1) * tempo
    place = random.uniform(0, last) + tempo * np.arange(STRETCH)
    if tempo == 1.0:
        place = np.floor(place)
    low = place.astype(np.int64)
    above = heard.levels[clip, np.minimum(low + 1, len(heard.levels[clip]) - 1)].astype(np.float32)
    below = heard.levels[clip, low].astype(np.float32)
    levels = below + (place - low).astype(np.float32)[:, None] * (above - below)
    at_s = np.arange(1, STRETCH + 1, dtype=np.float64) * HOP_S
    began = place[0] * HOP_S
    target = [targets((times - began) / tempo, at_s) for times in (heard.beats[clip], heard.downbeats[clip])]
    return levels, np.stack(target, axis=1)


def varied(levels: Float32, random: np.random.Generator) -> Float32:
    """Levels (n, hops, BANDS) through equalisers, shifted and in noise, another way for each stretch."""
    moved = np.array(levels, dtype=np.float32)
    for row in moved:
        if shift := int(random.integers(-SHIFT, SHIFT + 1)):
            row[:] = np.roll(row, shift, axis=1)
            if shift > 0:
                row[:, :shift] = row[:, shift : shift + 1]
            else:
                row[:, shift:] = row[:, shift - 1 : shift]
        row += np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 8), random.normal(0, EQUALISER, 8))
        if random.random() < NOISY:
            row[:] = _in_noise(row, random)
    return moved


def _in_noise(levels: Float32, random: np.random.Generator) -> Float32:
    """Noise of a random slope, whose bands flutter as those of a crowd do."""
    usual = random.uniform(*NOISE) + random.uniform(-2, 0.5) * np.linspace(0, 1, BANDS)
    flutter = random.gamma(random.uniform(2, 12), size=levels.shape)
    noise = 10.0**usual * flutter / flutter.mean()
    decades = np.log10(10.0 ** ((levels - 1) * DECADES / 2) + noise)
    return np.asarray(1 + 2 * decades / DECADES, dtype=np.float32)
