"""What every audio backend does. One thread uses it, in the order in which the methods stand here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emohost.errors import AudioError

if TYPE_CHECKING:
    from emohost._core import Engine


@dataclass(frozen=True)
class AudioFormat:
    """What the engine must be built for; known before the device is open."""

    sample_rate: float  # Hz
    block_size: int  # frames; 0: as the device likes
    channels_in: int
    channels_out: int = 0
    pass_through: bool = False
    paced: bool = True  # blocks come in real time
    waits: bool = False  # and wait for an engine that is late, so that nothing is lost


class Backend(ABC):
    @abstractmethod
    def prepare(self) -> AudioFormat:
        """Finds out the format. Raises AudioError."""

    @abstractmethod
    def start(self, engine: Engine) -> None:
        """Opens the source and lets it call the engine; `engine` must outlive the backend. Raises AudioError."""

    @property
    def waits_for_device(self) -> bool:
        """Whether `start` may be tried again after an AudioError, because a device comes and goes."""
        return False

    @property
    def finished(self) -> bool:
        """The source came to its end and every block has been processed."""
        return False

    @property
    def failure(self) -> AudioError | None:
        """What ended the source early, if anything did."""
        return None

    @abstractmethod
    def stop(self) -> None:
        """No callback runs afterwards. A driver may never return from it."""

    @property
    def description(self) -> str:
        """What is played from, for people."""
        return ""
