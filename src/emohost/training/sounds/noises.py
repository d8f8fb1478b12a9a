"""Sound without tone: hum, noise, traffic, applause, murmuring crowds. Mono, render.RATE samples a second, RMS 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import Random
from emohost.training.rendering.render import RATE, Float32
from emohost.training.rendering.rooms import noise

Float64 = NDArray[np.float64]
MAINS_HZ = (50.0, 60.0)
VOWELS_HZ = ((700, 1200, 2600), (400, 2000, 2600), (300, 2300, 3000), (450, 800, 2500), (350, 700, 2400))


def levelled(sound: NDArray[np.floating]) -> Float32:
    return np.asarray(sound / max(float(np.sqrt(np.mean(np.square(sound)))), 1e-9), dtype=np.float32)


def wander(samples: int, times_per_s: float, random: Random) -> Float64:
    """A smooth random curve of spread 1 that turns about so often."""
    points = max(2, int(samples / RATE * times_per_s) + 2)
    at = np.linspace(0, points - 1, samples)
    return np.asarray(np.interp(at, np.arange(points), random.normal(size=points)))


def hum(seconds: float, random: Random) -> Float32:
    """Mains, or a motor or fan with a tone of its own; harmonics at random, some noise with it."""
    samples = round(seconds * RATE)
    time = np.arange(samples) / RATE
    if random.random() < 0.65:
        base = float(random.choice(MAINS_HZ)) * random.uniform(0.998, 1.002)
        drift = 0.0005
    else:
        base = random.uniform(35, 160)
        drift = 0.004
    phase = 2 * np.pi * np.cumsum(base * (1 + drift * wander(samples, 0.5, random))) / RATE
    slope = random.uniform(3, 14)
    sound = np.zeros(samples)
    for k in range(1, 1 + int(random.integers(2, 25))):
        even = random.uniform(-14, 14) + (6 if k % 2 == 0 else 0)
        sound += 10 ** ((even - slope * np.log2(k) * 1.5) / 20) * np.sin(k * phase + random.uniform(0, 6.28))
    sound = levelled(sound) * (
        1 + random.uniform(0, 0.15) * np.sin(2 * np.pi * random.uniform(0.2, 12) * time)
    )
    return levelled(sound + noise(samples, random) * 10 ** (random.uniform(-45, -3) / 20))


def shaped_noise(seconds: float, random: Random) -> Float32:
    """White to brown, through random bands; some of it swells like wind, rain or surf."""
    samples = round(seconds * RATE)
    sound = noise(samples, random).astype(np.float64)
    if random.random() < 0.5:
        low = random.uniform(30, 1500)
        sound = band(sound, low, low * random.uniform(2, 40))
    if random.random() < 0.5:
        sound *= 10 ** (random.uniform(1, 7) * wander(samples, random.uniform(0.1, 2), random) / 20)
    if random.random() < 0.3:
        sound = levelled(sound) + levelled(drops(samples, random.uniform(20, 400), random)) * random.uniform(
            0.2, 2
        )
    return levelled(sound)


def band(sound: Float64, low_hz: float, high_hz: float) -> Float64:
    """The part of it between two frequencies, with soft edges."""
    spectrum = np.fft.rfft(sound)
    hertz = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 1)
    spectrum /= np.sqrt((1 + (low_hz / hertz) ** 6) * (1 + (hertz / high_hz) ** 6))
    return np.asarray(np.fft.irfft(spectrum, len(sound)))


def drops(samples: int, per_s: float, random: Random) -> Float64:
    """Short clicks at random times: rain on a roof, a fire."""
    sound = np.zeros(samples)
    count = random.poisson(per_s * samples / RATE)
    at = random.integers(0, samples, count)
    ring = np.exp(-np.arange(RATE // 50) / (random.uniform(0.0005, 0.005) * RATE))
    ring *= np.sin(2 * np.pi * random.uniform(800, 5000) * np.arange(len(ring)) / RATE)
    place(sound, at, random.normal(size=count) * random.exponential(1, count), ring)
    return sound


def traffic(seconds: float, random: Random) -> Float32:
    """Rumble, engines that pass with a falling tone, tyres."""
    samples = round(seconds * RATE)
    sound = levelled(band(noise(samples, random).astype(np.float64), 30, random.uniform(200, 1200))).astype(
        np.float64
    )
    time = np.arange(samples) / RATE
    for _ in range(int(random.integers(0, 5))):
        passes, width = random.uniform(0, seconds), random.uniform(1, 5)
        near = np.exp(-(((time - passes) / width) ** 2))
        tyres = levelled(band(noise(samples, random).astype(np.float64), 200, random.uniform(1500, 5000)))
        sound += random.uniform(0.3, 2) * near * tyres
        base = random.uniform(40, 140) * (1 - 0.08 * np.tanh((time - passes) / width))
        phase = 2 * np.pi * np.cumsum(base * (1 + 0.01 * wander(samples, 3, random))) / RATE
        motor = sum(np.sin(k * phase + random.uniform(0, 6.28)) / k for k in range(1, 12))
        sound += random.uniform(0.1, 1.5) * near * motor
    return levelled(sound)


def applause(seconds: float, random: Random) -> Float32:
    """Many pairs of hands, each at a rate of its own; few to thousands, swelling and dying away."""
    samples = round(seconds * RATE)
    people = round(10 ** random.uniform(0.9, 2.3))
    sound = np.zeros(samples)
    kinds = [clap(random) for _ in range(12)]
    for _ in range(people):
        rate = random.uniform(2.2, 5.5)
        count = int(seconds * rate) + 1
        at = (
            random.uniform(0, 1 / rate) + np.arange(count) / rate + random.normal(0, 0.12 / rate, count)
        ) * RATE
        inside = at[(at >= 0) & (at < samples)].astype(int)
        distance = 10 ** (-random.uniform(0, 22) / 20)
        place(
            sound, inside, distance * random.uniform(0.6, 1.4, len(inside)), kinds[int(random.integers(12))]
        )
    sound = levelled(sound) + noise(samples, random) * 10 ** (random.uniform(-30, -6) / 20)
    swell = 10 ** (random.uniform(0, 6) * wander(samples, 0.2, random) / 20)
    return levelled(sound * swell)


def clap(random: Random) -> Float64:
    """Hands meet: a burst of noise around a frequency."""
    length = int(random.uniform(0.004, 0.04) * RATE)
    burst = random.normal(size=4 * length) * np.exp(-np.arange(4 * length) / length)
    spectrum = np.fft.rfft(burst)
    hertz = np.fft.rfftfreq(len(burst), 1 / RATE)
    centre = random.uniform(500, 3500)
    spectrum *= 1 / (1 + ((hertz - centre) / random.uniform(300, 2500)) ** 2)
    return np.asarray(np.fft.irfft(spectrum, len(burst)))


def murmur(seconds: float, random: Random) -> Float32:
    """A crowd without words: many voices as pulses through vowels that change with the syllable."""
    samples = round(seconds * RATE)
    sound = np.zeros(samples)
    for _ in range(int(random.integers(4, 16))):
        sound += random.uniform(0.3, 1) * _babble(samples, random)
    return levelled(levelled(sound) + noise(samples, random) * 10 ** (random.uniform(-30, -4) / 20))


def _babble(samples: int, random: Random) -> Float64:
    """One voice: glottal pulses with the melody of speech, syllables, breath."""
    base = random.choice([random.uniform(80, 150), random.uniform(160, 300)])
    pitch = base * 2 ** (0.2 * wander(samples, 3, random) - 0.1 * wander(samples, 0.7, random))
    turns = np.floor(np.cumsum(pitch) / RATE)
    pulses = np.flatnonzero(np.diff(turns))
    rate = random.uniform(3, 6)
    voiced = np.clip(0.6 + wander(samples, 2 * rate, random), 0, 1.5) * (wander(samples, 0.5, random) > -0.8)
    which = random.integers(0, len(VOWELS_HZ), samples // 6000 + 1)[pulses // 6000]
    out = np.zeros(samples)
    for vowel, peaks in enumerate(VOWELS_HZ):
        mine = pulses[which == vowel]
        place(out, mine, np.ones(len(mine)), _vowel(peaks, random.uniform(0.9, 1.15)))
    return (out + 0.03 * random.normal(size=samples)) * voiced


def _vowel(peaks: tuple[float, ...], stretch: float) -> Float64:
    time = np.arange(RATE // 40) / RATE
    rings = [
        np.exp(-time * 300 * (i + 1) ** 0.5) * np.sin(2 * np.pi * hz * stretch * time) / (i + 1)
        for i, hz in enumerate(peaks)
    ]
    return np.asarray(sum(rings))


def place(sound: Float64, at: NDArray[np.integer], loudness: Float64, what: Float64) -> None:
    """Adds `what` to the sound, once at each sample of `at`, so loud."""
    for start, factor in zip(at.tolist(), loudness.tolist(), strict=True):
        room = sound[start : start + len(what)]
        room += factor * what[: len(room)]
