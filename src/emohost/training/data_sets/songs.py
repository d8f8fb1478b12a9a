"""Songs with melody, chords, key and bars on a grid of sixteenths: what melody and harmony are trained on.

A set of songs is kept as flat arrays (`Songs`), so that it can be stored as one .npz. One entry is a stretch of a song
in one key; entries of one song share its `piece`, by which the data is split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emohost.labels import NO_CHORD, QUALITIES
from emohost.training.data_sets.folders import Arrays
from emohost.training.data_sets.splits import Split, require_all, split_of

STEPS_PER_BEAT: Final = 4
STEPS_PER_BAR: Final = 16  # only music in four is used
MELODY, OTHERS = 0, 1

NOTE: Final = np.dtype(
    [
        ("step", np.int32),  # sixteenth of its onset
        ("steps", np.float32),  # length in sixteenths
        ("pitch", np.int16),
        ("velocity", np.int16),
        ("part", np.int8),  # MELODY or OTHERS
        ("on_s", np.float32),
        ("off_s", np.float32),
    ]
)


@dataclass(frozen=True)
class Song:
    """A stretch of a song in one key. Steps are sixteenths, counted from the stretch's first."""

    piece: str  # such as 'pop909/001'
    tonic: int  # 0-11
    minor: bool
    step_s: NDArray[np.float64]  # (T + 1,) seconds at which each step begins, and the last ends
    step_in_bar: NDArray[np.int8]  # (T,) 0-15
    chord: NDArray[np.int8]  # (T,) class of ext/core/theory/chords.h with absolute root
    notes: NDArray[np.void]  # of NOTE, by step

    @property
    def steps(self) -> int:
        return len(self.chord)

    @property
    def tempo(self) -> float:
        return float(60.0 / STEPS_PER_BEAT / np.median(np.diff(self.step_s)))

    @property
    def split(self) -> Split:
        return split_of(self.piece)

    @property
    def shift(self) -> int:
        """Semitones to C major or A minor, the shorter way: -5 to 6, the negative of shift_from_c in theory.cpp."""
        up = (self.tonic - (9 if self.minor else 0)) % 12
        return 12 - up if up >= 6 else -up

    def melody(self) -> NDArray[np.void]:
        """Its notes, one to a step (the highest where several begin together)."""
        notes = self.notes[self.notes["part"] == MELODY]
        notes = notes[np.lexsort((-notes["pitch"], notes["step"]))]
        return np.asarray(notes[np.unique(notes["step"], return_index=True)[1]])

    def relative_chords(self) -> NDArray[np.int64]:
        """(T,) classes with roots relative to the tonic."""
        return transposed(self.chord, -self.tonic)


@dataclass
class Songs:
    entries: list[Song] = field(default_factory=list)

    def __iter__(self) -> Iterator[Song]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, split: Split) -> list[Song]:
        return [song for song in self.entries if song.split == split]

    def require_all_splits(self, what: str) -> None:
        """Raises DataError unless there are some in each."""
        require_all(Counter(song.split for song in self.entries), what)

    def to_arrays(self) -> Arrays:
        return {
            "piece": np.array([song.piece for song in self.entries]),
            "key": np.array([(song.tonic, song.minor) for song in self.entries], dtype=np.int8).reshape(
                -1, 2
            ),
            "steps": np.array([song.steps for song in self.entries], dtype=np.int64),
            "notes": np.array([len(song.notes) for song in self.entries], dtype=np.int64),
            "step_s": _joined((song.step_s for song in self.entries), np.float64),
            "step_in_bar": _joined((song.step_in_bar for song in self.entries), np.int8),
            "chord": _joined((song.chord for song in self.entries), np.int8),
            "note": _joined((song.notes for song in self.entries), NOTE),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Songs:
        if len(arrays["piece"]) == 0:
            return cls()
        ends = np.cumsum(arrays["steps"])[:-1]
        time_ends = np.cumsum(np.asarray(arrays["steps"], dtype=np.int64) + 1)[:-1]
        note_ends = np.cumsum(arrays["notes"])[:-1]
        columns = zip(
            arrays["piece"],
            np.asarray(arrays["key"], dtype=np.int8),
            np.split(arrays["step_s"], time_ends),
            np.split(arrays["step_in_bar"], ends),
            np.split(arrays["chord"], ends),
            np.split(arrays["note"], note_ends),
            strict=True,
        )
        return cls([Song(str(p), int(k[0]), bool(k[1]), s, b, c, n) for p, k, s, b, c, n in columns])


def chord_class(root: int, quality: str) -> int:
    """Class of a chord; quality one of 'maj', 'min', '7', 'maj7', 'min7', 'dim7' (a diminished triad counts there)."""
    if quality == "dim7":
        return NO_CHORD + 1 + root % 3
    return root % 12 * len(QUALITIES) + QUALITIES.index(quality)


def transposed(chords: NDArray[np.integer], semitones: int | NDArray[np.integer]) -> NDArray[np.int64]:
    """Classes moved by semitones; no chord stays."""
    old = np.asarray(chords, dtype=np.int64)
    root, quality = np.divmod(old, len(QUALITIES))
    plain = (root + semitones) % 12 * len(QUALITIES) + quality
    diminished = NO_CHORD + 1 + (old - NO_CHORD - 1 + semitones) % 3
    return np.where(old < NO_CHORD, plain, np.where(old == NO_CHORD, old, diminished))


_TONES = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
}


def chord_tones() -> NDArray[np.float32]:
    """(64, 12): 1 where a pitch class belongs to the class, as chord_mask() in chords.h."""
    table = np.zeros((64, 12), dtype=np.float32)
    for root in range(12):
        for quality, tones in _TONES.items():
            table[chord_class(root, quality), [(root + tone) % 12 for tone in tones]] = 1
    for root in range(3):
        table[chord_class(root, "dim7"), root::3] = 1
    return table


def chord_roots() -> NDArray[np.int64]:
    """(64,) as chord_root() in chords.h: -1 for no chord."""
    roots = np.arange(64) // len(QUALITIES)
    roots[NO_CHORD:] = [-1, 0, 1, 2]
    return roots


def joined(sets: Iterable[Songs]) -> Songs:
    return reduce(lambda a, b: Songs(a.entries + b.entries), sets, Songs())


def _joined(parts: Iterable[NDArray[np.generic]], dtype: np.typing.DTypeLike) -> NDArray[np.generic]:
    found = list(parts)
    return np.concatenate(found) if found else np.zeros(0, dtype=dtype)
