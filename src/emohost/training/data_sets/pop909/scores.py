"""POP909's songs as scores: melody, bridge and piano in beats, as played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.midi_files import clock
from emohost.training.data_sets.notes import BRIDGE, MELODY, PIANO, Notes, notes_of_track
from emohost.training.data_sets.pop909.files import midi_file, midi_of, song_folder

TRACKS = {"MELODY": MELODY, "BRIDGE": BRIDGE, "PIANO": PIANO}


@dataclass(frozen=True)
class Piece:
    name: str
    notes: Notes
    beats: float


@lru_cache(maxsize=1024)
def load_piece(data: Path, name: str) -> Piece:
    """Raises DataError."""
    folder = song_folder(data, name)
    midi = midi_of(folder)
    tracks = [
        notes_of_track(track, midi.ticks_per_beat, TRACKS[track.name])
        for track in midi.tracks
        if track.name in TRACKS
    ]
    if not any(len(track) for track in tracks):
        raise DataError(
            f"{midi_file(folder)}: expected tracks named {', '.join(TRACKS)} with notes, found none"
        )
    notes = np.sort(np.concatenate(tracks), order="onset")
    return Piece(name, notes, float(notes["onset"].max()))


def notes_in_beats(data: Path, name: str, beat_s: NDArray[np.float64]) -> tuple[Notes, float]:
    """In the beats `beat_s` of its table, and the seconds of a beat. Raises DataError."""
    notes = load_piece(data, name).notes.copy()
    midi = midi_of(song_folder(data, name))
    seconds = clock(midi)
    on_s, off_s = (
        seconds(np.round(quarters * midi.ticks_per_beat).astype(np.int64))
        for quarters in (notes["onset"], notes["onset"] + notes["duration"])
    )
    median = float(np.median(np.diff(beat_s)))
    # the tables go on as they end
    places = np.concatenate([[-16.0], np.arange(len(beat_s)), [len(beat_s) + 15.0]])
    at_s = np.concatenate([[beat_s[0] - 16 * median], beat_s, [beat_s[-1] + 16 * median]])
    on, off = np.interp(on_s, at_s, places), np.interp(off_s, at_s, places)
    notes["onset"], notes["duration"] = on, np.maximum(off - on, 0.05)
    return np.asarray(notes[(on > -1) & (on < len(beat_s))]), median
