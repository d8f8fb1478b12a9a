"""What the engine's tests play: an engine of random networks, real music."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from small_engine import MakeEngine, make_networks, make_settings

from emohost import _core

DEMO = next(Path(__file__).parents[2].joinpath("configs").glob("*.flac"))


@pytest.fixture
def make_engine() -> MakeEngine:
    """An engine of its own for each call: networks of `seed`, settings of make_settings()."""

    def make(seed: int = 1, shared: _core.Shared | None = None, **settings: Any) -> _core.Engine:
        return _core.Engine(make_settings(**settings), make_networks(seed), shared)

    return make


@pytest.fixture(scope="session")
def demo() -> tuple[np.ndarray, int]:
    """The demo's music, mono float32, and its sample rate."""
    audio, rate = soundfile.read(DEMO, dtype="float32", always_2d=True)
    return audio.mean(axis=1, dtype=np.float32), rate


@pytest.fixture(scope="session")
def music(demo: tuple[np.ndarray, int]) -> np.ndarray:
    """Six seconds of the demo at 48 kHz, mono."""
    import librosa

    audio, rate = demo
    start = 4 * rate
    return librosa.resample(audio[start : start + 6 * rate], orig_sr=rate, target_sr=48000)
