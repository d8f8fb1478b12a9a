"""The Groove MIDI Dataset: what human drummers played to a click, as hits on a grid of sixteenths.

J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, "Learning to Groove with Inverse Sequence Transformations",
ICML 2019; CC BY 4.0. Only performances in 4/4 are read. The split is the set's own.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import DataError, data_set
from emohost.training.data_sets.midi_files import read_midi
from emohost.training.data_sets.notes import DRUMS, NOTE, Notes, Random, notes_of_track
from emohost.training.data_sets.splits import Split
from emohost.training.progress import Progress

STEPS_PER_BEAT = 4
STEPS = 16  # per bar
SET = "groove-midi"
# by time signature: beats to a bar, whether compound
BEATS = {"4-4": (4, False), "3-4": (3, False), "5-4": (5, False), "6-8": (2, True)}

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class DrumPerformance:
    """One take, its hits in order of time."""

    name: str
    split: str  # train, validation or test
    kind: str  # beat or fill
    style: str  # as the set names it: rock/indie; empty where it does not
    tempo_bpm: float
    place: Float64  # (n,) in sixteenths from the first bar line; the drummer's, so not whole
    velocity: Float64  # (n,) 1 to 127
    length: Float64  # (n,) in sixteenths
    note: NDArray[np.int64]  # (n,) of the drum

    @property
    def bars(self) -> int:
        """Whole bars, from the first bar line on."""
        return int(np.ceil((self.place.max() + 0.5) / STEPS)) if len(self.place) else 0


def performances(
    data: Path,
    progress: Progress,
    split: str | None = None,
    longest: int | None = None,
    genres: Sequence[str] | None = None,
) -> list[DrumPerformance]:
    """Those in 4/4, of all splits or one; the `longest` beats (no fills) only, if that is given; of these `genres` only
    (rock, or more closely rock/indie). Raises DataError for a set that is not there or is not whole."""
    folder = data_set(data, SET, "info.csv")
    with (folder / "info.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("time_signature") == "4-4"]
    if not rows:
        raise DataError(f"{folder / 'info.csv'}: expected performances with time_signature 4-4, found none")
    if split is not None:
        rows = [row for row in rows if row["split"] == split]
    if genres is not None:
        rows = [row for row in rows if _is_of(row.get("style", ""), genres)]
    if longest is not None:
        beats = [row for row in rows if row["beat_type"] == "beat"]
        rows = sorted(beats, key=lambda row: (-float(row["duration"]), row["id"]))[:longest]
    found = []
    for index, row in enumerate(rows):
        progress("reading drummers", index, len(rows))
        found.append(_read(folder / row["midi_filename"], row))
    progress("reading drummers", len(rows), len(rows))
    return [each for each in found if len(each.place)]


def _is_of(style: str, genres: Sequence[str]) -> bool:
    return style in genres or style.split("/")[0] in genres


def _read(path: Path, row: dict[str, str]) -> DrumPerformance:
    file = read_midi(path)
    per_step = file.ticks_per_beat / STEPS_PER_BEAT
    hits: list[list[float]] = []
    sounding: dict[int, int] = {}
    ticks = 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        if message.type == "note_on" and message.velocity > 0:
            sounding[message.note] = len(hits)
            hits.append([ticks / per_step, message.velocity, 0.0, message.note])
        elif message.type in ("note_on", "note_off") and message.note in sounding:
            hit = hits[sounding.pop(message.note)]
            hit[2] = ticks / per_step - hit[0]
    columns = np.array(hits, dtype=np.float64).reshape(-1, 4)
    place, velocity, length, note = columns.T
    return DrumPerformance(
        name=row["id"],
        split=row["split"],
        kind=row["beat_type"],
        style=row.get("style", ""),
        tempo_bpm=float(row["bpm"]),
        place=place,
        velocity=velocity,
        length=length,
        note=note.astype(np.int64),
    )


@lru_cache(maxsize=4)
def drum_loops(data: Path, split: Split) -> tuple[Notes, ...]:
    """Drum performances in 4/4, by the set's own split; at most about 60 of them. Raises DataError."""
    folder = data_set(data, SET, "info.csv")
    rows = [line.split(",") for line in (folder / "info.csv").read_text().splitlines()]
    column = {name: index for index, name in enumerate(rows[0])}
    chosen = [
        row[column["midi_filename"]]
        for row in rows[1:]
        if (row[column["split"]], row[column["beat_type"]], row[column["time_signature"]])
        == (split, "beat", "4-4")
        and float(row[column["duration"]]) > 20
    ]
    loops = []
    for name in chosen[:: max(1, len(chosen) // 60)]:
        midi = read_midi(folder / name)
        loops.append(notes_of_track(mido.merge_tracks(midi.tracks), midi.ticks_per_beat, DRUMS))
    return tuple(loops)


def drum_take(data: Path, split: Split, random: Random) -> tuple[str, float, int, bool, Notes]:
    """One at random: name, quarters a minute, beats to a bar, whether it is compound, notes in quarters. Raises
    DataError."""
    folder = data_set(data, SET, "info.csv")
    with (folder / "info.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["split"], row["beat_type"]) == (split, "beat") and row["time_signature"] in BEATS
            if float(row["duration"]) > 15
        ]
    row = rows[int(random.integers(len(rows)))]
    midi = read_midi(folder / row["midi_filename"])
    tick, hits = 0, []
    for message in mido.merge_tracks(midi.tracks):
        tick += message.time
        if message.type == "note_on" and message.velocity:
            hits.append((tick / midi.ticks_per_beat, 0.1, message.note, message.velocity, DRUMS))
    if not hits:
        raise DataError(f"{folder / row['midi_filename']}: expected notes, found none")
    beats, compound = BEATS[row["time_signature"]]
    return f"groove/{row['id']}", float(row["bpm"]), beats, compound, np.array(hits, dtype=NOTE)
