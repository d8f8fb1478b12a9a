"""What the harmony network is told and asked; how that is written down is the engine's own (ext/core/context.h).

Input (128): the emotion's embedding (64); what is heard (12: chroma, and the chord that the listener names), chroma
played (12), pitch classes (12) and root (12) of the chord in force before the step, with them the chords that were
heard at the same place four and eight bars ago, sixteenth in the bar (16 one-hot); pitch classes relative to the tonic.
All is known half a step before it, and the ear is `EAR_STEPS` more behind. Asked: where the host chooses a chord, the
one that comes; elsewhere the one that is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost._core import EAR_STEPS, PLAYED_FADE, harmony_context, recall_chords, tell_of_ear
from emohost.emotion import encode
from emohost.labels import NO_CHORD
from emohost.training.data_sets.folders import Arrays, kept
from emohost.training.data_sets.labels import cues_of_notes, emotion, mode_of_chroma
from emohost.training.data_sets.songs import (
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    Song,
    chord_class,
    chord_roots,
    chord_tones,
    transposed,
)
from emohost.training.harmony.chroma import HeardSong, estimated_hearing, rendered_hearing
from emohost.training.progress import Progress
from emohost.training.rendering.listening import listener_stamp

Float32 = NDArray[np.float32]
Ints = NDArray[np.int64]

PASSAGE_BARS = 8
VERSION = 3
TONES, ROOTS = chord_tones(), chord_roots()
# Triads of the minor mode that the major mode does not have: i, iv, v, III, VI, VII.
MINOR_MODE = [
    chord_class(root, quality)
    for root, quality in ((0, "min"), (5, "min"), (7, "min"), (3, "maj"), (8, "maj"), (10, "maj"))
]


@dataclass(frozen=True)
class Steps:
    """The steps of one song: what was heard, and the truth. Pitch classes are relative to the tonic."""

    piece: str
    emotion: Float32  # (T, 2)
    heard: Float32  # (T, 12) chroma
    named: Ints  # (T,) class that the listener names, NO_CHORD where unclear
    place: Ints  # (T,) sixteenth in the bar
    chord: Ints  # (T,) class
    time_s: NDArray[np.float64]  # (T + 1,) at which steps begin, and the last ends

    @property
    def decides(self) -> NDArray[np.bool_]:
        """(T,) where the host chooses a chord: the bar's beginning and its middle."""
        return np.asarray(self.place % (STEPS_PER_BAR // 2) == 0)

    @property
    def ear(self) -> Float32:
        """(T, 12) what the network is told of the ear."""
        return tell_of_ear(self.heard, self.named)

    @property
    def remembered(self) -> Float32:
        """(T, 24) tones and root of what was heard in the half bar that began here some bars ago: chord_memory.h."""
        return recall_chords(self.named)

    @property
    def asked(self) -> Ints:
        """(T,) the chord that comes where the host chooses one, elsewhere the one that is heard."""
        before = np.maximum(np.arange(len(self.chord)) - EAR_STEPS, 0)
        return np.where(self.decides, self.chord, self.chord[before])


def steps_of(song: Song, hearing: HeardSong) -> Steps:
    """Of as many steps as were heard."""
    count = min(len(hearing.chord), song.steps)
    return Steps(
        song.piece,
        passage_emotion(song)[:count],
        np.roll(hearing.chroma[:count], -song.tonic, axis=1),
        transposed(hearing.chord[:count], -song.tonic),
        song.step_in_bar[:count].astype(np.int64),
        song.relative_chords()[:count],
        song.step_s[: count + 1] - song.step_s[0],
    )


def passage_emotion(song: Song) -> Float32:
    """(T, 2): valence and arousal of passages of eight bars, by the cue model, of all notes at the song's own tempo."""
    labels = np.zeros((song.steps, 2), dtype=np.float32)
    length = PASSAGE_BARS * STEPS_PER_BAR
    for start in range(0, song.steps, length):
        end = min(start + length, song.steps)
        inside = song.notes[(song.notes["step"] >= start) & (song.notes["step"] < end)]
        if len(inside) == 0:
            labels[start:end] = labels[start - 1] if start else 0
            continue
        duration = inside["off_s"] - inside["on_s"]
        chroma = np.bincount(inside["pitch"] % 12, weights=duration, minlength=12)
        cues = cues_of_notes(
            inside["on_s"],
            duration,
            inside["pitch"],
            inside["velocity"],
            tempo_bpm=song.tempo,
            length_s=float(song.step_s[end] - song.step_s[start]),
            mode=0.5 * (mode_of_chroma(chroma) + (-1.0 if song.minor else 1.0)),
        )
        labels[start:end] = emotion(cues)
    return labels


def chords_in_force(chord: Ints, decides: NDArray[np.bool_]) -> Ints:
    """(T,) before each step, for chords chosen where `decides` and held: what the host has played until then."""
    index = np.where(decides, np.arange(len(chord)), -1)
    last = np.maximum.accumulate(index)
    before = np.concatenate([[-1], last[:-1]])
    return np.where(before >= 0, chord[np.maximum(before, 0)], NO_CHORD)


def chroma_of_chords(before: Ints) -> Float32:
    """(T, 12) chroma that a band has played that strikes the chord in force once a beat: fading, sums to 1."""
    played = np.zeros((len(before), 12), dtype=np.float32)
    state = np.zeros(12, dtype=np.float32)
    for step, chord in enumerate(before):
        if step % STEPS_PER_BEAT == 1:
            state = state + TONES[chord]
        played[step] = state
        state = state * PLAYED_FADE
    total = played.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(played, total, out=np.zeros_like(played), where=total > 0))


def inputs(steps: Steps, before: Ints, played: Float32, emotion: Float32 | None = None) -> Float32:
    """(T, 128) of all steps; `emotion` (T, 2) in place of the song's own."""
    point = steps.emotion if emotion is None else emotion
    return np.concatenate(
        [
            encode(point[:, 0], point[:, 1]),
            harmony_context(steps.ear, played, before, steps.remembered, steps.place),
        ],
        axis=1,
    )


def listened(songs: Sequence[Song], cache: Path, progress: Progress, longest_s: float) -> list[Steps]:
    def listen() -> Arrays:
        arrays: Arrays = {}
        for done, song in enumerate(songs):
            progress("listening to rendered songs", done, len(songs))
            hearing = rendered_hearing(song, longest_s)
            arrays |= {f"chroma{done}": hearing.chroma, f"chord{done}": hearing.chord}
        progress("listening to rendered songs", len(songs), len(songs))
        return arrays

    names = [f"{song.piece} {song.tonic} {song.steps}" for song in songs]
    depends = {"songs": names, "longest": longest_s, "version": VERSION, "listener": listener_stamp()}
    arrays = kept(cache, "listened", depends, listen)
    return [
        steps_of(song, HeardSong(np.asarray(arrays[f"chroma{i}"]), np.asarray(arrays[f"chord{i}"])))
        for i, song in enumerate(songs)
    ]


def estimated(songs: Sequence[Song], progress: Progress) -> list[Steps]:
    made = []
    for done, song in enumerate(songs):
        progress("estimating what is heard", done, len(songs))
        made.append(steps_of(song, estimated_hearing(song)))
    progress("estimating what is heard", len(songs), len(songs))
    return made


def in_another_key(steps: Steps, semitones: int) -> Steps:
    """As the host sees it when it takes the tonic to be that number of semitones higher than it is."""
    return Steps(
        steps.piece,
        steps.emotion,
        np.roll(steps.heard, -semitones, axis=1),
        transposed(steps.named, -semitones),
        steps.place,
        transposed(steps.chord, -semitones),
        steps.time_s,
    )
