"""From performances to sound: fluidsynth, one process for many of them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.errors import EmohostError
from emohost.training.passages import BASS, DRUMS, Performance

Float32 = NDArray[np.float32]
RATE = 32_000
GAP_S = 1.5  # between performances, for notes to end in
TICKS_PER_S = 960  # at 120 beats a minute
CHANNELS = {0: 0, 1: 1, 2: 2, BASS: 3, DRUMS: 9}
SYNTH_GAIN = 0.25  # so that a full band does not clip
PEDAL_S = 1.6  # about a bar: it is lifted so often

# As Debian's packages install them.
TRAIN_SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TEST_SOUNDFONT = Path("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3")

Event = tuple[int, int, mido.Message]  # tick, order within it


def soundfont(file: Path) -> Path:
    """Raises EmohostError where the soundfont or fluidsynth is not installed."""
    if not file.exists():
        raise EmohostError(
            f"{file}: no such soundfont (Debian: fluid-soundfont-gm, musescore-general-soundfont-small)"
        )
    if shutil.which("fluidsynth") is None:
        raise EmohostError("rendering needs the program fluidsynth, which is not on the path")
    return file


def render(performances: Sequence[Performance], font: Path) -> list[Float32]:
    """Mono, RATE samples a second, each exactly its performance's length, dry. Raises EmohostError."""
    import soundfile

    starts, at = [], 0.1
    for each in performances:
        starts.append(at)
        at += each.seconds + GAP_S
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        _midi(performances, starts).save(score)
        command = ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", str(SYNTH_GAIN), "-r", str(RATE)]
        files = ["-F", str(sound), str(soundfont(font)), str(score)]
        done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
        if done.returncode != 0 or not sound.exists():
            raise EmohostError(f"fluidsynth failed ({done.returncode}): {done.stderr.strip()[-300:]}")
        audio, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    mono = audio.mean(axis=1)
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


def _midi(performances: Sequence[Performance], starts: Sequence[float]) -> mido.MidiFile:
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


def _controls(performance: Performance, start: float) -> list[Event]:
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


def _note_events(performance: Performance, start: float) -> list[Event]:
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
