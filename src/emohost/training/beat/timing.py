"""When beats are played: a tempo that walks, slows at the ends of phrases, and now and then stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import Random

PARTS_OF_BEAT = 4  # to which the tempo changes
SLOWEST, FASTEST = 45.0, 210.0  # beats a minute


@dataclass(frozen=True)
class Freedom:
    """How freely a clip is played."""

    walk: float  # spread of the tempo, as a share of it; 0 for a click
    slows: float  # chance that a phrase ends slower
    stops: float  # chance of a pause in the clip


def random_freedom(random: Random, walks: float, most: float = 0.16) -> Freedom:
    """`walks`: share of the clips whose tempo walks; `most`: largest spread."""
    if random.random() >= walks:
        return Freedom(0.0, 0.0, 0.0)
    return Freedom(float(random.uniform(0.03, most)), float(random.choice([0.0, 0.3])), 0.05)


@dataclass(frozen=True)
class BeatTimes:
    """Seconds of a clip at beats."""

    beat: NDArray[np.float64]
    second: NDArray[np.float64]

    def __call__(self, beat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(beat, self.beat, self.second)


def random_timing(
    first: float, last: float, tempo_bpm: float, per_bar: int, freedom: Freedom, random: Random
) -> BeatTimes:
    """From beat `first`, at second 0, to beat `last`."""
    count = int(np.ceil((last - first) * PARTS_OF_BEAT)) + 1
    beat = first + np.arange(count) / PARTS_OF_BEAT
    pace = np.full(count, 60.0 / np.clip(tempo_bpm, SLOWEST, FASTEST) / PARTS_OF_BEAT)
    if freedom.walk > 0:
        pace = pace * np.exp(_walk(beat, per_bar, freedom.walk, random))
    for end in np.arange(np.ceil(first / per_bar), last / per_bar) * per_bar:
        if end % (4 * per_bar) == 0 and random.random() < freedom.slows:
            pace = pace * _slowing(beat, end, float(random.uniform(1, 4)), float(random.uniform(0.1, 0.5)))
    if random.random() < freedom.stops:
        pace[int(random.integers(count // 4, count))] += random.uniform(0.3, 1.5)
    return BeatTimes(beat, np.concatenate([[0.0], np.cumsum(pace[:-1])]))


def _walk(beat: NDArray[np.float64], per_bar: int, spread: float, random: Random) -> NDArray[np.float64]:
    """A random walk that is drawn back to 0, with a knot at each bar, or each second or half of one."""
    knots = np.arange(beat[0], beat[-1] + 4 * per_bar, per_bar * float(random.choice([0.5, 1.0, 2.0])))
    keep = 0.8
    value, values = random.normal(0, spread), []
    for _ in knots:
        values.append(value)
        value = keep * value + np.sqrt(1 - keep**2) * random.normal(0, spread)
    smooth = np.convolve(np.interp(beat, knots, values), np.ones(3) / 3, mode="same")
    return np.asarray(np.clip(smooth, -0.4, 0.4))


def _slowing(beat: NDArray[np.float64], end: float, over: float, by: float) -> NDArray[np.float64]:
    """A factor that grows towards `end`, and is 1 elsewhere."""
    place = (beat - (end - over)) / over
    return np.where((place >= 0) & (place < 1), 1 + by * np.clip(place, 0, 1), 1.0)
