"""POP909 as played: melody, chords and bass of a passage of each song, with the velocities and lengths of its pianists.

Beats and bars are those of beat_midi.txt; only songs in four.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import MELODY, NOTE, PIANO
from emohost.training.data_sets.pop909.files import beats, midi_of, song_folder, song_names
from emohost.training.data_sets.splits import Split
from emohost.training.data_sets.take import PARTS, STEPS, Take
from emohost.training.progress import Progress

SECONDS = 40.0  # of each song
SKIPPED = 0.25  # of the song, before the passage: introductions are played alone
HIGHEST_BASS = 52
LONGEST_WAIT = 16.0  # sixteenths to the next note, beyond which a gate says nothing

Float64 = NDArray[np.float64]


def takes(data: Path, split: Split, limit: int, progress: Progress) -> list[Take]:
    """Passages of at most `limit` songs of a split. Raises DataError."""
    chosen = song_names(data, split)
    found: list[Take] = []
    for name in chosen:
        if len(found) == limit:
            break
        progress(f"reading pianists ({split})", len(found), min(limit, len(chosen)))
        take = _take(song_folder(data, name))
        if take is not None:
            found.append(take)
    progress(f"reading pianists ({split})", 1, 1)
    return found


def _take(folder: Path) -> Take | None:
    """None for a song that is not in four, or is too short."""
    beat_s, downbeats = beats(folder)
    if len(downbeats) < 12 or not (np.diff(downbeats) == 4).mean() > 0.9:
        return None
    first = int(downbeats[int(SKIPPED * len(downbeats))])
    count = int(np.searchsorted(beat_s, beat_s[first] + SECONDS)) - first
    regular = downbeats[(downbeats >= first) & (downbeats < first + count)]
    if count < 32 or (np.diff(regular) != 4).any() or first + count >= len(beat_s):
        return None
    grid = np.interp(np.arange(4 * count + 1) / 4, np.arange(count + 1), beat_s[first : first + count + 1])
    notes = _notes(folder, grid)
    if len(notes) < 32:
        return None
    tempo = float(60 / np.median(np.diff(beat_s[first : first + count + 1])))
    step = np.interp(notes["onset"], grid - grid[0], np.arange(len(grid)))
    nothing = np.full((4 * count, len(PARTS)), np.nan)
    take = Take(
        notes,
        float(grid[-1] - grid[0]),
        tempo,
        grid - grid[0],
        np.arange(4 * count) % STEPS,
        nothing,
        nothing.copy(),
    )
    _place(take, step, tempo)
    return take


def _place(take: Take, step: Float64, tempo: float) -> None:
    """Velocities and gates of melody, chords and bass on the grid."""
    notes = take.notes
    length = notes["duration"] * tempo / 15
    melody = notes["part"] == MELODY
    piano = notes["part"] == PIANO
    bass = np.zeros(len(notes), dtype=bool)
    for at in np.unique(np.round(step[piano])):
        together = np.flatnonzero(piano & (np.round(step) == at))
        lowest = together[np.argmin(notes["pitch"][together])]
        bass[lowest] = notes["pitch"][lowest] <= HIGHEST_BASS
    for part, chosen in enumerate((melody, piano & ~bass, bass)):
        _place_part(take, part, step[chosen], notes["velocity"][chosen] / 127, length[chosen])


def _place_part(take: Take, part: int, step: Float64, velocity: Float64, length: Float64) -> None:
    """Of notes that begin together: the mean."""
    at = np.round(step).astype(int)
    begins = np.unique(at)
    for index, each in enumerate(begins):
        if each >= len(take.velocity):
            continue
        own = at == each
        take.velocity[each, part] = velocity[own].mean()
        wait = begins[index + 1] - each if index + 1 < len(begins) else np.inf
        if wait <= LONGEST_WAIT:
            take.gate[each, part] = np.clip(length[own] / wait, 0, 1).mean()


def _notes(folder: Path, grid: Float64) -> NDArray[np.void]:
    """Of the passage, in seconds from its start. The three tracks are on channels of their own, in order."""
    midi = midi_of(folder)
    now = 0.0
    sounding: dict[tuple[int, int], tuple[float, int]] = {}
    rows = []
    for message in midi:
        now += message.time
        if now > grid[-1] + 4:
            break
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        if key in sounding:
            start, velocity = sounding.pop(key)
            rows.append((start, now - start, message.note, velocity, min(message.channel, PIANO)))
        if message.type == "note_on" and message.velocity:
            sounding[key] = (now, message.velocity)
    notes = np.array([row for row in rows if grid[0] - 0.06 <= row[0] < grid[-1] - 0.06], dtype=NOTE)
    notes["onset"] = np.maximum(notes["onset"] - grid[0], 0)
    return np.sort(notes, order="onset")
