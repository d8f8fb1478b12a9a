"""Whether a melody was learnt by heart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.songs import Song

Moves = list[tuple[int, int]]  # semitones and sixteenths from each note to the next

LONGEST = 64


def longest_shared_run(melody: NDArray[np.int64], songs: Sequence[Song]) -> int:
    """The longest run of notes in `melody` ((N, 2): step and pitch) that is in one of the songs' melodies with the
    same intervals and the same rhythm, in any key. 1 if no two notes are."""
    played = moves(melody)
    known = [moves(_melody(song)) for song in songs]
    length = 0
    while length < LONGEST:
        runs = {run for each in known for run in _runs(each, length + 1)}
        if not any(run in runs for run in _runs(played, length + 1)):
            break
        length += 1
    return length + 1


def moves(melody: NDArray[np.int64]) -> Moves:
    steps = np.diff(melody, axis=0)
    return [(int(pitch), int(step)) for step, pitch in steps]


def _melody(song: Song) -> NDArray[np.int64]:
    notes = song.melody()
    return np.stack([notes["step"], notes["pitch"]], axis=1).astype(np.int64)


def _runs(found: Moves, length: int) -> list[tuple[tuple[int, int], ...]]:
    return [tuple(found[i : i + length]) for i in range(len(found) - length + 1)]
