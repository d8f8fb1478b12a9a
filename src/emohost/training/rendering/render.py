"""From performances to sound: many of them in one run of the synthesizer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import BASS, DRUMS, Notes
from emohost.training.rendering.fluidsynth import synthesize

Float32 = NDArray[np.float32]
RATE = 32_000
GAP_S = 1.5  # between performances, for notes to end in
TICKS_PER_S = 960  # at 120 beats a minute
CHANNELS = {0: 0, 1: 1, 2: 2, BASS: 3, DRUMS: 9}
SYNTH_GAIN = 0.25  # so that a full band does not clip
PEDAL_S = 1.6  # about a bar: it is lifted so often

Event = tuple[int, int, mido.Message]  # tick, order within it


class Rendered(Protocol):
    """What is rendered: a passages.Performance, for one."""

    @property
    def notes(self) -> Notes:
        """With onset and duration in seconds."""

    @property
    def seconds(self) -> float: ...

    @property
    def programs(self) -> tuple[int, ...]:
        """Of melody, bridge, chords and bass."""

    @property
    def pedal(self) -> bool: ...


def render(performances: Sequence[Rendered], font: Path) -> list[Float32]:
    """Mono, RATE samples a second, each exactly its performance's length, dry. Raises EmohostError."""
    starts, at = [], 0.1
    for each in performances:
        starts.append(at)
        at += each.seconds + GAP_S
    mono = synthesize(_midi(performances, starts), font, RATE, SYNTH_GAIN, effects=False)
    return [_cut(mono, start, each.seconds) for start, each in zip(starts, performances, strict=True)]


def level_db(audio: NDArray[np.floating[Any]]) -> float:
    """RMS in dBFS; -120 for silence."""
    return float(10 * np.log10(max(float(np.mean(np.square(audio, dtype=np.float64))), 1e-12)))


def brightness(audio: Float32) -> float:
    """0 dull to 1 bright: centroid of the magnitude spectrum on a logarithmic scale from 300 Hz to 4.8 kHz."""
    size = 2048
    frames = audio[: len(audio) // size * size].reshape(-1, size)
    if not len(frames):
        return 0.5
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)).mean(axis=0)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    centroid = float((magnitude * hertz).sum() / max(float(magnitude.sum()), 1e-9))
    return float(np.clip(np.log2(max(centroid, 1.0) / 300) / 4, 0, 1))


def _midi(performances: Sequence[Rendered], starts: Sequence[float]) -> mido.MidiFile:
    events: list[Event] = []
    for start, each in zip(starts, performances, strict=True):
        events += _controls(each, start) + _note_events(each, start)
    events.sort(key=lambda event: event[:2])
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=TICKS_PER_S))
    return mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_S // 2, tracks=[track])


def _event(seconds: float, order: int, kind: str, **fields: int) -> Event:
    return round(seconds * TICKS_PER_S), order, mido.Message(kind, **fields)


def _controls(performance: Rendered, start: float) -> list[Event]:
    """Instruments at the start, the pedal on melody, bridge and chords, all sound off behind the end."""
    events = []
    for part, program in zip((0, 1, 2, BASS), performance.programs, strict=True):
        events.append(_event(start - 0.05, 0, "program_change", channel=CHANNELS[part], program=program))
    if performance.pedal:
        for channel in (0, 1, 2):
            for at in np.arange(0, performance.seconds, PEDAL_S):
                for after, value in ((0, 0), (0.06, 127)):
                    events.append(
                        _event(
                            start + at + after, 1, "control_change", channel=channel, control=64, value=value
                        )
                    )
    end = start + performance.seconds + 0.1
    for channel in CHANNELS.values():
        for control in (64, 120):
            events.append(_event(end, 4, "control_change", channel=channel, control=control, value=0))
    return events


def _note_events(performance: Rendered, start: float) -> list[Event]:
    events = []
    for onset, duration, pitch, velocity, part in performance.notes.tolist():
        note = {"channel": CHANNELS[part], "note": int(np.clip(pitch, 0, 127))}
        events.append(_event(start + onset, 3, "note_on", velocity=int(velocity), **note))
        off = start + min(onset + max(duration, 0.03), performance.seconds + 0.1)
        events.append(_event(off, 2, "note_off", **note))
    return events


def _cut(mono: Float32, start: float, seconds: float) -> Float32:
    first, count = round(start * RATE), round(seconds * RATE)
    passage = np.zeros(count, dtype=np.float32)
    found = mono[first : first + count]
    passage[: len(found)] = found
    fade = np.linspace(0, 1, RATE // 100, dtype=np.float32)
    passage[: len(fade)] *= fade
    passage[-len(fade) :] *= fade[::-1]
    return passage
