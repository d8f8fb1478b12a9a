"""What a recording went through: rooms, equalisers, the band limits of codecs and cheap microphones, noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import Random
from emohost.training.rendering.render import RATE, Float32, level_db

LONGEST_S = 2.5  # of a room's decay


def through_a_room(audio: Float32, random: Random) -> Float32:
    """Reverberation (decaying noise, 0.2 to 2.5 s), an equaliser, band limits, noise and soft clipping, each in some of
    the cases and at random. The length stays, and about the level."""
    size = _fast_length(len(audio) + int((LONGEST_S + 0.1) * RATE))
    spectrum = np.fft.rfft(audio, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    if random.random() < 0.7:
        spectrum *= np.fft.rfft(_room(random), size)
    if random.random() < 0.7:
        spectrum *= _equaliser(hertz, random)
    if random.random() < 0.25:
        spectrum *= 1 / (1 + (hertz / random.uniform(3500, 11000)) ** 16)
    if random.random() < 0.3:
        spectrum *= 1 - 1 / (1 + (hertz / random.uniform(40, 180)) ** 4)
    sound = np.fft.irfft(spectrum, size)[: len(audio)]
    sound *= 10 ** ((level_db(audio) - level_db(sound)) / 20)
    if random.random() < 0.5:
        sound += noise(len(sound), random) * 10 ** ((level_db(audio) - random.uniform(25, 60)) / 20)
    if random.random() < 0.2:
        limit = max(float(np.abs(sound).max()), 1e-6) / random.uniform(1.5, 4)
        sound = limit * np.tanh(sound / limit)
    return sound.astype(np.float32)


def noise(samples: int, random: Random) -> Float32:
    """RMS 1, of a random slope from white to brown."""
    size = _fast_length(samples)
    spectrum = np.fft.rfft(random.normal(size=size))
    spectrum *= np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20) ** -random.uniform(0, 1)
    sound = np.fft.irfft(spectrum, size)[:samples]
    return np.asarray(sound / max(float(np.sqrt(np.mean(sound**2))), 1e-12), dtype=np.float32)


def _fast_length(samples: int) -> int:
    """The next multiple of a power of two near it, which transforms fast."""
    block = 1 << max(samples.bit_length() - 4, 0)
    return -(-samples // block) * block


def _room(random: Random) -> NDArray[np.float64]:
    decay_s, wet_db = random.uniform(0.2, LONGEST_S), random.uniform(-30, -3)
    time = np.arange(int(decay_s * RATE)) / RATE
    tail = random.normal(size=len(time)) * 10 ** (-3 * time / decay_s)
    tail /= np.sqrt((tail**2).sum())
    answer = np.zeros(len(time) + RATE // 20)
    answer[0] = 1
    delay = int(random.uniform(0.002, 0.04) * RATE)
    answer[delay : delay + len(tail)] += 10 ** (wet_db / 20) * tail
    return answer


def _equaliser(hertz: NDArray[np.floating[Any]], random: Random) -> NDArray[np.float64]:
    """A smooth curve through random gains of up to 9 dB at six frequencies."""
    octaves = np.log2([30.0, 120.0, 400.0, 1200.0, 4000.0, 14000.0])
    gains = random.uniform(-9, 9, len(octaves))
    return np.asarray(10 ** (np.interp(np.log2(np.maximum(hertz, 20)), octaves, gains) / 20))
