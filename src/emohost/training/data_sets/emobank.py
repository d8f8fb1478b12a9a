"""Reads EmoBank: English sentences that people rated for valence and arousal.

S. Buechel and U. Hahn, "EmoBank: Studying the impact of annotation perspective and representation format on dimensional
emotion analysis", EACL 2017.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import DataError, data_set

CORPUS = "corpus/emobank.csv"
COLUMNS = ("split", "V", "A", "text")
SPLITS = ("train", "dev", "test")
AXES = ("valence", "arousal")

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Sentences:
    """One split of EmoBank."""

    texts: Sequence[str]
    ratings: Float64  # (n, 2) valence and arousal, 1 to 5


def read(data: Path) -> dict[str, Sentences]:
    """The splits of the set in `data`. Raises DataError that names the file and the line."""
    file = data_set(data, "emobank", CORPUS) / CORPUS
    rows: dict[str, list[tuple[str, float, float]]] = {split: [] for split in SPLITS}
    with file.open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        if missing := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
            raise DataError(
                f"{file}:1: expected the columns {', '.join(COLUMNS)}; found none named {missing[0]}"
            )
        for row in table:
            try:
                rows[row["split"]].append((row["text"], float(row["V"]), float(row["A"])))
            except (KeyError, TypeError, ValueError):
                raise DataError(
                    f"{file}:{table.line_num}: expected a split (train, dev or test), two ratings and a text"
                ) from None
    return {
        split: Sentences(
            [row[0] for row in found], np.array([row[1:] for row in found], float).reshape(-1, 2)
        )
        for split, found in rows.items()
    }
