"""POP909 (Wang et al. 2020, github.com/music-x-lab/POP909-Dataset) as rendered audio with labels of key and chord.

Songs whose number divides by HELD_OUT_MODULUS are held out: nothing in this repository is tuned or trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT, synthesize

HELD_OUT_MODULUS = 5
SOUNDFONT = TRAIN_SOUNDFONT

Segments = list[tuple[float, float, str]]


@dataclass(frozen=True)
class Song:
    folder: Path

    @property
    def number(self) -> int:
        return int(self.folder.name)

    @property
    def midi(self) -> Path:
        return self.folder / f"{self.folder.name}.mid"

    def keys(self) -> Segments:
        """Start and end in seconds, label such as 'Gb:maj'. Times are those of the recording; the MIDI follows it."""
        return read_segments(self.folder / "key_audio.txt")

    def chords(self) -> Segments:
        """Start and end in seconds, label in Harte's syntax such as 'C#:sus4(b7)/5'."""
        return read_segments(self.folder / "chord_midi.txt")


def read_segments(path: Path) -> Segments:
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return [(float(start), float(end), label) for start, end, label in rows]


def songs(data: Path, held_out: bool) -> list[Song]:
    folders = sorted(path for path in (data / "pop909" / "POP909").iterdir() if path.is_dir())
    chosen = [Song(path) for path in folders if (int(path.name) % HELD_OUT_MODULUS == 0) == held_out]
    return [song for song in chosen if song.midi.exists() and (song.folder / "key_audio.txt").exists()]


def evenly(items: list[Song], count: int) -> list[Song]:
    """`count` of them, spread over the whole list."""
    return [items[i * len(items) // count] for i in range(min(count, len(items)))]


def cut_midi(source: Path, seconds: float) -> mido.MidiFile:
    """The first `seconds` of a MIDI file."""
    midi = mido.MidiFile(source, clip=True)
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
    audio = synthesize(cut_midi(song.midi, seconds), soundfont, sample_rate)
    return audio[: round(seconds * sample_rate)]
