"""The chroma and chord that the host hears of a song: rendered and listened to, or estimated from its notes.

Rendering is the truth and slow; the estimate sums the notes as ext/core/hearing/tonality.cpp weighs and smooths them,
as if each had been recognised with a loudness that follows its velocity.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.labels import NO_CHORD
from emohost.training.data_sets.songs import MELODY, Song
from emohost.training.harmony.chords_heard import estimated_chords, weights
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT, synthesize

Float32 = NDArray[np.float32]

RATE: Final = 44100
# of memory: the listener's smoothing and the window of its pitch finder; found on rendered training songs
MEMORY_S: Final = 0.35
DELAY_S: Final = 0.15
MELODY_PROGRAMS: Final = (0, 11, 24, 40, 56, 65, 68, 71, 73, 80)
OTHER_PROGRAMS: Final = (0, 0, 4, 5, 6, 16, 24, 25, 26, 46, 48, 50)


@dataclass(frozen=True)
class HeardSong:
    """What is known at each step's plan time. Pitch classes are absolute."""

    chroma: Float32  # (T, 12), rows sum to 1, or are zeros in silence
    chord: NDArray[np.int64]  # (T,) class that the listener names, NO_CHORD where unclear


def plan_times(song: Song) -> NDArray[np.float64]:
    """(T,) seconds at which the host plans each step: half a step before it."""
    return song.step_s[:-1] - 0.5 * np.diff(song.step_s)


def estimated_hearing(song: Song) -> HeardSong:
    return HeardSong(_estimated_chroma(song), estimated_chords(song, plan_times(song)))


def _estimated_chroma(song: Song) -> Float32:
    times = plan_times(song) - DELAY_S
    notes = song.notes
    weight = np.sum(weights(notes), axis=0)
    chroma = np.zeros((len(times), 12))
    # A smoothed gate: rises while the note sounds, fades after it. Longer ago than 8 memories is forgotten.
    first = np.searchsorted(times, notes["on_s"])
    last = np.searchsorted(times, notes["off_s"] + 8 * MEMORY_S)
    for i in range(len(notes)):
        at = times[first[i] : last[i]]
        since_on, since_off = at - notes["on_s"][i], np.maximum(at - notes["off_s"][i], 0.0)
        rise = np.exp(-since_off / MEMORY_S) - np.exp(-since_on / MEMORY_S)
        chroma[first[i] : last[i], notes["pitch"][i] % 12] += weight[i] * rise
    total = chroma.sum(axis=1, keepdims=True)
    shares = np.divide(chroma, total, out=np.zeros_like(chroma), where=total > 1e-3)
    return np.asarray(shares, dtype=np.float32)


def rendered_hearing(song: Song, longest_s: float) -> HeardSong:
    """Of the song's first `longest_s` seconds as the native listener hears them, played with instruments
    that the piece's name draws. Raises EmohostError where fluidsynth or its soundfont is missing."""
    from emohost._core import Listener

    start = float(song.step_s[0])
    audio = _render(song, start, longest_s)
    heard = Listener(float(RATE)).process(audio)
    times = plan_times(song) - start
    times = times[times < len(audio) / RATE - 0.1]
    row = np.searchsorted(heard["frame"], times * RATE, side="right") - 1
    known, row = row >= 0, np.maximum(row, 0)
    chord = heard["chord"][row]
    return HeardSong(
        np.where(known[:, None], heard["chroma"][row], 0.0).astype(np.float32),
        np.where(known & (chord >= 0), chord, NO_CHORD).astype(np.int64),
    )


def _render(song: Song, start_s: float, longest_s: float) -> Float32:
    draw = np.random.default_rng(list(hashlib.sha256(song.piece.encode()).digest()[:8]))
    programs = (int(draw.choice(MELODY_PROGRAMS)), int(draw.choice(OTHER_PROGRAMS)))
    events: list[tuple[float, int, mido.Message]] = []
    for note in song.notes[song.notes["on_s"] < start_s + longest_s]:
        channel = 0 if note["part"] == MELODY else 1
        named = {"note": int(note["pitch"]), "channel": channel}
        on, off = max(0.0, float(note["on_s"]) - start_s), float(note["off_s"]) - start_s
        events.append((on, 1, mido.Message("note_on", velocity=int(note["velocity"]), **named)))
        events.append((max(off, on + 0.02), 0, mido.Message("note_off", **named)))
    track = mido.MidiTrack(
        [mido.Message("program_change", program=p, channel=c) for c, p in enumerate(programs)]
    )
    tick = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        now = round(at * 960)  # 480 ticks a beat at 120 beats a minute
        track.append(message.copy(time=now - tick))
        tick = now
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(track)
    return synthesize(midi, TRAIN_SOUNDFONT, RATE)[: round(longest_s * RATE)]
