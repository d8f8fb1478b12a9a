"""POP909 (Wang et al. 2020, github.com/music-x-lab/POP909-Dataset) as rendered audio with labels of key and chord.

Songs whose number divides by HELD_OUT_MODULUS are held out: what hears key and chord was not tuned on them. It has no
network; the networks have splits of their own (models/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import mido
import numpy as np

from emohost.training.data_sets.pop909.files import midi_of, song_folders, table
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT, synthesize

HELD_OUT_MODULUS = 5
SOUNDFONT = TRAIN_SOUNDFONT

T = TypeVar("T")
Segments = list[tuple[float, float, str]]


@dataclass(frozen=True)
class Song:
    folder: Path

    @property
    def number(self) -> int:
        return int(self.folder.name)

    def keys(self) -> Segments:
        """Start and end in seconds, label such as 'Gb:maj'. Times are those of the recording; the MIDI follows it."""
        return read_segments(self.folder / "key_audio.txt")

    def chords(self) -> Segments:
        """Start and end in seconds, label in Harte's syntax such as 'C#:sus4(b7)/5'."""
        return read_segments(self.folder / "chord_midi.txt")


def read_segments(path: Path) -> Segments:
    return [(float(start), float(end), label) for start, end, label in table(path, 3).tolist()]


def songs(data: Path, held_out: bool) -> list[Song]:
    chosen = [
        Song(path) for path in song_folders(data) if (int(path.name) % HELD_OUT_MODULUS == 0) == held_out
    ]
    return [song for song in chosen if (song.folder / "key_audio.txt").exists()]


def evenly(items: list[T], count: int) -> list[T]:
    """`count` of them, spread over the whole list."""
    return [items[i * len(items) // count] for i in range(min(count, len(items)))]


def cut_midi(midi: mido.MidiFile, seconds: float) -> mido.MidiFile:
    """Its first `seconds`."""
    elapsed, tick, tempo = 0.0, 0, 500000
    for message in mido.merge_tracks(midi.tracks):
        step = mido.tick2second(message.time, midi.ticks_per_beat, tempo)
        if elapsed + step > seconds:
            break
        elapsed, tick = elapsed + step, tick + message.time
        if message.type == "set_tempo":
            tempo = message.tempo
    last = tick + round(mido.second2tick(seconds - elapsed, midi.ticks_per_beat, tempo))
    for track in midi.tracks:
        now, kept = 0, mido.MidiTrack()
        for message in track:
            now += message.time
            if now > last:
                break
            kept.append(message)
        track[:] = kept
    return midi


def render(song: Song, seconds: float, sample_rate: int = 44100, soundfont: Path = SOUNDFONT) -> np.ndarray:
    """Mono float32 of the song's first `seconds`, played by fluidsynth."""
    audio = synthesize(cut_midi(midi_of(song.folder), seconds), soundfont, sample_rate)
    return audio[: round(seconds * sample_rate)]
