"""Trains the melody network: emotion in, for each MIDI note the probability that it begins at this sixteenth.

The network steps once a sixteenth and is told nothing but the emotion: neither the bar, whose accents the host adds
with the onset factors of ext/core/music, nor the notes before, which the interval prior stands for. So its answer is
what an emotion sings, and how often. Fitted by the binary cross-entropy of all 128 notes, on stretches that begin
anywhere in a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.networks.roles import ROLES
from emohost.training.data_sets.folders import Arrays
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.modules import Chain, encoded, standard_module
from emohost.training.fitting.passes import Passes, fit_in_passes
from emohost.training.melody.data import NONE, Melody, Stretch, load_songs, melodies
from emohost.training.progress import Progress

DATA = (
    "POP909 (Wang et al. 2020), songs in 4/4, and OpenEWLD lead sheets in 4/4; a tenth of the songs each for "
    "validation and test"
)
LICENCE = "BSD-3-Clause; trained on POP909 (MIT) and OpenEWLD (public domain)"

LENGTH = 64  # steps of a training stretch
PASSES = Passes(count=2, batch=32, rate=3e-3)
NOISE = 0.05  # of the emotion, so that neighbours answer alike


def prepare(data: Path, cache: Path, progress: Progress) -> Arrays:
    """`train_` and `validation_`: emotion (N, LENGTH, 2) stretched, pitch (N, LENGTH)."""
    songs = load_songs(data, cache, progress)
    found = {"train": melodies(songs.of("train")), "validation": melodies(songs.of("validation"))}
    stretch = Stretch.of(found["train"])
    arrays: Arrays = {}
    for split, sung in found.items():
        emotion, pitch = _stretches(sung, stretch)
        arrays |= {f"{split}_emotion": emotion, f"{split}_pitch": pitch}
    return arrays


def fit(arrays: Arrays, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the least loss on the validation songs."""
    torch.manual_seed(seed)
    module = standard_module(ROLES["melody"])
    with torch.no_grad():  # notes are rare: begin there instead of at a half
        module[-2].bias.fill_(-6.0)
    emotion: Any = arrays["train_emotion"]
    pitch: Any = arrays["train_pitch"]

    def loss(chosen: NDArray[np.int64], random: np.random.Generator) -> torch.Tensor:
        moved = emotion[chosen] + random.normal(0, NOISE, emotion[chosen].shape)
        return _loss(module, moved, pitch[chosen])

    return fit_in_passes(
        module,
        loss,
        lambda now: validation_loss(now, arrays),
        PASSES,
        what="fitting melody",
        examples=len(pitch),
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )


def validation_loss(module: Chain, arrays: Arrays) -> float:
    """Nats a step. Under torch.no_grad()."""
    emotion, pitch = arrays["validation_emotion"], arrays["validation_pitch"]
    parts = (slice(at, at + PASSES.batch) for at in range(0, len(pitch), PASSES.batch))
    losses = [float(_loss(module, emotion[part], pitch[part])) * len(pitch[part]) for part in parts]
    return sum(losses) / max(1, len(pitch))


def _loss(module: Chain, emotion: Any, pitch: Any) -> torch.Tensor:
    logits = module.logits(encoded(emotion))
    target = torch.zeros_like(logits)
    batch, step = np.nonzero(pitch != NONE)
    target[batch, step, pitch[batch, step].astype(np.int64)] = 1.0
    return nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum") / pitch.size


def _stretches(found: Sequence[Melody], stretch: Stretch) -> tuple[Any, Any]:
    emotions, pitches = [], []
    for melody in found:
        emotion = stretch(melody.emotion).astype(np.float32)
        for start in range(0, len(melody.pitch) - LENGTH + 1, LENGTH + 1):  # not in step with the bars
            emotions.append(emotion[start : start + LENGTH])
            pitches.append(melody.pitch[start : start + LENGTH])
    return np.array(emotions, dtype=np.float32), np.array(pitches, dtype=np.int16)
