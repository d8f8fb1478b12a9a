"""What the backends without a device share: the core's Pacer calls the engine as a sound card would."""

from __future__ import annotations

from abc import abstractmethod

from emohost._core import Engine, Pacer
from emohost.audio.backend import Backend


class PacedBackend(Backend):
    _pacer: Pacer | None = None

    def start(self, engine: Engine) -> None:
        self._pacer = self._make_pacer(engine)
        self._pacer.start()

    @abstractmethod
    def _make_pacer(self, engine: Engine) -> Pacer: ...

    def stop(self) -> None:
        if self._pacer is not None:
            self._pacer.stop()
