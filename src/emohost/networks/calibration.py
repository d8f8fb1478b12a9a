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

from emohost._core import Listener
from emohost.emotion import EMBEDDING, encode
from emohost.networks.values import Float32

SAMPLE_RATE = 48000
SECONDS = 8.0
BEAT_S = 0.6  # 100 beats a minute
STEP_S = BEAT_S / 4
MOODS = 96  # sixteenths of a walk through the circumplex
SEED = 1
SILENT_FROM = 0.9  # of the session, its last part
WAVE = 2048
CHORDS = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62), (57, 60, 64), (52, 56, 59))


@dataclass(frozen=True)
class Session:
    """Inputs of every role, in time."""

    features: Float32
    """(hops, 128): what the emotion network is given."""
    heard: NDArray[np.void]
    """(hops,) heard_dtype."""
    hop_s: float
    heard_embedding: Float32
    """(hops, 64): the emotion network's answer; a walk through moods where there is none."""

    def inputs(self, role: str, embedding: Float32) -> Float32:
        """(sixteenths, inputs) of one of the four, if the emotion network answers `embedding` (hops, 64): first what
        it is given while the session is heard, then while Side B walks through the circumplex."""
        every = np.arange(0, len(self.heard) * self.hop_s, STEP_S) / self.hop_s
        rows = np.minimum(every.astype(int), len(self.heard) - 1)
        felt = np.concatenate([embedding[rows], _moods(MOODS)])
        heard = self.heard[np.concatenate([rows, np.resize(rows, MOODS)])]
        if role == "harmony":
            return np.concatenate([felt, _harmony_context(heard)], axis=1)
        if role == "dynamics":
            pooled = felt.reshape(len(felt), 16, EMBEDDING // 16).mean(axis=2)
            return np.concatenate([pooled, _dynamics_context(heard)], axis=1).astype(np.float32)
        return felt


def hear(features: Mapping[str, Any]) -> Session:
    """`features`: the listener's settings (`feature_settings`). About 0.1 s of work, kept for the next call."""
    return _hear(tuple(sorted(features.items())))


@lru_cache(maxsize=2)
def _hear(features: tuple[tuple[str, Any], ...]) -> Session:
    settings = dict(features)
    heard = Listener(SAMPLE_RATE, **settings).process(_music())
    moods = _moods(len(heard))
    return Session(np.ascontiguousarray(heard["features"]), heard, float(settings["hop_s"]), moods)


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


# What the harmony network is told of the ear, as in musician.cpp: of the chroma, of each tone of the chord named, of
# its root.
CHROMA_HEARD, TONE_NAMED, ROOT_NAMED = 0.5, 0.0625, 0.25
# Of the chords named so many bars ago at the same place, as in chord_memory.h.
REMEMBERED = {4: 0.5, 8: 0.25}


# The contexts as the musician describes them (ext/core/music/musician.cpp), with chords of its key for what it
# played and hears.


def _harmony_context(heard: NDArray[np.void]) -> Float32:
    steps = np.arange(len(heard))
    context = np.zeros((len(heard), 64), dtype=np.float32)
    tonic = np.maximum(heard["tonic"], 0)
    turned = (np.arange(12) + tonic[:, None]) % 12
    chords = np.array(CHORDS)[steps // 8 % len(CHORDS)] % 12
    played = np.zeros((len(heard), 12), dtype=np.float32)
    np.put_along_axis(played, chords, 1 / 3, axis=1)
    context[:, 12:24] = np.take_along_axis(played, turned, axis=1)
    context[:, 24:36] = context[:, 12:24] > 0
    context[steps, 36 + (chords[:, 0] - tonic) % 12] = 1
    named = (heard["chord"] >= 0)[:, None]
    context[:, :12] = CHROMA_HEARD * np.take_along_axis(heard["chroma"], turned, axis=1)
    context[:, :12] += named * (TONE_NAMED * context[:, 24:36] + ROOT_NAMED * context[:, 36:48])
    remembers = steps >= len(steps) // 2  # the same chords
    context[:, 24:48] *= 1 + sum(REMEMBERED.values()) * remembers[:, None]
    context[steps, 48 + steps % 16] = 1
    return context


def _dynamics_context(heard: NDArray[np.void]) -> Float32:
    steps = np.arange(len(heard))
    context = np.zeros((len(heard), 16), dtype=np.float32)
    context[:, 0] = heard["level"]
    context[:, 1] = heard["onset_strength"]
    context[:, 2] = np.minimum(1, heard["onset_density"] / 8)
    context[:, 3] = heard["articulation"]
    context[steps, 4 + steps // 4 % 4] = 1
    context[steps, 8 + steps % 4] = 1
    phase = 2 * np.pi * (steps % 16) / 16
    context[:, 12], context[:, 13] = np.sin(phase), np.cos(phase)
    context[:, 14] = heard["key_clarity"]
    context[:, 15] = -np.log2(BEAT_S) / 2  # tempo: 0 at 60 beats a minute
    return context
