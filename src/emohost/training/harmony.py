"""Trains the harmony network: emotion, what is heard and what was played in, the chord of the step out.

The host plays its own choices, which are not always the song's. So each song is shown twice: at the places where the
host chooses, with the song's own chords before; and everywhere with chords before as a host plays them that is often
late or wrong, so that the network learns to trust its ear when the two disagree. Most songs are
heard through an estimate from their notes, some are rendered and heard by the native listener.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.emotion import encode
from emohost.labels import NO_CHORD
from emohost.training import pop909
from emohost.training.checkpoint import Checkpoint
from emohost.training.fitting import Passes, fit_in_passes
from emohost.training.folders import Arrays, kept
from emohost.training.harmony_data import (
    Steps,
    chords_in_force,
    chroma_of_chords,
    context,
    estimated,
    in_another_key,
    listened,
)
from emohost.training.progress import Progress
from emohost.training.songs import STEPS_PER_BAR, STEPS_PER_BEAT
from emohost.training.splits import Split

DATA = "POP909 (Wang et al. 2020), songs in 4/4; a tenth of the songs each for validation and test"
LICENCE = "BSD-3-Clause; trained on POP909 (MIT)"

RENDERED_SONGS, RENDERED_S = 96, 45.0
RENDERED_SHARE = 5  # times that a rendered song is shown for each time of an estimated one
VERSION = 3
RIGHT, LATE = 0.1, 0.3  # shares of the host's choices; the rest is another chord of the song
# By how many semitones the ear is wrong about the tonic, and how often: the relative keys, the fifths.
OTHER_KEYS = {0: 0.9, 3: 0.04, 9: 0.04, 7: 0.01, 5: 0.01}
PASSES = Passes(12, batch=256, rate=2e-3)
DECISIVE = 5.0  # weight of steps at which the host chooses
VALENCE_NOISE, AROUSAL_NOISE = 0.2, 0.2
DEAF = 0.08  # share of steps at which nothing was heard


def prepare(data: Path, cache: Path, progress: Progress) -> Arrays:
    """`train_` and `validation_`: emotion (N, 2), context (N, 64), chord (N,), weight (N,)."""
    songs = pop909.load(data, cache, progress)

    def make() -> Arrays:
        arrays: Arrays = {}
        splits: tuple[Split, ...] = ("train", "validation")
        for split in splits:
            chosen = songs.of(split)
            rendered = RENDERED_SONGS if split == "train" else RENDERED_SONGS // 8
            heard = listened(chosen[:rendered], cache, progress, RENDERED_S)
            steps = estimated(chosen, progress) + RENDERED_SHARE * heard
            random = np.random.default_rng(1)
            for name, column in _examples(steps, random).items():
                arrays[f"{split}_{name}"] = column
        return arrays

    depends = {"data": str(data), "version": VERSION, "rendered": (RENDERED_SONGS, RENDERED_S)}
    return kept(cache, "harmony", depends, make)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Linear(128, 256), nn.Tanh(), nn.Dropout(0.02), nn.Linear(256, 128), nn.Tanh(), nn.Dropout(0.02),
        nn.Linear(128, 64), nn.Softmax(dim=-1),
    )  # fmt: skip


def fit(arrays: Arrays, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the least loss on the validation songs."""
    torch.manual_seed(seed)
    module = network()
    return fit_in_passes(
        module,
        lambda chosen, random: _loss(module, arrays, "train", chosen, random),
        lambda: validation_loss(module, arrays),
        PASSES,
        what="fitting harmony",
        examples=len(arrays["train_chord"]),
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )


def validation_loss(module: nn.Module, arrays: Arrays) -> float:
    """Nats a choice. Under torch.no_grad()."""
    count = len(arrays["validation_chord"])
    random = np.random.default_rng(0)
    losses = [
        float(_loss(module, arrays, "validation", np.arange(at, min(at + 4096, count)), random))
        for at in range(0, count, 4096)
    ]
    return float(np.mean(losses))


def _loss(
    module: nn.Module, arrays: Arrays, split: str, chosen: Any, random: np.random.Generator
) -> torch.Tensor:
    point = np.asarray(arrays[f"{split}_emotion"])[chosen]
    point = point + random.normal(0, (VALENCE_NOISE, AROUSAL_NOISE), point.shape)
    told = np.asarray(arrays[f"{split}_context"])[chosen].astype(np.float32)
    told[random.random(len(told)) < DEAF, :12] = 0
    x = np.concatenate([encode(point[:, 0], point[:, 1]), told], axis=1)
    logits = module[:-1](torch.from_numpy(x))
    target = torch.from_numpy(np.asarray(arrays[f"{split}_chord"])[chosen].astype(np.int64))
    weight = torch.from_numpy(np.asarray(arrays[f"{split}_weight"])[chosen])
    losses = nn.functional.cross_entropy(logits, target, reduction="none")
    return (losses * weight).sum() / weight.sum()


def _examples(songs: list[Steps], random: np.random.Generator) -> Arrays:
    columns: list[list[Any]] = [[], [], [], []]
    for song in songs:
        for faithful in (True, False):
            key = int(random.choice(list(OTHER_KEYS), p=list(OTHER_KEYS.values())))
            steps = in_another_key(song, key)
            count = len(steps.chord)
            if faithful:
                before = np.concatenate([[NO_CHORD], steps.chord[:-1]])
                played, keep = chroma_of_chords(chords_in_force(steps.chord, steps.decides)), steps.decides
            else:
                before = chords_in_force(_as_played(steps, random), _choices(steps, random))
                played, keep = chroma_of_chords(before), steps.decides | (random.random(count) < 0.5)
            told = context(steps.heard, played, before, steps.place)
            weight = np.where(steps.decides[keep], DECISIVE, 1.0)
            found = (
                steps.emotion[keep],
                told[keep].astype(np.float16),
                steps.chord[keep].astype(np.int8),
                weight,
            )
            for column, values in zip(columns, found, strict=True):
                column.append(values)
    names = ("emotion", "context", "chord", "weight")
    return {name: np.concatenate(column) for name, column in zip(names, columns, strict=True)}


def _choices(steps: Steps, random: np.random.Generator) -> NDArray[np.bool_]:
    """(T,) where a host would choose a chord: half bars, and beats on which it hears that the chord has gone on."""
    on_beat = steps.place % STEPS_PER_BEAT == 0
    return np.asarray(steps.decides | (on_beat & (random.random(len(on_beat)) < 0.3)))


def _as_played(steps: Steps, random: np.random.Generator) -> NDArray[np.int64]:
    """(T,) what a host would choose at each step: the song's chord, or late the one before, or another."""
    count = len(steps.chord)
    late = steps.chord[np.maximum(np.arange(count) - STEPS_PER_BAR // 2, 0)]
    other = random.choice(steps.chord, count)
    draw = random.random(count)
    return np.where(draw < RIGHT, steps.chord, np.where(draw < RIGHT + LATE, late, other))
