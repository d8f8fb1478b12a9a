"""A small additive synthesiser, so that the promises of hearing are tested on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

A4 = 440.0
MAJOR = (0, 2, 4, 5, 7, 9, 11)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11)


def hz(note: float, detune_cents: float = 0.0) -> float:
    return float(A4 * 2 ** ((note - 69 + detune_cents / 100) / 12))


@lru_cache(maxsize=4096)
def tone(
    note: float,
    seconds: float,
    sample_rate: int,
    *,
    detune_cents: float = 0.0,
    partials: int = 10,
    rolloff_db: float = 5.0,
    decay_s: float = 1.5,
    attack_s: float = 0.005,
    release_s: float = 0.03,
    phase: float = 0.0,
) -> Float32:
    """Partials that fall by `rolloff_db` each, decaying; about -14 dBFS at the start. Kept: do not write to it."""
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    f0 = hz(note, detune_cents)
    highest = min(partials, int(0.45 * sample_rate / f0))
    wave = sum(
        10 ** (-rolloff_db * (k - 1) / 20) * np.sin(2 * np.pi * k * f0 * t + phase * k)
        for k in range(1, highest + 1)
    )
    envelope = np.exp(-t / decay_s) * np.minimum(1, t / attack_s) * np.clip((seconds - t) / release_s, 0, 1)
    return np.asarray(0.2 * wave * envelope, dtype=np.float32)


def mix(events: Sequence[tuple[float, Float32]], seconds: float, sample_rate: int) -> Float32:
    """Sounds at their starts in seconds, peak at most 0.7."""
    out = np.zeros(round(seconds * sample_rate), dtype=np.float64)
    for start, sound in events:
        at = round(start * sample_rate)
        out[at : at + len(sound)] += sound[: max(0, len(out) - at)]
    return np.asarray(out * min(1.0, 0.7 / max(1e-9, np.abs(out).max())), dtype=np.float32)


def chords(
    progression: Sequence[Sequence[float]], each_s: float, sample_rate: int, detune_cents: float = 0.0
) -> Float32:
    events = [
        (i * each_s, tone(note, each_s, sample_rate, detune_cents=detune_cents, phase=0.7 * j))
        for i, notes in enumerate(progression)
        for j, note in enumerate(notes)
    ]
    return mix(events, len(progression) * each_s, sample_rate)


def cadence(tonic: int, minor: bool) -> list[list[int]]:
    """I IV V I around the MIDI note `tonic`, in close position; the minor key with its major dominant."""
    third, sixth = (3, 8) if minor else (4, 9)
    one, four, five = [0, third, 7], [0, 5, sixth], [-1, 2, 7]
    return [[tonic + step for step in chord] for chord in (one, four, five, one)]


def scale(tonic: int, minor: bool) -> list[list[int]]:
    """Up and down an octave; the minor key harmonic."""
    steps = HARMONIC_MINOR if minor else MAJOR
    up = [tonic + step for step in (*steps, 12)]
    return [[note] for note in (*up, *reversed(up[:-1]))]
