"""What the melody network is taught and scored on: melodies in C major or A minor, each step with an emotion.

The emotion is that of the bars around the step by the cue model of labels.py. Tempo is the host's to choose and not
the network's, so every melody is labelled as if played at 100 beats a minute; then density stands for notes per bar.
Melodies alone differ less than music does (no dull or bright timbre, few loudnesses), so that labels fill only the
middle of the circumplex: they are stretched until nine tenths of the training passages fill `REACH` on each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets import openewld
from emohost.training.data_sets.labels import cues_of_notes, emotion, mode_of_chroma
from emohost.training.data_sets.pop909 import songs as pop909
from emohost.training.data_sets.songs import STEPS_PER_BAR, Song, Songs, chord_tones, joined, transposed
from emohost.training.progress import Progress

TEMPO = 100.0
STEP_S = 60.0 / TEMPO / 4
PASSAGE_BARS = 4
REACH = 0.85  # of the labels: the 5th percentile becomes -REACH, the 95th REACH
NONE = -1  # no note begins


@dataclass(frozen=True)
class Melody:
    """A melody in C major or A minor. Steps without a passage's emotion (nobody sings) are left out."""

    piece: str
    emotion: NDArray[np.float32]  # (T, 2) valence and arousal, not stretched
    pitch: NDArray[np.int16]  # (T,) of the note that begins at the step, NONE where none does
    step: NDArray[np.int32]  # (T,) in the song, to see where steps were left out
    step_in_bar: NDArray[np.int8]  # (T,)
    chord: NDArray[np.int16]  # (T,) class, moved with the melody
    minor: bool


def load_songs(data: Path, cache: Path, progress: Progress) -> Songs:
    """Of POP909 and OpenEWLD, or of the one that is there. Raises DataError for neither, for files that are malformed,
    and for too few songs."""
    readers = {"pop909": pop909.load, "openewld": openewld.load}
    there = [load for name, load in readers.items() if (data / name).is_dir()]
    songs = joined(load(data, cache, progress) for load in there or readers.values())
    songs.require_all_splits(f"{data}: songs in four")
    return songs


def melodies(songs: Sequence[Song]) -> list[Melody]:
    made = (melody_of(song) for song in songs)
    return [melody for melody in made if len(melody.pitch)]


def melody_of(song: Song) -> Melody:
    notes = song.melody()
    notes["pitch"] += song.shift
    inside = (notes["pitch"] >= 0) & (notes["pitch"] < 128) & (notes["step"] < song.steps)
    notes = notes[inside]
    pitch = np.full(song.steps, NONE, dtype=np.int16)
    pitch[notes["step"]] = notes["pitch"]
    labels = _labels(song, notes)
    sung = np.flatnonzero(~np.isnan(labels[:, 0]))
    return Melody(
        song.piece,
        labels[sung].astype(np.float32),
        pitch[sung],
        sung.astype(np.int32),
        song.step_in_bar[sung],
        transposed(song.chord, song.shift)[sung].astype(np.int16),
        song.minor,
    )


@dataclass(frozen=True)
class Stretch:
    """Valence and arousal as computed -> as the network is told."""

    low: NDArray[np.float64]  # (2,)
    high: NDArray[np.float64]

    @classmethod
    def of(cls, found: Sequence[Melody]) -> Stretch:
        low, high = np.percentile(np.concatenate([m.emotion for m in found]), [5, 95], axis=0)
        return cls(low, high)

    def __call__(self, labels: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.clip(REACH * (2 * (labels - self.low) / (self.high - self.low) - 1), -1, 1)


def _labels(song: Song, notes: NDArray[np.void]) -> NDArray[np.float64]:
    """(T, 2): of each passage of four bars, for all its steps; NaN where fewer than two notes are sung."""
    tones = chord_tones()
    labels = np.full((song.steps, 2), np.nan)
    bars = np.flatnonzero(song.step_in_bar == 0)
    for start in bars[::PASSAGE_BARS]:
        end = min(start + PASSAGE_BARS * STEPS_PER_BAR, song.steps)
        inside = notes[(notes["step"] >= start) & (notes["step"] < end)]
        if len(inside) < 2:
            continue
        chroma = np.bincount(inside["pitch"] % 12, weights=inside["steps"], minlength=12)
        harmony = np.roll(tones[song.chord[start:end]].sum(axis=0), song.shift)
        local = mode_of_chroma(chroma + harmony)
        cues = cues_of_notes(
            inside["step"] * STEP_S,
            inside["steps"] * STEP_S,
            inside["pitch"],
            inside["velocity"],
            tempo_bpm=TEMPO,
            length_s=(end - start) * STEP_S,
            mode=0.5 * (local + (-1.0 if song.minor else 1.0)),
        )
        labels[start:end] = emotion(cues)
    return labels
