"""Notes of scores and performances: what is played, by which part."""

from __future__ import annotations

import mido
import numpy as np
from numpy.typing import NDArray

MELODY, BRIDGE, PIANO, BASS, DRUMS = range(5)
NOTE = np.dtype(
    [("onset", "f8"), ("duration", "f8"), ("pitch", "i4"), ("velocity", "f8"), ("part", "i4")]
)  # onset and duration in beats in a piece, in seconds in a performance
Notes = NDArray[np.void]
Random = np.random.Generator


def notes_of_track(track: mido.MidiTrack, ticks_per_beat: int, part: int) -> Notes:
    """In beats, by the end of each note."""
    tick = 0
    sounding: dict[int, tuple[int, int]] = {}
    rows = []
    for message in track:
        tick += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        if message.note in sounding:
            start, velocity = sounding.pop(message.note)
            rows.append((start, max(tick - start, 1), message.note, velocity, part))
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = (tick, message.velocity)
    notes = np.array(rows, dtype=NOTE)
    notes["onset"] /= ticks_per_beat
    notes["duration"] /= ticks_per_beat
    return notes
