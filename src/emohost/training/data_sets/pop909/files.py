"""Where POP909's files are, and its tables of beats, keys and chords."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import DataError, data_set
from emohost.training.data_sets.midi_files import read_midi
from emohost.training.data_sets.splits import Split, split_of

SET = "pop909"
HOLDS = "POP909"  # the folder in it that has a folder for each song


def songs_folder(data: Path) -> Path:
    """The folder that has one for each song. Raises DataError where the set is not there."""
    return data_set(data, SET, HOLDS) / HOLDS


def song_folder(data: Path, name: str) -> Path:
    return data / SET / HOLDS / name


def song_folders(data: Path) -> list[Path]:
    """Of all songs, in order. Raises DataError."""
    return sorted(each for each in songs_folder(data).iterdir() if each.is_dir())


# Two splits, and a song may be of 'test' in one and of 'train' in the other (models/README.md): networks were fitted by
# each before that was seen, and a split never changes.


def song_names(data: Path, split: Split) -> list[str]:
    """Of the songs of a split by the song's bare name ('007'), in order: emotion, dynamics and beat, and the kinds of
    sound. Raises DataError."""
    return [each.name for each in song_folders(data) if split_of(each.name) == split]


def piece_folders(data: Path, split: Split) -> list[Path]:
    """Of the songs of a split by the piece's name ('pop909/007'), in order: melody and harmony, as `Song.split`. Raises
    DataError."""
    return [each for each in song_folders(data) if split_of(f"{SET}/{each.name}") == split]


def midi_file(folder: Path) -> Path:
    return folder / f"{folder.name}.mid"


def midi_of(folder: Path) -> mido.MidiFile:
    """The song's notes on tracks MELODY, BRIDGE and PIANO. Raises DataError."""
    return read_midi(midi_file(folder))


def beats(folder: Path, least: int = 2) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Seconds of the song's beats, and the indices of those that begin a bar: the time signature of most MIDI files is
    wrong. Raises DataError, also for fewer than `least` beats."""
    file = folder / "beat_midi.txt"
    rows = table(file, 3)
    if len(rows) < least:
        raise DataError(f"{file}: expected {least} beats or more, found {len(rows)}")
    try:
        numbers = rows.astype(np.float64)
    except ValueError as mistake:
        raise DataError(f"{file}: expected numbers: {mistake}") from None
    return numbers[:, 0], np.flatnonzero(numbers[:, 2] == 1)


def table(file: Path, columns: int) -> NDArray[np.str_]:
    """(rows, columns). Raises DataError for a file that is not there, is empty or has a row of another length."""
    if not file.exists():
        raise DataError(f"{file}: expected a table of {columns} columns, found no file")
    rows = [line.split() for line in file.read_text().splitlines() if line.strip()]
    for number, row in enumerate(rows):
        if len(row) != columns:
            raise DataError(f"{file}, line {number + 1}: expected {columns} columns, found {len(row)}")
    if not rows:
        raise DataError(f"{file}: expected at least one line, found none")
    return np.array(rows)
