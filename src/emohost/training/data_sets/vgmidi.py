"""VGMIDI: phrases of game music for piano, with what some thirty listeners each felt (L. Ferreira and J. Whitehead,
"Learning to generate music with sentiment", ISMIR 2019). Only to measure with: no network is trained on it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mido

from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.midi_files import read_midi

FOLDER: Final = "vgmidi"
_LABELS = {"1": 1, "-1": -1}


@dataclass(frozen=True)
class Phrase:
    """`valence` and `arousal`: 1 or -1, as most listeners said."""

    midi: mido.MidiFile
    valence: int
    arousal: int


def phrases(data: Path) -> list[Phrase]:
    """All of them, in the order of labels.csv. Raises DataError."""
    folder = data / FOLDER
    file = folder / "labels.csv"
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: expected labels of phrases: {error}") from None
    return [_phrase(folder, file, number, row) for number, row in enumerate(rows, 2)]


def _phrase(folder: Path, file: Path, line: int, row: dict[str, str]) -> Phrase:
    try:
        name, valence, arousal = row["file"], _LABELS[row["valence"]], _LABELS[row["arousal"]]
    except KeyError:
        raise DataError(
            f"{file}:{line}: expected file, valence and arousal, each of the two 1 or -1"
        ) from None
    return Phrase(read_midi(folder / name), valence, arousal)
