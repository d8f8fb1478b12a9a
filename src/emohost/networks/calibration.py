"""What the five networks are given in a short session, to measure precisions by: music that is made here from a seed,
heard by the host's own listener, and every mood that Side B may ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost._core import (
    Listener,
    dynamics_context,
    harmony_context,
    pool_embedding,
    recall_chords,
    tell_of_ear,
)
from emohost.emotion import encode
from emohost.networks.formats.values import Float32

SAMPLE_RATE = 48000
SECONDS = 8.0
BEAT_S = 0.6  # 100 beats a minute
STEP_S = BEAT_S / 4
STEPS_PER_BAR = 16
QUALITIES_PER_ROOT = 5  # of the chord classes; major, then minor
MOODS = 96  # sixteenths of a walk through the circumplex
SEED = 1
SILENT_FROM = 0.9  # of the session, its last part
WAVE = 2048
CHORDS = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62), (57, 60, 64), (52, 56, 59))


@dataclass(frozen=True)
class HeardSession:
    """Inputs of every role, in time."""

    features: Float32
    """(hops, 128): what the emotion network is given."""
    heard: NDArray[np.void]
    """(hops,) heard_dtype."""
    hop_s: float
    heard_embedding: Float32
    """(hops, 64): the emotion network's answer; a walk through moods where there is none."""

    def inputs(self, role: str, embedding: Float32) -> Float32:
        """(sixteenths, inputs) of one of the others (of beat: (hops, inputs)), if the emotion network answers
        `embedding` (hops, 64): first what it is given while the session is heard, then while Side B walks through the
        circumplex."""
        if role == "beat":
            return np.ascontiguousarray(self.heard["beat_features"])
        every = np.arange(0, len(self.heard) * self.hop_s, STEP_S) / self.hop_s
        rows = np.minimum(every.astype(int), len(self.heard) - 1)
        felt = np.concatenate([embedding[rows], _moods(MOODS)])
        heard = self.heard[np.concatenate([rows, np.resize(rows, MOODS)])]
        if role == "harmony":
            return np.concatenate([felt, _harmony_context(heard)], axis=1)
        if role == "dynamics":
            places = np.arange(len(heard)) % STEPS_PER_BAR
            return np.concatenate(
                [pool_embedding(felt), dynamics_context(heard, places, 60 / BEAT_S)], axis=1
            )
        return felt


def hear(features: Mapping[str, Any]) -> HeardSession:
    """`features`: the listener's settings (`feature_settings`). About 0.1 s of work, kept for the next call."""
    return _hear(tuple(sorted(features.items())))


@lru_cache(maxsize=2)
def _hear(features: tuple[tuple[str, Any], ...]) -> HeardSession:
    settings = dict(features)
    heard = Listener(SAMPLE_RATE, **settings).process(_music())
    moods = _moods(len(heard))
    return HeardSession(np.ascontiguousarray(heard["features"]), heard, float(settings["hop_s"]), moods)


def _music() -> Float32:
    """(frames,): chords that fade, over a bass, soft and loud; then noise; then silence."""
    random = np.random.default_rng(SEED)
    beat = round(BEAT_S * SAMPLE_RATE)
    time = np.arange(beat)
    fade = np.exp(-4 * time / beat).astype(np.float32)
    partials = np.arange(1, 7)[:, None]
    wave = (np.sin(2 * np.pi * partials * np.arange(WAVE) / WAVE) / partials).sum(axis=0).astype(np.float32)
    beats = []
    for number in range(round(SECONDS / BEAT_S)):
        chord = CHORDS[number // 2 % len(CHORDS)]
        notes = (chord[0] - 24, *chord, chord[number % 3] + 12)
        sound = np.zeros(beat, dtype=np.float32)
        for note in notes:
            turns = time * (440 * 2 ** ((note - 69) / 12) / SAMPLE_RATE)
            sound += wave[(turns * WAVE).astype(int) % WAVE]
        loudness = 10 ** (random.uniform(-30, -12) / 20)
        attack = random.standard_normal(beat).astype(np.float32) * fade**8
        beats.append(loudness * fade * (0.3 * sound + attack))
    music = np.concatenate(beats)
    music[int(SILENT_FROM * len(music)) :] = 0
    return music.astype(np.float32)


def _moods(steps: int) -> Float32:
    """(steps, 64): a spiral from the neutral middle to the rim of the circumplex."""
    share = np.linspace(0, 1, steps)
    angle = 2 * np.pi * 5 * share
    return encode(share * np.cos(angle), share * np.sin(angle))


# Contexts of steps at which the band plays chords of CHORDS, two beats each, and hears them where a chord is heard.


def _harmony_context(heard: NDArray[np.void]) -> Float32:
    steps = np.arange(len(heard))
    chords = np.array(CHORDS)[steps // 8 % len(CHORDS)]
    roots, minor = chords[:, 0] % 12, chords[:, 1] - chords[:, 0] == 3
    tonic = np.maximum(heard["tonic"], 0)
    from_tonic = (np.arange(12) + tonic[:, None]) % 12
    played = np.zeros((len(heard), 12), dtype=np.float32)
    np.put_along_axis(played, (chords - tonic[:, None]) % 12, 1 / 3, axis=1)
    chord = (roots - tonic) % 12 * QUALITIES_PER_ROOT + minor
    remembered = np.zeros((len(heard), 24), dtype=np.float32)
    for each in np.unique(tonic):
        recalled = recall_chords(roots * QUALITIES_PER_ROOT + minor, int(each))
        remembered[tonic == each] = recalled[tonic == each]
    chroma = np.take_along_axis(heard["chroma"], from_tonic, axis=1)
    ear = tell_of_ear(chroma, np.where(heard["chord"] >= 0, chord, -1))
    return harmony_context(ear, played, chord, remembered, steps % STEPS_PER_BAR)
