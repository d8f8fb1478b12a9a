"""The bar that a drummer repeats, and the typical ones of a genre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.drummers import STEPS
from emohost.training.drum_patterns.played import VOICES, Float64, Played

# What a voice weighs where two bars differ: kick and snare make the groove.
_WEIGHTS = {
    "kick": 3.0,
    "snare": 3.0,
    "rim": 3.0,
    "pedal_hat": 0.25,
    "high_tom": 2.0,
    "low_tom": 2.0,
    "floor_tom": 2.0,
}
WEIGHTS = np.array([_WEIGHTS.get(voice, 1.0) for voice in VOICES])
# What a stroke stands for by its force, of kick, snare and rim, and of others: a soft one of the snare is a ghost note,
# of a cymbal a stroke as others are.
_FORCE = {"X": (1.0, 1.0), "x": (0.9, 0.9), "o": (0.35, 0.75), ".": (0.0, 0.0)}
SAME = 2.5  # a bar: at most this apart, two are the same groove; less than one stroke of the kick
LEAST_REPEATS = 4  # bars of a take that are the same, from which on it is a groove
DRIVE = [VOICES.index(each) for each in ("kick", "snare", "rim")]
FOOT = VOICES.index("pedal_hat")
MOST_CANDIDATES = 24  # of a level: the most typical ones


@dataclass(frozen=True)
class Groove:
    """A real bar (or two) of a take and how its drummer repeats it."""

    played: Played
    bar: int  # its first, from 0
    bars: int  # one or two
    marks: NDArray[np.str_]  # (voices, 16 * bars), X x o and . ; force as the repeats have it in the middle
    sometimes: NDArray[np.bool_]  # likewise: what a part of the repeats adds to it
    repeats: int  # bars of the take that are the same

    @property
    def hits(self) -> float:
        """In a bar, without the foot's hi-hat."""
        return float((np.delete(self.marks, FOOT, axis=0) != ".").sum()) / self.bars


def weighed(marks: NDArray[np.str_]) -> Float64:
    """(..., voices, steps) as numbers of which the distance is a sum of differences."""
    force = np.zeros(marks.shape)
    for mark, (drum, other) in _FORCE.items():
        stands = np.full(len(VOICES), other)
        stands[DRIVE] = drum
        force += (marks == mark) * stands[:, None]
    return np.asarray(force * WEIGHTS[:, None])


def distances(bars: Float64) -> Float64:
    """(n, voices, steps) to (n, n): weighted Hamming distance, in strokes; a ghost note is a part of one."""
    flat = bars.reshape(len(bars), -1)
    return np.array([np.abs(flat - each).sum(axis=1) for each in flat])


def groove_of(take: Played, bars: int = 1) -> Groove | None:
    """The bar, or pair of bars that differ, that most others of the take are the same as; None where too few are."""
    count = len(take.velocity) // bars
    if count * bars < LEAST_REPEATS:
        return None
    velocity = take.velocity[: count * bars].reshape(count, bars, len(VOICES), STEPS)
    velocity = velocity.transpose(0, 2, 1, 3).reshape(count, len(VOICES), bars * STEPS)
    weights = np.array([weighed(take.marks(each)) for each in velocity])
    apart = distances(weights)
    if bars == 2:
        halves = np.abs(weights[..., :STEPS] - weights[..., STEPS:]).sum(axis=(1, 2))
        apart[halves <= SAME] = np.inf
    same = apart <= SAME * bars
    repeats = same.sum(axis=1)
    if repeats.max() * bars < LEAST_REPEATS:
        return None
    closest = np.where(same, apart, 0.0).sum(axis=1) / np.maximum(repeats, 1)
    best = int(np.lexsort((closest, -repeats))[0])
    group = velocity[same[best]]
    here = velocity[best] > 0
    share = (group > 0).mean(axis=0)
    force = np.where(group > 0, group, np.nan)
    with np.errstate(all="ignore"):
        middle = np.where(here, np.nan_to_num(_median(force)), 0.0)
    return Groove(
        take, best * bars, bars, take.marks(middle), ~here & (share >= 0.25), int(repeats[best]) * bars
    )


def _median(force: Float64) -> Float64:
    found = np.zeros(force.shape[1:])
    some = ~np.isnan(force).all(axis=0)
    found[some] = np.nanmedian(force[:, some], axis=0)
    return found


def levels(grooves: Sequence[Groove], count: int) -> list[list[Groove]]:
    """By hits in a bar: as many groups of one size, the calmest first."""
    ordered = sorted(grooves, key=lambda groove: (groove.hits, groove.played.take))
    parts = np.array_split(np.arange(len(ordered)), min(count, len(ordered)))
    return [[ordered[i] for i in part] for part in parts]


def by_typicality(grooves: Sequence[Groove]) -> list[tuple[float, Groove]]:
    """Each with its mean distance from the others, the medoid first. All drummers count alike, however many takes they
    have."""
    apart = distances(np.array([weighed(groove.marks) for groove in grooves]))
    drummers = sorted({groove.played.drummer for groove in grooves})
    by = [[i for i, groove in enumerate(grooves) if groove.played.drummer == name] for name in drummers]
    mean = np.mean([apart[:, rows].mean(axis=1) for rows in by], axis=0)
    return [(float(mean[i]), grooves[i]) for i in np.argsort(mean, kind="stable")]


def grows(calm: Groove, lively: Groove) -> bool:
    """Whether the lively one has all strokes of kick and backbeat that the calm one has: it grows out of it."""
    strong = np.isin(calm.marks[DRIVE], ("X", "x"))
    return bool((lively.marks[DRIVE][strong] != ".").all())


def typical(grooves: Sequence[Groove], count: int) -> list[Groove]:
    """One for each level of activity, the calmest first: the most typical ones together, each of which grows out of the
    one before. Fewer levels where none do; empty without grooves."""
    for several in range(min(count, len(grooves)), 0, -1):
        ranked = [by_typicality(group)[:MOST_CANDIDATES] for group in levels(grooves, several)]
        chains = [
            (sum(apart for apart, _ in chain), [groove for _, groove in chain])
            for chain in product(*ranked)
            if all(grows(calm, lively) for (_, calm), (_, lively) in pairwise(chain))
        ]
        if chains:
            return min(chains, key=lambda each: each[0])[1]
    return []
