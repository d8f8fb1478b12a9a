"""A take on the grid of sixteenths, voice by voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.drummers import STEPS, DrumPerformance

# The drum kit of Groove MIDI, by the voices that a style can name. Crashes are left out: a style begins its sections
# with its own.
NOTES = {
    "kick": (36,),
    "snare": (38, 40),
    "rim": (37,),
    "hat": (42, 22),
    "open_hat": (46, 26),
    "pedal_hat": (44,),
    "ride": (51, 59),
    "bell": (53,),
    "high_tom": (48, 50),
    "low_tom": (45, 47),
    "floor_tom": (43, 58),
}
VOICES = tuple(NOTES)
_VOICE_OF = {note: voice for voice, notes in enumerate(NOTES.values()) for note in notes}
LOUD = 90  # percentile of a voice's velocities that its marks are measured by
ACCENTED, STRUCK = 0.8, 0.45  # of that

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Feel:
    """How a genre divides time: `first` is the share of a pair that its first half takes, `pair` its sixteenths."""

    first: float = 0.5
    pair: int = 4

    def straight(self, place: Float64) -> Float64:
        """Places in sixteenths as if nothing swung. What comes a little before a pair belongs to it."""
        early = 0.25
        pairs = np.floor((place + early) / self.pair)
        within = place - pairs * self.pair
        half = self.pair / 2
        even = np.interp(within, [-early, 0, self.first * self.pair, self.pair], [-early, 0, half, self.pair])
        return np.asarray(pairs * self.pair + even)


@dataclass(frozen=True)
class Played:
    """A take's whole bars."""

    take: str
    drummer: str
    velocity: Float64  # (bars, voices, 16), 0 where nothing is struck
    loud: Float64  # (voices,) of a voice that is struck with force

    def marks(self, velocity: Float64) -> NDArray[np.str_]:
        """X, x, o or . for velocities of shape (voices, steps), each beside its voice's own loud ones."""
        share = velocity / np.maximum(self.loud, 1.0)[:, None]
        found = np.where(share >= ACCENTED, "X", np.where(share >= STRUCK, "x", "o"))
        return np.where(velocity > 0, found, ".")


def played(take: DrumPerformance, feel: Feel) -> Played:
    place = feel.straight(take.place)
    step = np.round(place).astype(np.int64)
    bars = int(np.floor(place.max() / STEPS + 0.1)) if len(place) else 0  # the last may be cut off
    voice = np.array([_VOICE_OF.get(int(note), -1) for note in take.note], dtype=np.int64)
    velocity = np.zeros((max(1, bars) * STEPS, len(VOICES)))
    inside = (voice >= 0) & (step >= 0) & (step < len(velocity))
    np.maximum.at(velocity, (step[inside], voice[inside]), take.velocity[inside])
    loud = [
        float(np.percentile(take.velocity[voice == each], LOUD)) if (voice == each).any() else 0.0
        for each in range(len(VOICES))
    ]
    by_bar = velocity.reshape(-1, STEPS, len(VOICES)).transpose(0, 2, 1)
    return Played(take.name, take.name.split("/")[0], by_bar, np.array(loud))
