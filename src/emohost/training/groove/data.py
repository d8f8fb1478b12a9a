"""What the groove network learns: how drummers stress and time the sixteenths of a bar, by the emotion of the passage.

A passage is four bars. Its emotion is that of the cue model (labels.py) for tempo, density of attacks and mean
velocity, which is all a drummer shows of it; mode, register and timbre are left in the middle. Of each sixteenth it has

- emphasis: twice the mean velocity (0 where nothing is struck, the loudest of what is struck together), less 1;
- offset: the mean place of its hits before (negative) or after the sixteenth, in sixteenths, less the mean of all hits
  of the passage: how far a drummer is from the click all the time is no groove, and the host's band has no click.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.drummers import SET, STEPS, DrumPerformance, performances
from emohost.training.data_sets.folders import Arrays, data_set, kept, stamp
from emohost.training.data_sets.labels import TOGETHER_S, Cues, emotion
from emohost.training.data_sets.splits import require_all
from emohost.training.progress import Progress

BARS = 4
VERSION = 3  # of what is computed here
FEWEST_HITS = 8  # of a passage, or there is nothing to learn
NEUTRAL = {"mode": 0.0, "register": 62.0, "articulation": 0.35, "brightness": 0.5}

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Passages:
    """n passages."""

    split: NDArray[np.str_]  # (n,)
    take: NDArray[np.str_]  # (n,) name of the performance
    emotion: Float64  # (n, 2) valence, arousal
    cues: Float64  # (n, 3) tempo in beats a minute, attacks a second, mean velocity 0 to 1
    emphasis: Float64  # (n, 16) -1 to 1
    offset: Float64  # (n, 16) -0.5 to 0.5; 0 where nothing was struck
    hits: Float64  # (n, 16) in how many bars the sixteenth was struck
    deviation: (
        Float64  # (n,) median distance of a hit from its sixteenth's mean offset; NaN where none is repeated
    )

    def of(self, split: str) -> Passages:
        chosen = self.split == split
        return Passages(**{name: array[chosen] for name, array in vars(self).items()})


def load(data: Path, cache: Path, progress: Progress) -> Passages:
    """Of all performances. Raises DataError."""
    folder = data_set(data, SET, "info.csv")

    def make() -> Arrays:
        rows = [row for each in performances(data, progress) for row in passages_of(each)]
        require_all(Counter(str(row["split"]) for row in rows), f"{folder / 'info.csv'}: passages in 4/4")
        return {name: np.array([row[name] for row in rows]) for name in Passages.__dataclass_fields__}

    depends = {"data": stamp(folder), "version": VERSION}
    return Passages(**cast(Any, kept(cache, "groove", depends, make)))


def passages_of(performance: DrumPerformance) -> list[dict[str, Any]]:
    """Rows of Passages; what is left over at the end is a passage if it is a bar or longer (a fill, mostly)."""
    step = np.round(performance.place).astype(int)
    rows = []
    for first in range(0, performance.bars, BARS):
        bars = min(BARS, performance.bars - first)
        inside = (step >= first * STEPS) & (step < (first + bars) * STEPS)
        if inside.sum() < FEWEST_HITS:
            continue
        hit = step[inside] - first * STEPS
        rows.append(
            _row(
                performance,
                hit,
                performance.place[inside] - first * STEPS,
                performance.velocity[inside],
                bars,
            )
        )
    return rows


def _row(
    performance: DrumPerformance, step: NDArray[np.int64], place: Float64, velocity: Float64, bars: int
) -> dict[str, object]:
    place = place - (place - step).mean()
    strength = np.zeros(bars * STEPS)
    offset = np.zeros(bars * STEPS)
    struck = np.zeros(bars * STEPS, dtype=bool)
    for hit in np.argsort(velocity):  # the loudest last
        strength[step[hit]] = velocity[hit] / 127.0
        offset[step[hit]] = place[hit] - step[hit]
        struck[step[hit]] = True
    by_bar = struck.reshape(bars, STEPS)
    hits = by_bar.sum(axis=0)
    mean_offset = offset.reshape(bars, STEPS).sum(axis=0) / np.maximum(hits, 1)
    again = by_bar & (hits > 1)
    deviations = np.abs(offset.reshape(bars, STEPS) - mean_offset)[again]
    cues = cues_of(performance.tempo_bpm, place, velocity, bars)
    return {
        "split": performance.split,
        "take": performance.name,
        "emotion": emotion(cues),
        "cues": (cues.tempo_bpm, cues.density, cues.dynamics),
        "emphasis": 2 * strength.reshape(bars, STEPS).mean(axis=0) - 1,
        "offset": mean_offset,
        "hits": hits.astype(np.float64),
        "deviation": float(np.median(deviations)) if len(deviations) else np.nan,
    }


def cues_of(tempo_bpm: float, place: Float64, velocity: Float64, bars: float) -> Cues:
    """Of drums: attacks that are struck together count once."""
    step_s = 15.0 / tempo_bpm
    attacks = 1 + int((np.diff(np.sort(place)) * step_s > TOGETHER_S).sum())
    return Cues(
        tempo_bpm=tempo_bpm,
        density=attacks / (bars * STEPS * step_s),
        dynamics=float(velocity.mean()) / 127,
        **NEUTRAL,
    )
