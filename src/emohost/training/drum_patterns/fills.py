"""How drummers end a phrase: what they play in the last beats of a fourth bar in place of their groove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.drummers import STEPS
from emohost.training.drum_patterns.grooves import FOOT, SAME, Groove, distances, weighed
from emohost.training.drum_patterns.played import VOICES

PHRASE = 4  # bars
BEAT = 4  # sixteenths
DRUMS = [VOICES.index(each) for each in ("snare", "high_tom", "low_tom", "floor_tom")]
LEAST_STROKES = {4: 3, 8: 4, 16: 7}  # of snare and toms, by length: from which on it is a fill


@dataclass(frozen=True)
class PlayedFill:
    """The end of a real bar."""

    groove: Groove  # of the same take
    bar: int
    marks: NDArray[np.str_]  # (voices, 4, 8 or 16): its last sixteenths

    @property
    def hits(self) -> float:
        """Strokes a beat."""
        return int((np.delete(self.marks, FOOT, axis=0) != ".").sum()) * BEAT / int(self.marks.shape[1])


def fills_of(groove: Groove) -> list[PlayedFill]:
    """Of the take in which the drummer plays this groove of one bar."""
    take, found = groove.played, []
    plain = weighed(groove.marks)
    for bar in range(PHRASE - 1, len(take.velocity), PHRASE):
        marks = take.marks(take.velocity[bar])
        apart = np.abs(weighed(marks) - plain)
        length = next(
            (each for each in (4, 8, 16) if apart[:, : STEPS - each].sum() <= SAME and apart.sum() > SAME), 0
        )
        if length and (marks[DRUMS, -length:] != ".").sum() >= LEAST_STROKES[length]:
            found.append(PlayedFill(groove, bar, marks[:, -length:]))
    return found


def typical_fills(fills: Sequence[PlayedFill], length: int, count: int) -> list[PlayedFill]:
    """Of this length, by strokes a beat: the medoid of each group, the calmest first. All drummers count alike."""
    chosen = sorted((fill for fill in fills if fill.marks.shape[1] == length), key=lambda fill: fill.hits)
    parts = np.array_split(np.arange(len(chosen)), count)
    return [_medoid([chosen[i] for i in part]) for part in parts if len(part)]


def _medoid(fills: Sequence[PlayedFill]) -> PlayedFill:
    apart = distances(np.array([weighed(fill.marks) for fill in fills]))
    drummers = [fill.groove.played.drummer for fill in fills]
    share = np.array([1.0 / drummers.count(each) for each in drummers])
    return fills[int(np.argmin((apart * share).sum(axis=1)))]
