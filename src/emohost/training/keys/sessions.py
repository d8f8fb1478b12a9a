"""Sessions to hear keys in: stretches of songs in a row, each in its key, rendered and heard by the host's listener."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost._core import Listener
from emohost.labels import NO_CHORD
from emohost.training.data_sets import openewld
from emohost.training.data_sets.folders import Arrays, kept
from emohost.training.data_sets.notes import BASS, MELODY, NOTE, PIANO, Notes, Random
from emohost.training.data_sets.pop909 import songs as pop909
from emohost.training.data_sets.songs import MELODY as SONG_MELODY
from emohost.training.data_sets.songs import STEPS_PER_BAR, Song, Songs, chord_roots, chord_tones, joined
from emohost.training.data_sets.splits import Split
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT
from emohost.training.rendering.listening import listener_stamp
from emohost.training.rendering.render import RATE, Float32, render

VERSION = 1
STEP_S = 0.04  # of the listener's looks, at which the filter steps
COUNT: dict[Split, int] = {"train": 150, "validation": 50, "test": 50}
AT_ONCE = 10  # sessions in one run of the synthesizer
SHORTEST_S, LONGEST_S = 12.0, 28.0  # of a stretch in one key
# To which key a session goes next, in semitones, where the same song goes on: one or two up, to the dominant or the
# subdominant, by a third.
NEAR = (1, 2, 2, 5, 7, -2, -1, 3, -3)
SAME_SONG = 0.6
PROGRAMS = (0, 1, 4, 5, 6, 11, 16, 19, 24, 25, 26, 46, 48, 50, 52, 61, 73, 88)
BASSES = (32, 33, 35, 38, 0)
FEWEST_NOTES = 20


@dataclass(frozen=True)
class KeySessions:
    """chroma (sessions, looks, 12) with rows that sum to 1, or zeros in silence; chord (sessions, looks), -1 where none
    is known; key (sessions, looks): 0-11 major, 12-23 minor, -1 after the end; since_s (sessions, looks): how long."""

    chroma: Float32
    chord: NDArray[np.int64]
    key: NDArray[np.int64]
    since_s: Float32


@dataclass(frozen=True)
class _Session:
    notes: Notes  # in seconds
    seconds: float
    programs: tuple[int, ...]
    keys: list[tuple[float, int]]  # (second, key) from there on
    pedal: bool = False


def sessions(data: Path, cache: Path, split: Split, progress: Progress) -> KeySessions:
    """They are kept. Raises DataError, EmohostError where nothing can be rendered."""
    songs = joined([pop909.load(data, cache, progress), openewld.load(data, cache, progress)])
    found = [song for song in songs.of(split) if len(song.notes) >= FEWEST_NOTES]
    depends = {"version": VERSION, "listener": listener_stamp(), "songs": len(found), "count": COUNT[split]}
    return _of(kept(cache, f"keys-{split}", depends, lambda: _heard(Songs(found), split, progress)))


def _heard(songs: Songs, split: Split, progress: Progress) -> Arrays:
    random = np.random.default_rng([("train", "validation", "test").index(split), 24])
    rows = []
    for first in range(0, COUNT[split], AT_ONCE):
        progress(f"rendering keys ({split})", first, COUNT[split])
        some = [_session(songs.entries, random) for _ in range(AT_ONCE)]
        for session, sound in zip(some, render(some, TRAIN_SOUNDFONT), strict=True):
            rows.append(_listen(session, sound * np.float32(random.uniform(0.5, 2))))
    looks = max(len(row[0]) for row in rows)
    arrays: Arrays = {
        "chroma": np.zeros((len(rows), looks, 12), dtype=np.float16),
        "chord": np.full((len(rows), looks), -1, dtype=np.int8),
        "key": np.full((len(rows), looks), -1, dtype=np.int8),
        "since_s": np.zeros((len(rows), looks), dtype=np.float16),
    }
    for number, row in enumerate(rows):
        for array, values in zip(arrays.values(), row, strict=True):
            array[number, : len(values)] = values
    return arrays


def _of(arrays: Arrays) -> KeySessions:
    chroma = np.asarray(arrays["chroma"], dtype=np.float32)
    total = chroma.sum(axis=-1, keepdims=True)
    return KeySessions(
        np.divide(chroma, total, out=np.zeros_like(chroma), where=total > 0.5),
        np.asarray(arrays["chord"], dtype=np.int64),
        np.asarray(arrays["key"], dtype=np.int64),
        np.asarray(arrays["since_s"], dtype=np.float32),
    )


def _listen(session: _Session, sound: Float32) -> tuple[NDArray[np.generic], ...]:
    heard = Listener(float(RATE)).process(np.clip(sound, -1, 1).astype(np.float32))[1::2]
    times = STEP_S * np.arange(1, len(heard) + 1)
    begins = np.array([at for at, _ in session.keys])
    place = np.maximum(np.searchsorted(begins, times, side="right") - 1, 0)
    key = np.array([key for _, key in session.keys])[place]
    return heard["chroma"], heard["chord"], key, times - begins[place]


def _session(songs: list[Song], random: Random) -> _Session:
    """One to three stretches; the second is of the same song in a near key, or of another one in any."""
    notes: list[Notes] = []
    keys: list[tuple[float, int]] = []
    at, shift = 0.0, int(random.integers(12))
    song = songs[int(random.integers(len(songs)))]
    for number in range(int(random.integers(1, 4))):
        if number and random.random() < SAME_SONG:
            shift += int(random.choice(NEAR))
        elif number:
            song, shift = songs[int(random.integers(len(songs)))], int(random.integers(12))
        stretch, seconds = _stretch(song, random, shift - 12 * (shift > 5))
        if not len(stretch):
            continue
        stretch["onset"] += at
        notes.append(stretch)
        keys.append((at, (song.tonic + shift) % 12 + 12 * song.minor))
        at += seconds
    if not notes:
        return _session(songs, random)
    programs = (*(int(random.choice(PROGRAMS)) for _ in range(3)), int(random.choice(BASSES)))
    return _Session(np.concatenate(notes), at, programs, keys)


def _stretch(song: Song, random: Random, shift: int) -> tuple[Notes, float]:
    """Of whole bars, from second 0; a lead sheet with its chords played."""
    bars = np.flatnonzero(song.step_in_bar == 0)
    first = int(bars[int(random.integers(max(1, len(bars) - 8)))]) if len(bars) else 0
    begin = float(song.step_s[first])
    until = begin + float(random.uniform(SHORTEST_S, LONGEST_S))
    ends = [float(song.step_s[bar]) for bar in bars if song.step_s[bar] <= until]
    end = max([begin, *ends])
    chosen = song.notes[(song.notes["on_s"] >= begin) & (song.notes["on_s"] < end)]
    rows = [
        (
            note["on_s"] - begin,
            note["off_s"] - note["on_s"],
            note["pitch"],
            note["velocity"],
            MELODY if note["part"] == SONG_MELODY else PIANO,
        )
        for note in chosen
    ]
    if not (chosen["part"] != SONG_MELODY).any():
        rows += _accompaniment(song, first, begin, end, random)
    notes = np.array(rows, dtype=NOTE)
    notes["pitch"] += shift
    return notes, end - begin


def _accompaniment(
    song: Song, first: int, begin: float, end: float, random: Random
) -> list[tuple[float, float, int, int, int]]:
    """The sheet's chords, struck where they begin and with each half bar, and their roots below."""
    last = int(np.searchsorted(song.step_s[:-1], end))
    struck = [
        step
        for step in range(first, last)
        if step == first
        or song.chord[step] != song.chord[step - 1]
        or song.step_in_bar[step] % (STEPS_PER_BAR // 2) == 0
    ]
    tones, roots = chord_tones(), chord_roots()
    velocity = int(random.integers(55, 85))
    rows = []
    for step, following in pairwise([*struck, last]):
        chord = int(song.chord[step])
        if chord == NO_CHORD or following <= step:
            continue
        on, length = float(song.step_s[step]) - begin, float(song.step_s[following] - song.step_s[step])
        pitches = [55 + (pitch - 55) % 12 for pitch in np.flatnonzero(tones[chord])]
        rows += [(on, 0.95 * length, int(pitch), velocity, PIANO) for pitch in pitches]
        rows.append((on, 0.95 * length, int(36 + (roots[chord] - 36) % 12), velocity + 10, BASS))
    return rows
