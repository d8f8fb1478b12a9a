"""An engine for tests of what it feels."""

from __future__ import annotations

from pathlib import Path

from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.bridge.queues import read_queues
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.networks.features import DEFAULTS
from emohost.vocabulary import ROLE_NAMES

RATE, BLOCK = 8000, 160


class Listening:
    """An engine without networks, that hears nothing and feels what the ring says."""

    def __init__(self, ring: str = "emohost") -> None:
        rig = Rig.model_validate({"audio": {"backend": "dummy"}})
        settings = engine_settings(
            EngineRequest.of(rig, Path()), AudioFormat(RATE, BLOCK, 1, waits=True), DEFAULTS
        )
        self.engine = Engine(settings, dict.fromkeys(ROLE_NAMES))
        for queue in read_queues(ring):
            self.engine.listen(queue)

    def feel(self, seconds: float = 1.5) -> tuple[float, float]:
        """Valence and arousal after so many seconds of silence, which pass at once."""
        for _ in range(round(seconds * RATE / BLOCK)):
            self.engine.process(None, BLOCK)
        last = self.engine.shared.pop_reports()[-1]
        return round(float(last["valence"]), 3), round(float(last["arousal"]), 3)

    @property
    def counts(self) -> dict[str, float]:
        return self.engine.shared.side_b
