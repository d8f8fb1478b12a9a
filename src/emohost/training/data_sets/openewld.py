"""OpenEWLD: lead sheets (melody and chord symbols) of works in the public domain, as .mxl files.

The mode that a file names is unreliable: of the two keys of its signature the notes decide. A lead sheet has no
tempo and no dynamics that could be trusted: all play at 100 beats a minute, at one velocity. Needs music21.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.labels import NO_CHORD
from emohost.training.data_sets.folders import data_set, kept, stamp
from emohost.training.data_sets.labels import MAJOR_PROFILE, MINOR_PROFILE
from emohost.training.data_sets.songs import (
    MELODY,
    NOTE,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    Song,
    Songs,
    chord_class,
    chord_roots,
)
from emohost.training.extra import needed
from emohost.training.progress import Progress

VERSION = 1
TEMPO, VELOCITY = 100.0, 80
LEAST_BARS = 8
IN_FOUR = ("4/4", "2/2")


def load(data: Path, cache: Path, progress: Progress) -> Songs:
    """The lead sheets in four that have chord symbols. Raises DataError for a folder that is not there."""
    folder = data_set(data, "openewld", "dataset") / "dataset"

    def read() -> dict[str, NDArray[np.generic]]:
        files = sorted(folder.rglob("*.mxl"))
        songs = Songs()
        for done, file in enumerate(files):
            progress("reading OpenEWLD", done, len(files))
            song = read_song(file)
            songs.entries += [song] if song else []
        progress("reading OpenEWLD", len(files), len(files))
        return songs.to_arrays()

    return Songs.from_arrays(kept(cache, "openewld", {"data": stamp(folder), "version": VERSION}, read))


def read_song(file: Path) -> Song | None:
    """None for a lead sheet that is not in four throughout, too short, or without melody or chords."""
    music21 = needed("music21", "reading lead sheets")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            score: Any = music21.converter.parse(file)
        except Exception:  # what music21 cannot read it tells in many ways; a few sheets less do no harm
            return None
        part = score.parts[0]
        times = {each.ratioString for each in part.recurse().getElementsByClass("TimeSignature")}
        signatures = {each.sharps for each in part.recurse().getElementsByClass("KeySignature")}
        measures = [m for m in part.getElementsByClass("Measure") if m.duration.quarterLength == 4]
        if not times or not times <= set(IN_FOUR) or len(signatures) != 1 or len(measures) < LEAST_BARS:
            return None
        notes, symbols = _grid(measures)
    if len(notes) == 0 or not symbols:
        return None
    steps = len(measures) * STEPS_PER_BAR
    chord = np.full(steps, NO_CHORD, dtype=np.int8)
    for step, found in sorted(symbols):
        chord[step:] = found
    tonic, minor = _key(notes, chord, signatures.pop())
    step_s = np.arange(steps + 1) * 60.0 / TEMPO / STEPS_PER_BEAT
    notes["on_s"] = notes["step"] * step_s[1]
    notes["off_s"] = (notes["step"] + notes["steps"]) * step_s[1]
    places = (np.arange(steps) % STEPS_PER_BAR).astype(np.int8)
    return Song(f"openewld/{file.stem}", tonic, minor, step_s, places, chord, notes)


def _grid(measures: list[Any]) -> tuple[NDArray[np.void], list[tuple[int, int]]]:
    notes: list[tuple[float, ...]] = []
    symbols: list[tuple[int, int]] = []
    held = False
    for bar, measure in enumerate(measures):
        for element in measure.recurse().notes:
            offset = float(element.getOffsetInHierarchy(measure))
            step = bar * STEPS_PER_BAR + round(offset * STEPS_PER_BEAT)
            if "ChordSymbol" in element.classes:
                symbols.append((min(step, (bar + 1) * STEPS_PER_BAR - 1), _symbol_class(element)))
                continue
            length = float(element.duration.quarterLength) * STEPS_PER_BEAT
            if length == 0:
                continue  # a grace note
            if held and notes and element.tie is not None and element.tie.type in ("stop", "continue"):
                notes[-1] = (notes[-1][0], notes[-1][1] + length, *notes[-1][2:])
            else:
                notes.append((step, length, max(p.midi for p in element.pitches), VELOCITY, MELODY, 0.0, 0.0))
            held = element.tie is not None and element.tie.type in ("start", "continue")
    return np.array([tuple(row) for row in notes], dtype=NOTE), symbols


def _symbol_class(symbol: Any) -> int:
    if type(symbol).__name__ == "NoChord" or not symbol.pitches:
        return NO_CHORD
    root = symbol.root().pitchClass
    above = {(pitch.pitchClass - root) % 12 for pitch in symbol.pitches}
    minor = 3 in above and 4 not in above
    if minor and 6 in above and 7 not in above:
        return chord_class(root, "dim7")
    if 10 in above:
        return chord_class(root, "min7" if minor else "7")
    if 11 in above and not minor:
        return chord_class(root, "maj7")
    return chord_class(root, "min" if minor else "maj")


def _key(notes: NDArray[np.void], chord: NDArray[np.int8], sharps: int) -> tuple[int, bool]:
    """Of the two keys of the signature: the one on whose tonic the last chord stands, else the one that fits."""
    major = 7 * sharps % 12
    relative = (major + 9) % 12
    roots = chord_roots()[chord[chord != NO_CHORD]]
    if len(roots) and roots[-1] in (major, relative):
        return int(roots[-1]), bool(roots[-1] == relative)
    chroma = np.bincount(notes["pitch"] % 12, weights=notes["steps"], minlength=12)
    fits = [np.corrcoef(np.roll(profile, tonic), chroma)[0, 1] for profile, tonic in
            ((MAJOR_PROFILE, major), (MINOR_PROFILE, relative))]  # fmt: skip
    return (major, False) if fits[0] >= fits[1] else (relative, True)
