"""What one or more players played, on a grid of sixteenths that follows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost import vocabulary

STEPS = 16  # in a bar
PARTS = tuple(part.name for part in vocabulary.PARTS if part.velocity_output is not None)
ACCENT_BARS = 4
ACCENT_SCALE = 4.0  # a tenth louder on beats than between them is an accent of 0.9

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Take:
    notes: NDArray[np.void]  # NOTE of notes.py, in seconds, by onset; all that is heard
    seconds: float
    tempo_bpm: float
    step_s: Float64  # (T + 1,) seconds at which each sixteenth begins, and the last ends
    step_in_bar: NDArray[np.int64]  # (T,)
    velocity: Float64  # (T, 4) of PARTS, 0 to 1; NaN where the part begins no note
    gate: Float64  # (T, 4) share of the time to the part's next note that it sounds; NaN where that is not known

    @classmethod
    def empty(cls, count: int, step_s: float, notes: NDArray[np.void], tempo_bpm: float) -> Take:
        """In strict time, beginning with a bar; nobody has played yet."""
        nothing = np.full((count, len(PARTS)), np.nan)
        grid = np.arange(count + 1, dtype=np.float64) * step_s
        in_bar = np.arange(count) % STEPS
        return cls(
            np.sort(notes, order="onset"), count * step_s, tempo_bpm, grid, in_bar, nothing, nothing.copy()
        )

    def accent(self) -> Float64:
        """(T,) 0.5 where beats are no louder than what lies between them in the bars around, more where they are; NaN
        where only one of the two is played."""
        played = ~np.isnan(self.velocity)
        struck: NDArray[np.bool_] = played.sum(axis=1) > 0
        sounds: Float64 = np.where(played, self.velocity, 0).sum(axis=1) / np.maximum(played.sum(axis=1), 1)
        accents = np.full(len(sounds), np.nan)
        span = ACCENT_BARS * STEPS
        for first in range(0, len(sounds), span):
            inside = np.arange(first, min(first + span, len(sounds)))
            on_beat = struck[inside] & (self.step_in_bar[inside] % 4 == 0)
            between = struck[inside] & ~on_beat
            if on_beat.any() and between.any():
                louder = sounds[inside][on_beat].mean() - sounds[inside][between].mean()
                accents[inside] = np.clip(0.5 + ACCENT_SCALE * louder, 0, 1)
        return accents
