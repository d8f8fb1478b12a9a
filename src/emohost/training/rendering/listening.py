"""What the host's own listener hears of sound."""

from __future__ import annotations

import hashlib

import numpy as np

from emohost import _core
from emohost.training.rendering.render import RATE, Float32

HOP_S = 0.02


def listen(audio: Float32, reference_db: float = 0.0) -> Float32:
    """Features of a fresh listener with the default settings: float32 (hops, 128)."""
    listener = _core.Listener(float(RATE), layout="emohost1", hop_s=HOP_S, reference_db=reference_db)
    return np.ascontiguousarray(listener.process(audio)["features"], dtype=np.float32)


def listener_stamp() -> str:
    """Of what the listener makes of a fixed sound, so that a listener that hears otherwise makes new features."""
    time = np.arange(2 * RATE) / RATE
    chord = sum(
        np.sin(2 * np.pi * hertz * time) * np.exp(-2 * (time % 0.5)) for hertz in (220.0, 261.6, 329.6)
    )
    features = listen((0.1 * np.asarray(chord)).astype(np.float32))
    return hashlib.sha256(np.round(features, 2).tobytes()).hexdigest()[:12]
