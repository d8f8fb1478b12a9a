"""Trains the harmony network: emotion, what is heard and what was played in, the chord of the step out.

The host plays its own choices, which are not always the song's. So a song is shown in two ways: at the places where the
host chooses, with the song's own chords before; and everywhere with the chords before that the network itself, as far
as it has learnt, would have played, so that it learns to trust its ear when the two disagree. Most songs are heard
through an estimate from their notes, some are rendered and heard by the native listener.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost._core import PLAYED_FADE, harmony_context
from emohost.emotion import encode
from emohost.labels import NO_CHORD
from emohost.training.data_sets.folders import Arrays, kept
from emohost.training.data_sets.pop909 import songs as pop909
from emohost.training.data_sets.songs import STEPS_PER_BAR, STEPS_PER_BEAT
from emohost.training.data_sets.splits import Split
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.passes import Passes, fit_in_passes
from emohost.training.harmony.data import (
    MINOR_MODE,
    TONES,
    Float32,
    Ints,
    Steps,
    chords_in_force,
    chroma_of_chords,
    estimated,
    in_another_key,
    listened,
)
from emohost.training.progress import Progress
from emohost.training.rendering.listening import listener_stamp

DATA = "POP909 (Wang et al. 2020), songs in 4/4; a tenth of the songs each for validation and test"
LICENCE = "BSD-3-Clause; trained on POP909 (MIT)"

RENDERED_SONGS: dict[Split, int] = {"train": 240, "validation": 40}
RENDERED_S = 60.0
RENDERED_SHARE = 5  # times that a rendered song is shown for each time of an estimated one
VERSION = 8
LENGTH = 4 * STEPS_PER_BAR  # of a stretch
# By how many semitones the ear is wrong about the tonic, and how often: the relative keys, the fifths.
OTHER_KEYS = {0: 0.9, 3: 0.04, 9: 0.04, 7: 0.01, 5: 0.01}
PASSES = Passes(6, batch=16, rate=2e-3)
COMES = 16.0  # weight of the chord that comes, after the song's own chords
COMES_RENDERED = (
    0.2  # share of it for a song that was rendered: few songs, their beginnings, shown again and again
)
COMES_AFTER_OWN = 2.0  # weight of the chord that comes, after those of the network
PLAYED = 0.5  # share of the stretches of a batch that the network plays along to,
SEEN = 0.5  # and of their steps between choices that it learns from
ON_BEAT = 0.3  # share of the beats at which the host hears that the chord has gone on, and chooses anew
VALENCE_NOISE, AROUSAL_NOISE = 0.2, 0.2
RISE = 0.4  # of valence, over which the share of minor-mode chords is compared,
LEAST_FALL = 0.02  # by which it is to fall,
STEERED = 1.0  # and the weight of what is missing
COLUMNS = ("emotion", "told", "place", "asked", "before", "played", "remembered")  # of what is prepared
DEAF = 0.08  # share of stretches in which nothing was heard


def prepare(data: Path, cache: Path, progress: Progress) -> Arrays:
    """`train_` and `validation_`, in stretches: emotion (N, LENGTH, 2), told of the ear (N, LENGTH, 12), place in the
    bar, chord asked, the song's own chord before (N, LENGTH), chroma played if that was played (N, LENGTH, 12), what is
    remembered (N, LENGTH, 24), whether the song was rendered (N,)."""
    songs = pop909.load(data, cache, progress)

    def make() -> Arrays:
        arrays: Arrays = {}
        for split, rendered in RENDERED_SONGS.items():
            chosen = songs.of(split)
            heard = listened(chosen[:rendered], cache, progress, RENDERED_S)
            random = np.random.default_rng(1)
            columns = _stretches(estimated(chosen, progress), random)
            columns_rendered = _stretches(RENDERED_SHARE * heard, random)
            for name, column in columns.items():
                arrays[f"{split}_{name}"] = np.concatenate([column, columns_rendered[name]])
            arrays[f"{split}_rendered"] = np.arange(len(arrays[f"{split}_place"])) >= len(columns["place"])
        return arrays

    depends = {
        "data": str(data),
        "version": VERSION,
        "rendered": (RENDERED_SONGS, RENDERED_S),
        "listener": listener_stamp(),
    }
    return kept(cache, "harmony", depends, make)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Linear(128, 256), nn.Tanh(), nn.Dropout(0.1), nn.Linear(256, 128), nn.Tanh(), nn.Dropout(0.1),
        nn.Linear(128, 64), nn.Softmax(dim=-1),
    )  # fmt: skip


def fit(arrays: Arrays, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network as it was after the pass with the least loss on the validation songs."""
    torch.manual_seed(seed)
    module = network()
    return fit_in_passes(
        module,
        lambda chosen, random: _loss(module, arrays, "train", chosen, random),
        lambda now: validation_loss(now, arrays),
        PASSES,
        what="fitting harmony",
        examples=len(arrays["train_asked"]),
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
    )


def validation_loss(module: nn.Module, arrays: Arrays) -> float:
    """Nats a choice. Under torch.no_grad()."""
    count = len(arrays["validation_asked"])
    random = np.random.default_rng(0)
    losses = [
        float(_loss(module, arrays, "validation", np.arange(at, min(at + 256, count)), random))
        for at in range(0, count, 256)
    ]
    return float(np.mean(losses))


