"""OpenEWLD's lead sheets with their metre: melody and chord symbols in beats, in two, three, four and six.

The beat of a compound metre is a dotted quarter, that of 2/2 a half, else a quarter. Needs music21.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import Arrays, data_set, kept, stamp
from emohost.training.data_sets.splits import Split, split_of
from emohost.training.extra import needed
from emohost.training.progress import Progress

VERSION = 2
SHEETS = 600  # of the set; as many as are read
FEWEST_BARS = 12
UNIT = {
    "2/4": 1.0,
    "3/4": 1.0,
    "4/4": 1.0,
    "2/2": 2.0,
    "6/8": 1.5,
    "9/8": 1.5,
    "12/8": 1.5,
}  # quarters to a beat

MELODY_NOTE = np.dtype([("onset", "f8"), ("duration", "f8"), ("pitch", "i4")])
CHORD = np.dtype(
    [("onset", "f8"), ("root", "i4"), ("tones", "i4")]
)  # tones: bits of semitones above the root
BAR = np.dtype([("onset", "f8"), ("beats", "i4"), ("compound", "?"), ("half", "?")])


@dataclass(frozen=True)
class Sheet:
    """A stretch of whole bars. Time is in beats from its first bar line; an upbeat is before 0."""

    piece: str
    notes: NDArray[np.void]  # of MELODY_NOTE
    chords: NDArray[np.void]  # of CHORD
    bars: NDArray[np.void]  # of BAR

    @property
    def beats(self) -> int:
        return int(self.bars["beats"].sum())

    @property
    def split(self) -> Split:
        return split_of(self.piece)


def sheets(data: Path, cache: Path, progress: Progress) -> list[Sheet]:
    """Raises DataError for a folder that is not there."""
    folder = data_set(data, "openewld", "dataset") / "dataset"

    def read() -> Arrays:
        files = sorted(folder.rglob("*.mxl"))
        files = files[:: max(1, len(files) // SHEETS)][:SHEETS]
        found = []
        for done, file in enumerate(files):
            progress("reading lead sheets", done, len(files))
            found += [sheet] if (sheet := read_sheet(file)) else []
        progress("reading lead sheets", len(files), len(files))
        return _arrays(found)

    return _from_arrays(kept(cache, "beat-sheets", {"data": stamp(folder), "version": VERSION}, read))


def read_sheet(file: Path) -> Sheet | None:
    """The longest stretch of whole bars; None without melody and chords in it, or for another metre."""
    music21 = needed("music21", "reading lead sheets")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            score: Any = music21.converter.parse(file)
            measures = list(score.parts[0].getElementsByClass("Measure"))
            rows = [_measure(measure) for measure in measures]
        except Exception:  # what music21 cannot read it tells in many ways; a few sheets less do no harm
            return None
    first, last = _longest([row is not None and row[3] for row in rows])
    if last - first < FEWEST_BARS:
        return None
    notes: list[tuple[float, float, int]] = []
    chords: list[tuple[float, int, int]] = []
    bars: list[tuple[float, int, bool, bool]] = []
    at = 0.0
    for index in range(max(first - 1, 0), last):
        found = rows[index]
        if found is None:
            continue
        melody, symbols, (beats, unit, length), _ = found
        start = at if index >= first else -length / unit
        notes += [(start + on / unit, held / unit, pitch) for on, held, pitch in melody]
        if index >= first:
            chords += [(start + on / unit, root, tones) for on, root, tones in symbols]
            bars.append((at, beats, unit == 1.5, unit == 2.0))
            at += beats
    if len(notes) < 2 * FEWEST_BARS or len(chords) < FEWEST_BARS / 3:
        return None
    return Sheet(
        f"openewld/{file.stem}",
        np.array(notes, dtype=MELODY_NOTE),
        np.array(chords, dtype=CHORD),
        np.array(bars, dtype=BAR),
    )


def _measure(measure: Any) -> Any:
    """Melody, symbols, (beats, quarters to a beat, length in quarters), whether it is whole; None in another metre."""
    signature = measure.getContextByClass("TimeSignature")
    if signature is None or signature.ratioString not in UNIT:
        return None
    unit = UNIT[signature.ratioString]
    whole = float(measure.barDuration.quarterLength)
    melody, symbols = [], []
    for element in measure.recurse().notes:
        at = float(element.getOffsetInHierarchy(measure))
        if "ChordSymbol" in element.classes:
            if type(element).__name__ != "NoChord" and element.pitches:
                root = element.root().pitchClass
                tones = sum({1 << (pitch.pitchClass - root) % 12 for pitch in element.pitches})
                symbols.append((at, root, tones))
            continue
        length = float(element.duration.quarterLength)
        tied = element.tie is not None and element.tie.type in ("stop", "continue")
        if length > 0 and not tied:
            melody.append((at, length, max(pitch.midi for pitch in element.pitches)))
    length = float(measure.duration.quarterLength)
    return melody, symbols, (round(whole / unit), unit, length), length == whole


def _longest(inside: list[bool]) -> tuple[int, int]:
    best, start = (0, 0), None
    for index, each in enumerate([*inside, False]):
        if each and start is None:
            start = index
        if not each and start is not None:
            best = max(best, (start, index), key=lambda run: run[1] - run[0])
            start = None
    return best


def _arrays(found: list[Sheet]) -> Arrays:
    arrays: Arrays = {"piece": np.array([sheet.piece for sheet in found])}
    for name, dtype in (("notes", MELODY_NOTE), ("chords", CHORD), ("bars", BAR)):
        tables = [getattr(sheet, name) for sheet in found]
        arrays[f"{name}_count"] = np.array([len(table) for table in tables], dtype=np.int64)
        arrays[name] = np.concatenate(tables) if tables else np.zeros(0, dtype=dtype)
    return arrays


def _from_arrays(arrays: Arrays) -> list[Sheet]:
    columns = [
        np.split(arrays[name], np.cumsum(np.asarray(arrays[f"{name}_count"], dtype=np.int64))[:-1])
        for name in ("notes", "chords", "bars")
    ]
    return [Sheet(str(piece), *tables) for piece, *tables in zip(arrays["piece"], *columns, strict=True)]
