"""Music to be told from other sound, and single tones: rendered by fluidsynth, render.RATE samples a second, RMS 1."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from emohost.training.beat.clips import PlayedTune, random_take
from emohost.training.data_sets.notes import BASS, DRUMS, MELODY, NOTE, Random
from emohost.training.data_sets.sheets import Sheet
from emohost.training.data_sets.splits import Split
from emohost.training.rendering.render import RATE, Float32, render
from emohost.training.sounds.noises import levelled, wander

FEWEST_NOTES, LONGEST_REST_S = 20, 4.0
SOLO = (
    0,
    1,
    4,
    6,
    11,
    13,
    16,
    19,
    21,
    24,
    25,
    27,
    40,
    42,
    46,
    48,
    52,
    56,
    57,
    60,
    65,
    68,
    71,
    73,
    75,
    80,
    81,
    89,
)
BASSES = (32, 33, 35, 38)
HELD = (16, 19, 21, 40, 42, 48, 52, 56, 60, 64, 68, 71, 73, 80, 81, 89)


def music(
    data: Path, found: list[Sheet], split: Split, count: int, font: Path, random: Random
) -> list[Float32]:
    """Bands, duos and soloists: a third each of whole arrangements, some of the parts, and one alone."""
    takes: list[PlayedTune] = []
    while len(takes) < count:
        kind = str(random.choice(["pop", "pop", "sheet", "sheet", "drums"]))
        take = _thinned(random_take(data, found, kind, split, random), len(takes) % 3, random)
        if take is not None:
            takes.append(take)
    return [levelled(each) for each in render(takes, font)]


def _thinned(take: PlayedTune, how: int, random: Random) -> PlayedTune | None:
    """None where too little is left, or no pitch."""
    parts = np.unique(take.notes["part"])
    pitched = parts[parts != DRUMS]
    if not len(pitched):
        return None
    if how == 1:
        parts = random.choice(parts, int(random.integers(1, len(parts) + 1)), replace=False)
    elif how == 2:
        parts = random.choice(pitched, 1)
        programs = tuple(int(random.choice(BASSES if part == BASS else SOLO)) for part in range(4))
        take = replace(take, programs=programs)
    notes = take.notes[np.isin(take.notes["part"], parts)]
    sounding = notes[notes["part"] != DRUMS]
    if len(sounding) < FEWEST_NOTES:
        return None
    starts = np.r_[0, sounding["onset"], take.seconds]
    if np.diff(starts).max() > LONGEST_REST_S or len(np.unique(sounding["pitch"] % 12)) < 3:
        return None
    return replace(take, notes=notes)


def drum_loops(
    data: Path, found: list[Sheet], split: Split, count: int, font: Path, random: Random
) -> list[Float32]:
    """Only drummers."""
    takes: list[PlayedTune] = []
    while len(takes) < count:
        take = random_take(data, found, "drums", split, random)
        notes = take.notes[take.notes["part"] == DRUMS]
        if len(notes) > 2 * FEWEST_NOTES:
            takes.append(replace(take, notes=notes))
    return [levelled(each) for each in render(takes, font)]


def played_tones(seconds: float, count: int, font: Path, random: Random) -> list[Float32]:
    """One pitch, held, or struck again and again, by an instrument."""
    takes = []
    for _ in range(count):
        pitch, held = int(random.integers(36, 85)), random.random() < 0.6
        length = seconds if held else float(random.uniform(0.4, 3))
        on = np.arange(0.02, seconds, length)
        notes = np.zeros(len(on), dtype=NOTE)
        notes["onset"], notes["duration"] = on, length * (1 if held else random.uniform(0.5, 1))
        notes["pitch"], notes["velocity"], notes["part"] = pitch, int(random.integers(50, 115)), MELODY
        program = int(random.choice(HELD if held else SOLO))
        takes.append(PlayedTune("tone", notes, seconds, (program,) * 4, False, np.zeros(0), np.zeros(0)))
    return [levelled(each) for each in render(takes, font)]


def made_tone(seconds: float, random: Random) -> Float32:
    """A sine, or a wave with overtones, as oscillators make them, with or without vibrato; not where mains hum lies."""
    samples = round(seconds * RATE)
    hertz = 440 * 2 ** ((random.integers(38, 90) - 69 + random.uniform(-0.3, 0.3)) / 12)
    time = np.arange(samples) / RATE
    bend = random.choice([0, 0.003, 0.01]) * np.sin(2 * np.pi * random.uniform(4, 7) * time)
    phase = 2 * np.pi * np.cumsum(hertz * (1 + bend)) / RATE
    slope = random.uniform(0.7, 3)
    partials = int(random.choice([1, 4, 20]))
    sound = sum(np.sin(k * phase) / k**slope for k in range(1, partials + 1) if k * hertz < 0.45 * RATE)
    swell = 10 ** (random.choice([0, 2]) * wander(samples, 0.4, random) / 20)
    if random.random() < 0.4:
        per_s = random.uniform(0.4, 3)
        swell = swell * ((time * per_s) % 1 < random.uniform(0.5, 0.95))
    return levelled(sound * swell + random.normal(size=samples) * 10 ** (-random.uniform(40, 80) / 20))