def _loss(
    module: nn.Module, arrays: Arrays, split: str, chosen: Any, random: np.random.Generator
) -> torch.Tensor:
    emotion, told, place, asked, before, played, remembered = (
        np.asarray(arrays[f"{split}_{name}"])[chosen] for name in COLUMNS
    )
    place, asked, before = (each.astype(np.int64) for each in (place, asked, before))
    comes = np.where(np.asarray(arrays[f"{split}_rendered"])[chosen], COMES_RENDERED * COMES, COMES)
    told[random.random(len(told)) < DEAF] = 0
    point = emotion + random.normal(0, (VALENCE_NOISE, AROUSAL_NOISE), (len(told), 1, 2))
    felt = encode(point[..., 0], point[..., 1])
    decides = place % (STEPS_PER_BAR // 2) == 0
    x = np.concatenate([felt, harmony_context(told, played, before, remembered, place)], axis=-1)

    some = np.flatnonzero(random.random(len(told)) < PLAYED)
    own_before, own_played = _played_along(
        module, x[some], before[some, 0], remembered[some], place[some], random
    )
    y = x[some].copy()
    y[..., 64:] = harmony_context(told[some], own_played, own_before, remembered[some], place[some])
    seen = decides[some] | (random.random(y.shape[:2]) < SEEN)

    rows = np.concatenate([x[decides], y[seen]])
    weight = np.concatenate(
        [
            np.broadcast_to(comes[:, None], decides.shape)[decides],
            np.where(decides[some], COMES_AFTER_OWN, 1 / SEEN)[seen],
        ]
    )
    target = np.concatenate([asked[decides], asked[some][seen]])
    weights = torch.from_numpy(weight.astype(np.float32))
    logits = module[:-1](torch.from_numpy(rows.astype(np.float32)))
    losses = nn.functional.cross_entropy(logits, torch.from_numpy(target), reduction="none")
    return (losses * weights).sum() / weights.sum() + STEERED * _unsteered(module, x[decides][:256], random)


def _unsteered(module: nn.Module, rows: Float32, random: np.random.Generator) -> torch.Tensor:
    """How much less than asked the share of minor-mode chords falls as valence rises, anywhere in the circumplex."""
    point = random.uniform(-1, (1 - RISE, 1), (len(rows), 2))

    def share(valence: Any) -> torch.Tensor:
        moved = np.concatenate([encode(valence, point[:, 1]), rows[:, 64:]], axis=1).astype(np.float32)
        return module[:-1](torch.from_numpy(moved)).softmax(dim=1)[:, MINOR_MODE].sum(dim=1)

    return torch.relu(LEAST_FALL - share(point[:, 0]) + share(point[:, 0] + RISE)).mean()


def _played_along(
    module: nn.Module,
    x: Float32,
    first: Ints,
    remembered: Float32,
    place: Ints,
    random: np.random.Generator,
) -> tuple[Ints, Float32]:
    """Chord in force before each step (B, T) and chroma played (B, T, 12), where the network chooses the
    likeliest. x: (B, T, 128), whose chords before are not taken; first: (B,); remembered (B, T, 24)."""
    chooses = (place % (STEPS_PER_BAR // 2) == 0) | (
        (place % STEPS_PER_BEAT == 0) & (random.random(place.shape) < ON_BEAT)
    )
    before, played = np.zeros_like(place), np.zeros((*place.shape, 12), dtype=np.float32)
    chord, state = first, TONES[first]
    for step in range(place.shape[1]):
        state = state + TONES[chord] * (place[:, step, None] % STEPS_PER_BEAT == 1)
        total = state.sum(axis=1, keepdims=True)
        before[:, step] = chord
        played[:, step] = np.divide(state, total, out=np.zeros_like(state), where=total > 0)
        state = state * PLAYED_FADE
        if not (now := chooses[:, step]).any():
            continue
        here = x[:, step].copy()
        here[:, 64:] = harmony_context(
            here[:, 64:76], played[:, step], chord, remembered[:, step], place[:, step]
        )
        with torch.no_grad():
            likeliest = module[:-1](torch.from_numpy(here.astype(np.float32))).argmax(dim=1).numpy()
        chord = np.where(now, likeliest, chord)
    return before, played


def _stretches(songs: list[Steps], random: np.random.Generator) -> Arrays:
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for song in songs:
        key = int(random.choice(list(OTHER_KEYS), p=list(OTHER_KEYS.values())))
        steps = in_another_key(song, key)
        count = len(steps.chord) // LENGTH
        found: Arrays = {
            "emotion": steps.emotion.astype(np.float16),
            "told": steps.ear.astype(np.float16),
            "place": steps.place.astype(np.int8),
            "asked": steps.asked.astype(np.int8),
            "before": np.concatenate([[NO_CHORD], steps.chord[:-1]]).astype(np.int8),
            "remembered": steps.remembered.astype(np.float16),
            "played": chroma_of_chords(chords_in_force(steps.chord, steps.decides)).astype(np.float16),
        }
        for name, column in columns.items():
            whole = found[name][: count * LENGTH]
            column.append(whole.reshape(count, LENGTH, *whole.shape[1:]))
    return {name: np.concatenate(column) for name, column in columns.items()}
