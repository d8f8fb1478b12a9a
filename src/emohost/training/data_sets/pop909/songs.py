"""POP909's songs on a grid of sixteenths: bars from beat_midi.txt, keys from key_audio.txt, chords from
chord_midi.txt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.labels import NO_CHORD
from emohost.training.data_sets.folders import DataError, kept, stamp
from emohost.training.data_sets.midi_files import clock
from emohost.training.data_sets.pop909.files import beats, midi_file, midi_of, songs_folder, table
from emohost.training.data_sets.songs import (
    MELODY,
    NOTE,
    OTHERS,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    Song,
    Songs,
    chord_class,
)
from emohost.training.progress import Progress

VERSION = 1
PARTS = {"MELODY": MELODY, "BRIDGE": OTHERS, "PIANO": OTHERS}
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
LEAST_BARS = 8  # of a stretch in one key

# Harte's qualities to those of the harmony network. Suspended chords count as the triad of the key on their root.
QUALITY = {
    "maj": "maj",
    "maj6": "maj",
    "maj9": "maj7",
    "aug": "maj",
    "min": "min",
    "min6": "min",
    "minmaj7": "min",
    "min9": "min7",
    "7": "7",
    "9": "7",
    "maj7": "maj7",
    "min7": "min7",
    "sus4(b7)": "7",
    "dim": "dim7",
    "dim7": "dim7",
    "hdim7": "dim7",
}


def load(data: Path, cache: Path, progress: Progress) -> Songs:
    """The songs in four. Raises DataError naming the file that is missing or malformed."""
    folder = songs_folder(data)

    def read() -> dict[str, NDArray[np.generic]]:
        names = sorted(each.name for each in folder.iterdir() if midi_file(each).exists())
        songs = Songs()
        for done, name in enumerate(names):
            progress("reading POP909", done, len(names))
            songs.entries += read_song(folder / name)
        progress("reading POP909", len(names), len(names))
        return songs.to_arrays()

    return Songs.from_arrays(kept(cache, "pop909", {"data": stamp(folder), "version": VERSION}, read))


def read_song(folder: Path) -> list[Song]:
    """One entry for each stretch in one key; none for a song that is not in four."""
    beat_s, downbeats = beats(folder, least=1)
    if len(downbeats) < LEAST_BARS or np.median(np.diff(downbeats)) != STEPS_PER_BAR // STEPS_PER_BEAT:
        return []
    first = int(downbeats[0])
    beat_s = beat_s[first:]
    bars = (downbeats - first)[np.searchsorted(downbeats - first, np.arange(len(beat_s) - 1), "right") - 1]
    beat_in_bar = (np.arange(len(beat_s) - 1) - bars) % (STEPS_PER_BAR // STEPS_PER_BEAT)
    places = np.arange(len(beat_s))
    step_s = np.interp(np.arange((len(beat_s) - 1) * STEPS_PER_BEAT + 1) / STEPS_PER_BEAT, places, beat_s)
    step_in_bar = (beat_in_bar[:, None] * STEPS_PER_BEAT + np.arange(STEPS_PER_BEAT)).ravel()
    notes = _notes(folder, beat_s)
    chords = table(folder / "chord_midi.txt", 3)
    songs = []
    for start_s, end_s, tonic, minor in _keys(folder / "key_audio.txt"):
        # a key change takes effect at the bar
        bar_starts = np.flatnonzero(step_in_bar == 0)
        a, b = (int(np.searchsorted(step_s[bar_starts], at + 1e-6)) for at in (start_s, end_s))
        a = bar_starts[a] if a < len(bar_starts) else len(step_in_bar)
        b = bar_starts[b] if b < len(bar_starts) else len(step_in_bar)
        if b - a < LEAST_BARS * STEPS_PER_BAR:
            continue
        inside = notes[(notes["step"] >= a) & (notes["step"] < b)].copy()
        inside["step"] -= a
        songs.append(
            Song(
                f"pop909/{folder.name}",
                tonic,
                minor,
                step_s[a : b + 1],
                step_in_bar[a:b].astype(np.int8),
                _chords_at(chords, 0.5 * (step_s[a:b] + step_s[a + 1 : b + 1]), tonic, minor),
                inside,
            )
        )
    return songs


def parse_chord(label: str, tonic: int, minor: bool) -> int:
    """Class, with absolute root, of a label such as 'F#:min7/b7' in a key. Raises ValueError."""
    if label == "N":
        return NO_CHORD
    name, _, quality = label.partition(":")
    root, quality = pitch_class_of(name), quality.split("/")[0]
    if quality in ("sus2", "sus4"):
        scale = (0, 2, 3, 5, 7, 8, 10, 11) if minor else (0, 2, 4, 5, 7, 9, 11)
        quality = "maj" if (root + 4 - tonic) % 12 in scale else "min"
    if quality not in QUALITY:
        raise ValueError(f"unknown chord {label!r}")
    return chord_class(root, QUALITY[quality])


def pitch_class_of(name: str) -> int:
    """'Gb' is 6. Raises ValueError."""
    if not name or name[0] not in PITCH_CLASSES or name.strip("CDEFGAB#b"):
        raise ValueError(f"unknown pitch class {name!r}")
    return (PITCH_CLASSES[name[0]] + name.count("#") - name[1:].count("b")) % 12


def _chords_at(
    chords: NDArray[np.str_], times: NDArray[np.float64], tonic: int, minor: bool
) -> NDArray[np.int8]:
    starts = chords[:, 0].astype(float)
    classes = np.array([parse_chord(label, tonic, minor) for label in chords[:, 2]], dtype=np.int8)
    found = classes[np.maximum(np.searchsorted(starts, times, "right") - 1, 0)]
    outside = (times < starts[0]) | (times >= float(chords[-1, 1]))
    return np.where(outside, NO_CHORD, found).astype(np.int8)


def _keys(file: Path) -> list[tuple[float, float, int, bool]]:
    """(start, end, tonic, minor); the first from the beginning and the last to the end of the song."""
    rows = table(file, 3)
    keys = []
    for number, (start, _, label) in enumerate(rows):
        name, _, mode = str(label).partition(":")
        end = float(rows[number + 1][0]) if number + 1 < len(rows) else float("inf")
        keys.append((float(start) if number else 0.0, end, pitch_class_of(name), mode == "min"))
    return keys


def _notes(folder: Path, beat_s: NDArray[np.float64]) -> NDArray[np.void]:
    """The notes after the first downbeat and before the last beat, by onset."""
    places = np.arange(len(beat_s))
    rows = []
    midi = midi_of(folder)
    seconds = clock(midi)
    for track in midi.tracks:
        part = PARTS.get(track.name.strip())
        if part is None:
            continue
        tick, sounding = 0, {}
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                sounding[message.note] = (tick, message.velocity)
            elif message.type in ("note_on", "note_off") and message.note in sounding:
                began, velocity = sounding.pop(message.note)
                rows.append((began, tick, message.note, velocity, part))
    if not rows:
        raise DataError(f"{midi_file(folder)}: expected notes on tracks MELODY, BRIDGE and PIANO, found none")
    columns = np.array(rows)
    on_s, off_s = seconds(columns[:, 0]), seconds(columns[:, 1])
    on, off = (STEPS_PER_BEAT * np.interp(at, beat_s, places) for at in (on_s, off_s))
    notes = np.zeros(len(columns), dtype=NOTE)
    notes["step"], notes["steps"] = np.round(on), np.maximum(off - on, 0.25)
    notes["on_s"], notes["off_s"] = on_s, off_s
    for column, name in ((2, "pitch"), (3, "velocity"), (4, "part")):
        notes[name] = columns[:, column]
    notes = notes[(on_s >= beat_s[0] - 0.05) & (on < STEPS_PER_BEAT * (len(beat_s) - 1) - 0.5)]
    return np.asarray(notes[np.argsort(notes["step"], kind="stable")])
