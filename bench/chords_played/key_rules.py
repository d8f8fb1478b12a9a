"""The simplest rules for a key, to stand beside the host's: profiles on the host's own chroma, and chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from pieces import Piece
from scores import SETTLED_S, key_at, mirex

from emohost._core import Listener
from emohost.labels import key_label

LAST_S = 10.0
# Albrecht & Shanahan (2013).
MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
LABELS = [key_label(tonic, minor) for minor in (False, True) for tonic in range(12)]


def rule_scores(piece: Piece, audio: Path) -> dict[str, float]:
    """MIREX from 10 s on, as scores.key_scores: of the profile that correlates best with the mean chroma of the whole
    piece (which is known only afterwards), likewise of the last 10 s, and of any key."""
    sound, rate = soundfile.read(audio, dtype="float32", always_2d=True)
    hops = Listener(rate).process(np.ascontiguousarray(sound.mean(axis=1)))
    times = hops["frame"] / rate
    hops, times = hops[times < piece.seconds], times[times < piece.seconds]
    sums = np.cumsum(np.vstack([np.zeros((1, 12)), hops["chroma"].astype(np.float64)]), axis=0)
    length = round(LAST_S / float(times[1] - times[0]))
    rows = np.flatnonzero(times >= SETTLED_S)[::5]
    whole = LABELS[int(best_keys(sums[-1:])[0])]
    last = best_keys(sums[rows + 1] - sums[np.maximum(rows + 1 - length, 0)])
    true = [key_at(piece.keys, float(times[row])) for row in rows]
    return {
        "key by the whole piece": float(np.mean([mirex(label, whole) for label in true])),
        "by the last 10 s": float(
            np.mean([mirex(label, LABELS[key]) for label, key in zip(true, last, strict=True)])
        ),
        "by chance": float(np.mean([mirex(label, any_key) for label in set(true) for any_key in LABELS])),
    }


def best_keys(chroma: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) place in LABELS for (n, 12)."""
    profiles = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    profiles -= profiles.mean(axis=1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    even = np.sqrt(np.maximum(chroma, 0.0))
    even -= even.mean(axis=1, keepdims=True)
    return np.argmax(even @ profiles.T, axis=1)
