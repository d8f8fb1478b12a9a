"""The chord that the host hears of a song, estimated from its notes: the listener's own chord finder is told of every
note as if it had been recognised. Cleaner than what is heard of a rendering.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emohost._core import name_chords, note_weights
from emohost.labels import NO_CHORD
from emohost.training.data_sets.songs import Song

STEP_S: Final = 0.04  # of the listener's search for notes
DELAY_S: Final = 0.1  # of its window, above what the chord finder itself needs


def weights(notes: NDArray[np.void]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) and (n,): how much each note counts among the upper voices and in the bass."""
    upper, bass = note_weights(notes["pitch"])
    loud = notes["velocity"] / 127.0
    return loud * upper, loud * bass


def estimated_chords(song: Song, times: NDArray[np.float64]) -> NDArray[np.int64]:
    """(T,) class with absolute root, NO_CHORD where unclear, as known at `times` (T,), seconds of the song."""
    start, notes = float(song.step_s[0]), song.notes
    count = int((song.step_s[-1] - start) / STEP_S) + 2
    upper_weight, bass_weight = weights(notes)
    first = np.maximum(((notes["on_s"] - start) / STEP_S).astype(int), 0)
    last = np.maximum(((notes["off_s"] - start) / STEP_S).astype(int), first + 1)
    upper, bass = np.zeros((2, count, 12), dtype=np.float32)
    for i in range(len(notes)):
        sounding, pitch_class = slice(first[i], last[i]), notes["pitch"][i] % 12
        upper[sounding, pitch_class] += upper_weight[i]
        bass[sounding, pitch_class] += bass_weight[i]
    named = name_chords(upper, bass, STEP_S)
    row = ((times - DELAY_S - start) / STEP_S).astype(int)
    known = np.where(row >= 0, named[np.clip(row, 0, count - 1)], -1)
    return np.where(known >= 0, known, NO_CHORD).astype(np.int64)
