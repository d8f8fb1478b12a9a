"""No device: a clock with silence or noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emohost._core import Engine, Pacer
from emohost.audio.backend import AudioFormat
from emohost.audio.paced import PacedBackend


class DummyBackend(PacedBackend):
    def __init__(self, settings: Mapping[str, Any], played_s: float) -> None:
        self._settings = settings
        duration_s = settings["duration_s"]
        rate = settings["sample_rate"]
        self._frames = None if duration_s is None else round(max(0.0, duration_s - played_s) * rate)

    def prepare(self) -> AudioFormat:
        return AudioFormat(self._settings["sample_rate"], self._settings["block_size"], channels_in=1)

    def _make_pacer(self, engine: Engine) -> Pacer:
        self._engine = engine
        pacer = Pacer(engine, self._settings["block_size"])
        pacer.feed_signal(self._settings["signal"], level_db=self._settings["level_db"])
        return pacer

    @property
    def finished(self) -> bool:
        if self._frames is None or self._engine.frame < self._frames:
            return False
        self.stop()
        return True

    @property
    def description(self) -> str:
        return f"a clock with {self._settings['signal']}"
