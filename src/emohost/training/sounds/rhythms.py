"""Rhythm without pitch: metronomes, clicks, claps, shakers, drum machines. Mono, render.RATE a second, RMS 1."""

from __future__ import annotations

import numpy as np

from emohost.training.data_sets.notes import Random
from emohost.training.rendering.render import RATE, Float32
from emohost.training.sounds.noises import Float64, clap, levelled, place


def beaten(seconds: float, random: Random) -> Float32:
    """A metronome, hands that clap in time, or two or three things that are struck in a pattern of eighths."""
    samples = round(seconds * RATE)
    step_s = 30 / random.uniform(66, 168)
    start_s = random.uniform(0, 1)
    out = np.zeros(samples)
    kind = random.choice(["metronome", "claps", "pattern", "pattern"])
    if kind == "pattern":
        length = int(random.choice([6, 8, 8, 16]))
        for voice in range(int(random.integers(2, 5))):
            pattern = random.random(length) < random.uniform(0.2, 0.6)
            pattern[0] = pattern[0] or voice == 0
            out += _struck(samples, start_s, step_s, pattern, _thing(random), random, 0.006)
    elif kind == "metronome":
        high, low = _tick(random), _tick(random)
        per_bar = int(random.choice([1, 3, 4]))
        first = np.arange(2 * per_bar) == 0
        others = (np.arange(2 * per_bar) % 2 == 0) & ~first
        out += _struck(samples, start_s, step_s, first, high, random, 0)
        out += _struck(samples, start_s, step_s, others, low, random, 0)
    else:
        pattern = np.array([True, False]) if random.random() < 0.6 else random.random(8) < 0.5
        pattern[0] = True
        for _ in range(int(random.integers(1, 12))):
            out += random.uniform(0.3, 1) * _struck(
                samples, start_s, step_s, pattern, clap(random), random, 0.015
            )
    return levelled(out + 10 ** (-random.uniform(40, 70) / 20) * random.normal(size=samples))


def _struck(
    samples: int,
    start_s: float,
    step_s: float,
    pattern: np.ndarray,
    sound: Float64,
    random: Random,
    loose_s: float,
) -> Float64:
    count = int((samples / RATE - start_s) / step_s) + 1
    steps = np.flatnonzero(np.resize(pattern, count))
    at = (start_s + steps * step_s + random.normal(0, 1, len(steps)) * loose_s) * RATE
    out = np.zeros(samples)
    inside = at[(at >= 0) & (at < samples)].astype(int)
    place(out, inside, random.uniform(0.7, 1, len(inside)), sound)
    return out


def _tick(random: Random) -> Float64:
    """A click, a wood block or a beep."""
    length_s = float(random.choice([0.003, 0.02, 0.05]))
    time = np.arange(int(4 * length_s * RATE)) / RATE
    tone = np.sin(2 * np.pi * random.uniform(700, 2800) * time)
    mixed = tone if random.random() < 0.7 else random.normal(size=len(time))
    return np.asarray(mixed * np.exp(-time / length_s))


def _thing(random: Random) -> Float64:
    """A drum, a shaker, a rim or a cymbal, as drum machines make them."""
    kind = random.choice(["kick", "snare", "hat", "shaker", "tick"])
    if kind == "tick":
        return _tick(random)
    length_s = {"kick": 0.12, "snare": 0.07, "hat": 0.03, "shaker": 0.05}[str(kind)] * random.uniform(0.5, 2)
    time = np.arange(int(5 * length_s * RATE)) / RATE
    decay = np.exp(-time / length_s)
    if kind == "kick":
        base, drop = random.uniform(40, 70), random.uniform(60, 200)
        return np.asarray(
            3 * decay * np.sin(2 * np.pi * (base * time + drop * 0.03 * (1 - np.exp(-time / 0.03))))
        )
    hiss = random.normal(size=len(time))
    hiss = (
        np.diff(hiss, prepend=0.0)
        if kind != "snare"
        else hiss + np.sin(2 * np.pi * random.uniform(150, 240) * time)
    )
    return np.asarray(random.uniform(0.2, 0.7) * decay * hiss)
