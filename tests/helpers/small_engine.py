"""What the engine's tests play with: seeded random networks, settings of a rig, what was played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from emohost import _core
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest

FEATURES = {"layout": "emohost1", "window_s": 0.04, "hop_s": 0.02, "fmin_hz": 30.0, "fmax_hz": 11025.0}
SIZES = {
    "emotion": (128, 64),
    "melody": (64, 128),
    "harmony": (128, 64),
    "dynamics": (32, 16),
    "groove": (64, 32),
}
LAST = {"emotion": "tanh", "melody": "sigmoid", "harmony": "softmax", "dynamics": "sigmoid", "groove": "tanh"}

Networks = dict[str, _core.Model | None]
MakeEngine = Callable[..., _core.Engine]


def make_networks(seed: int = 1, hidden: int = 24, precision: str = "float32") -> Networks:
    """Five networks of the roles' sizes: dense, LSTM, dense, weights drawn from the seed."""
    rng = np.random.default_rng(seed)

    def weights(rows: int, columns: int) -> np.ndarray:
        return (rng.normal(size=(rows, columns)) / np.sqrt(rows)).astype(np.float32)

    def dense(inputs: int, outputs: int, activation: str) -> dict[str, Any]:
        return {
            "kind": "dense",
            "activation": activation,
            "inputs": inputs,
            "outputs": outputs,
            "weights": [weights(inputs, outputs), np.zeros(outputs, np.float32)],
        }

    def lstm(units: int) -> dict[str, Any]:
        arrays = [weights(units, 4 * units), weights(units, 4 * units), np.zeros(4 * units, np.float32)]
        return {"kind": "lstm", "inputs": units, "outputs": units, "weights": arrays}

    return {
        role: _core.Model(
            inputs,
            [dense(inputs, hidden, "tanh"), lstm(hidden), dense(hidden, outputs, LAST[role])],
            precision=precision,
        )
        for role, (inputs, outputs) in SIZES.items()
    }


def make_settings(sample_rate: float = 48000, channels_in: int = 1, **music: Any) -> dict[str, Any]:
    music = {"clock": {"source": "internal"}, "play": "when_heard", **music}
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    return engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(sample_rate, 4096, channels_in, waits=True), FEATURES
    )


def notes_left_on(events: list[tuple[int, bytes, int]]) -> set[tuple[int, int]]:
    """(channel, note) of every note-on without a note-off."""
    on: set[tuple[int, int]] = set()
    for _, data, _ in events:
        kind, channel = data[0] & 0xF0, data[0] & 15
        if kind == 0x90 and data[2]:
            on.add((channel, data[1]))
        elif kind in (0x80, 0x90):
            on.discard((channel, data[1]))
    return on


def note_ons(events: list[tuple[int, bytes, int]]) -> int:
    return sum(data[0] & 0xF0 == 0x90 and data[2] > 0 for _, data, _ in events)
