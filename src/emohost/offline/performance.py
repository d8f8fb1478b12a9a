"""One sound file through the engine, from its first frame to its last: what was heard, and what was played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost import emotion
from emohost._core import Engine
from emohost.audio.input_check import InputCheck
from emohost.audio.sound_file import SoundFile
from emohost.config.music import PARTS
from emohost.config.schema import Rig
from emohost.errors import AudioError
from emohost.labels import NOTHING, Segment, chord_segments, key_segments, sound_segments
from emohost.midi.notes import Note, notes_of
from emohost.offline.beats import beats_of, tempo_of
from emohost.offline.engine import build_engine
from emohost.plot import Track, track_of
from emohost.recording.conductor import Call, Conductor

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
    frame: NDArray[np.int64]
    """End of the hop."""
    tempo: NDArray[np.float64]
    """Beats per minute heard; 0: none found."""
    beat_phase: NDArray[np.float64]
    beat_in_bar: NDArray[np.int8]
    beat_confidence: NDArray[np.float32]
    sound: NDArray[np.int8]
    """What kind of sound is heard: of vocabulary.SOUNDS."""
    sound_confidence: NDArray[np.float32]

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
    conductor: tuple[Call, ...]
    """What a MIDI file's conductor track tells of it."""
    untrained: tuple[str, ...]
    """Roles whose networks say of themselves that they are untrained: what they answer is random."""
    remarks: tuple[str, ...] = ()
    """What is strange about the file, a line each, beginning with its name."""

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
    def sounds(self) -> list[tuple[float, float, str, float]]:
        """Kinds of sound heard: (start, end, name of vocabulary.SOUNDS, mean confidence), silence left out."""
        heard = self.hearing
        stretches = []
        for start, end, name in sound_segments(heard.starts_s, self.duration_s, heard.sound):
            inside = (heard.starts_s >= start) & (heard.starts_s < end)
            if name != NOTHING:
                stretches.append((start, end, name, round(float(heard.sound_confidence[inside].mean()), 3)))
        return stretches

    @property
    def beats(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(beats, downbeats) heard, in seconds."""
        heard = self.hearing
        return beats_of(heard.frame / self.sample_rate, heard.tempo, heard.beat_phase, heard.beat_in_bar)

    @property
    def tempo(self) -> list[list[float]]:
        """[seconds, beats per minute, confidence] about once a second."""
        heard = self.hearing
        return tempo_of(heard.frame / self.sample_rate, heard.tempo, heard.beat_confidence)

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
            hearing.sound,
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
    with SoundFile(path, pipes=True) as source:
        rate = source.sample_rate
        try:
            built = build_engine(rig, base, rate, source.channels, block_size, between_ticks=False)
        except ValueError as error:
            raise AudioError(f"{path}: {rate} Hz, {source.channels} channels: {error}") from None
        engine, events = built.engine, Events()
        hops, reports = [], []
        conductor, conducted = Conductor(), list[Call]()
        check, strange = InputCheck(rig.music.gate_db), list[str]()
        for chunk in source.chunks(block_size * max(1, round(CHUNK_S * rate / block_size))):
            events += engine.render(chunk, block_size)
            hops.append(_kept_of_hops(engine))
            taken = engine.take_reports()
            strange += check.of(taken, rate)
            conducted += conductor.of(taken, rate)
            reports.append(taken[["frame", "chord_played"]].copy())
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
            tuple(conducted),
            built.untrained,
            (*filter(None, [source.remark]), *(f"{path}: {text}" for text in strange)),
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
        hops["frame"].astype(np.int64),
        hops["tempo"].astype(np.float64),
        hops["beat_phase"].astype(np.float64),
        hops["beat_in_bar"].astype(np.int8),
        hops["beat_confidence"].astype(np.float32),
        hops["sound"].astype(np.int8),
        hops["sound_confidence"].astype(np.float32),
    )


def _changes(reports: NDArray[np.void], rate: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    chords = reports["chord_played"]
    first = np.flatnonzero(np.r_[True, chords[1:] != chords[:-1]])
    return reports["frame"][first] / rate, chords[first]
