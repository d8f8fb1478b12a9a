"""Simpler ways to guess a melody's next pitch, fitted on the same training songs as the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.training.melody.notes import IN_SCALE, Notes

Float64 = NDArray[np.float64]

UNSEEN = 0.5  # added to every count
EXPONENTS = (0.5, 0.75, 1.0, 1.25)


@dataclass(frozen=True)
class PitchBaselines:
    histogram: Float64  # (128,)
    interval: Float64  # (255,) by semitones from the note before, -127 first
    lowest: int
    highest: int
    out_of_scale: float  # weight of a pitch outside of the scale beside one inside
    exponents: tuple[float, float]  # of histogram and interval in their product

    @classmethod
    def of(cls, train: Notes) -> PitchBaselines:
        histogram: Float64 = np.bincount(train.pitch, minlength=128).astype(np.float64) + UNSEEN
        interval: Float64 = (
            np.bincount(train.pitch - train.previous + 127, minlength=255).astype(np.float64) + UNSEEN
        )
        inside = train.scale[np.arange(len(train.pitch)), train.pitch] == IN_SCALE
        outside = (1 - inside.mean()) * 7 / (5 * inside.mean())
        low, high = int(train.pitch.min()), int(train.pitch.max())
        some = np.random.default_rng(0).permutation(len(train.pitch))[:20_000]
        part = Notes(**{name: column[some] for name, column in vars(train).items()})
        tried = [
            cls(histogram, interval, low, high, float(outside), (a, b)) for a in EXPONENTS for b in EXPONENTS
        ]
        return min(tried, key=lambda one: one._bits_of_product(part))

    def bits(self, notes: Notes) -> dict[str, float]:
        """Bits a note of each baseline."""
        pitches = np.arange(128)
        reachable = (pitches >= self.lowest) & (pitches <= self.highest)
        scale = np.where(notes.scale == IN_SCALE, 1.0, self.out_of_scale) * np.where(reachable, 1.0, 1e-6)
        histogram = np.tile(self.histogram, (len(notes.pitch), 1))
        return {
            "uniform in scale": _bits(scale, notes.pitch),
            "pitch histogram": _bits(histogram, notes.pitch),
            "interval bigram": _bits(self._intervals(notes), notes.pitch),
            "bigram x histogram": self._bits_of_product(notes),
        }

    def _intervals(self, notes: Notes) -> Float64:
        found: Float64 = self.interval[np.arange(128)[None] - notes.previous[:, None] + 127]
        return found

    def _bits_of_product(self, notes: Notes) -> float:
        a, b = self.exponents
        return _bits(self.histogram**a * self._intervals(notes) ** b, notes.pitch)


def _bits(weights: Float64, pitch: NDArray[np.int64]) -> float:
    return float(-np.log2(weights[np.arange(len(pitch)), pitch] / weights.sum(axis=1)).mean())
