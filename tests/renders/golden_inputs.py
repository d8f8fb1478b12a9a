"""What the golden renders play along to: the demo, and five inputs that are made here. Rounded to 16 bits, so that
another machine's sine does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = {"clock": {"source": "internal"}}

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Input:
    """Sound (frames, channels), what the rig says of the music, and in which blocks it is heard."""

    name: str
    sample_rate: int
    audio: Float32
    music: dict[str, Any] = field(default_factory=dict)
    block_size: int = 480


def tone(note: float, seconds: float, rate: int, partials: int = 6) -> NDArray[np.float64]:
    """A plucked note."""
    time = np.arange(round(seconds * rate)) / rate
    hertz = 440 * 2 ** ((note - 69) / 12)
    waves = [np.sin(2 * np.pi * k * hertz * time) / k for k in range(1, partials + 1) if k * hertz < rate / 2]
    return np.sum(waves, axis=0) * np.exp(-2 * time / seconds) * np.minimum(1, time / 0.005)


def chords(
    progression: Sequence[tuple[int, ...]], tempo: float, beats: int, rate: int, level: float = 0.05
) -> NDArray[np.float64]:
    """Each chord struck `beats` times over its lowest note an octave down."""
    beat = 60 / tempo
    sound = np.zeros(round((len(progression) * beats + 2) * beat * rate))
    for number in range(len(progression) * beats):
        chord = progression[number // beats]
        accent = 1.5 if number % beats == 0 else 1.0
        for note in (chord[0] - 12, *chord):
            struck = level * accent * tone(note, 1.5 * beat, rate)
            start = round(number * beat * rate)
            sound[start : start + len(struck)] += struck
    return sound


def drums(tempo: float, seconds: float, rate: int) -> NDArray[np.float64]:
    """Bass drum, snare and hi-hat in eighths."""
    random, beat = np.random.default_rng(2), 60 / tempo
    sound = np.zeros(round(seconds * rate))
    short = np.arange(round(0.12 * rate)) / rate
    kick = 0.5 * np.sin(2 * np.pi * 60 * short) * np.exp(-short / 0.04)
    for number in range(int(seconds / beat * 2) - 1):
        start = round(number * beat / 2 * rate)
        hit = 0.03 * random.standard_normal(len(short)) * np.exp(-short / 0.01)
        if number % 4 == 0:
            hit = hit + kick
        elif number % 4 == 2:
            hit = hit + 0.2 * random.standard_normal(len(short)) * np.exp(-short / 0.04)
        sound[start : start + len(short)] += hit[: len(sound) - start]
    return sound


def rounded(*channels: NDArray[np.float64]) -> Float32:
    """(frames, channels), as a 16-bit file holds them."""
    whole = np.round(np.clip(np.stack(channels, axis=1), -1, 1) * 32767)
    return (whole / 32768).astype(np.float32)


def inputs() -> list[Input]:
    demo, demo_rate = soundfile.read(next((ROOT / "configs").glob("*.flac")), dtype="float32", always_2d=True)
    pop = [(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)]
    waltz = [(57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)]
    band = chords(2 * pop, 112, 4, 48000)
    alone = [tone(note, 0.5, 44100) for note in (62, 64, 66, 67, 69, 71, 73, 74, 73, 71, 69, 66, 67, 64, 62)]
    random = np.random.default_rng(3)
    steps = [random.standard_normal(2 * 48000) * 10 ** (level / 20) for level in (-60, -40, -25, -12)]
    every = {name: {"enabled": True} for name in ("melody", "chords", "bass", "drums", "accents")}
    sources = ("valence", "arousal", "level", "expression")
    controls = [{"source": each, "controller": 20 + index} for index, each in enumerate(sources)]
    return [
        Input("demo", demo_rate, demo, {**INTERNAL, "tempo": 96}, 256),
        Input(
            "band",
            48000,
            rounded(band + drums(112, len(band) / 48000, 48000)),
            {"parts": every, "controls": controls},
            128,
        ),
        Input(
            "waltz",
            44100,
            rounded(chords(3 * waltz, 132, 3, 44100)),
            {**INTERNAL, "tempo": 132, "beats_per_bar": 3, "parts": every},
        ),
        Input(
            "melody-alone",
            44100,
            rounded(0.3 * np.concatenate(alone), 0.2 * np.concatenate(alone)),
            {**INTERNAL, "key": "D major", "humanise": 0},
            1024,
        ),
        Input(
            "noise",
            48000,
            rounded(np.concatenate(steps)),
            {**INTERNAL, "play": "when_heard", "controls": controls},
        ),
        Input(
            "silence",
            96000,
            np.zeros((6 * 96000, 1), np.float32),
            {**INTERNAL, "play": "always", "parts": every, "seed": 5},
            2048,
        ),
    ]
