"""One sound file through the engine, from its first frame to its last: what was heard, and what was played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost import emotion
from emohost._core import Engine
from emohost.audio.sound_file import SoundFile
from emohost.config.schema import PARTS, Rig
from emohost.errors import AudioError
from emohost.labels import Segment, chord_segments, key_segments
from emohost.midi.notes import Note, notes_of
from emohost.offline.engine import build_engine
from emohost.plot import Track, track_of

CHUNK_S = 1.0  # audio in memory at a time

Progress = Callable[[float], None]
Events = list[tuple[int, bytes, int]]


@dataclass(frozen=True)
class Hearing:
    """What was heard, one entry per hop, in order; all arrays (n,). Hop i covers hop_s * i to hop_s * (i + 1)."""

    hop_s: float
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    tonic: NDArray[np.int8]
    minor: NDArray[np.bool_]
    chord: NDArray[np.int8]
    level_db: NDArray[np.float32]
    key_clarity: NDArray[np.float32]

    @property
    def starts_s(self) -> NDArray[np.float64]:
        return np.arange(len(self.valence), dtype=np.float64) * self.hop_s


@dataclass(frozen=True)
class Performance:
    """A file and what the host made of it."""

    file: Path
    sample_rate: int
    frames: int
    events: Events
    """(frame, MIDI bytes, part) in order of time; every note-on has its note-off."""
    hearing: Hearing
    chord_played: tuple[NDArray[np.float64], NDArray[np.int8]]
    """Where it changes: seconds, chord class with absolute root."""
    untrained: tuple[str, ...]
    """Roles whose networks say of themselves that they are untrained: what they answer is random."""

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate

    @property
    def keys(self) -> list[Segment]:
        return key_segments(self.hearing.starts_s, self.duration_s, self.hearing.tonic, self.hearing.minor)

    @property
    def chords(self) -> list[Segment]:
        """Chords heard."""
        return chord_segments(self.hearing.starts_s, self.duration_s, self.hearing.chord)

    @property
    def chords_played(self) -> list[Segment]:
        return chord_segments(self.chord_played[0], self.duration_s, self.chord_played[1])

    @property
    def timed_events(self) -> list[tuple[float, bytes, int]]:
        """(seconds, MIDI bytes, part)."""
        return [(frame / self.sample_rate, data, part) for frame, data, part in self.events]

    @property
    def notes(self) -> list[Note]:
        return notes_of(self.timed_events, self.duration_s)

    @property
    def notes_by_part(self) -> dict[str, int]:
        notes = self.notes
        return {name: sum(note.part == number for note in notes) for number, name in enumerate(PARTS)}

    def track(self, played: bool) -> Track:
        """For the picture; `played` adds what the host played to what it heard."""
        hearing = self.hearing
        track = track_of(
            hearing.starts_s,
            hearing.valence,
            hearing.arousal,
            self.duration_s,
            hearing.tonic,
            hearing.minor,
            {"chord heard": hearing.chord},
        )
        return track.with_strip("chord played", self.chords_played) if played else track


def perform(
    path: Path, rig: Rig, base: Path, block_size: int, progress: Progress = lambda seconds: None
) -> Performance:
    """Plays the file `path` through the engine of `rig`, in blocks of `block_size` frames.

    base: the folder in which networks are looked for first. progress: called with the seconds of audio done,
    about once per second of audio. Same file, rig and networks: same events, whatever the block size. Raises
    AudioError naming the file, ModelError, ConfigError. Any thread.
    """
    with SoundFile(path) as source:
        rate = source.sample_rate
        try:
            built = build_engine(rig, base, rate, source.channels, block_size, between_ticks=False)
        except ValueError as error:
            raise AudioError(f"{path}: {rate} Hz, {source.channels} channels: {error}") from None
        engine, events = built.engine, Events()
        hops, reports = [], []
        for chunk in source.chunks(block_size * max(1, round(CHUNK_S * rate / block_size))):
            events += engine.render(chunk, block_size)
            hops.append(_kept_of_hops(engine))
            reports.append(engine.take_reports()[["frame", "chord_played"]].copy())
            progress(engine.frame / rate)
        events += engine.finish()
        hearing = Hearing(built.hop_s, *(np.concatenate(column) for column in zip(*hops, strict=True)))
        return Performance(
            path,
            rate,
            engine.frame,
            events,
            hearing,
            _changes(np.concatenate(reports), rate),
            built.untrained,
        )


def _kept_of_hops(engine: Engine) -> tuple[NDArray[np.generic], ...]:
    """The columns of Hearing after hop_s; features and embeddings of an hour would be hundreds of megabytes."""
    hops = engine.take_hops()
    return (
        *emotion.decode(hops["embedding"]),
        hops["tonic"].astype(np.int8),
        hops["minor"].astype(np.bool_),
        hops["chord"].astype(np.int8),
        hops["level_db"].astype(np.float32),
        hops["key_clarity"].astype(np.float32),
    )


def _changes(reports: NDArray[np.void], rate: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    chords = reports["chord_played"]
    first = np.flatnonzero(np.r_[True, chords[1:] != chords[:-1]])
    return reports["frame"][first] / rate, chords[first]
