"""What every audio backend does. One thread uses it, in the order in which the methods stand here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emohost.errors import AudioError

if TYPE_CHECKING:
    from emohost._core import Engine, Shared
    from emohost.audio.age import AgeMeter
    from emohost.audio.jack_wires import Wires


@dataclass(frozen=True)
class AudioFormat:
    """What the engine must be built for; known before the device is open."""

    sample_rate: float  # Hz
    block_size: int  # frames; 0: as the device likes
    channels_in: int
    heard: tuple[int, ...] = ()  # which of them are listened to, from 0; none: all
    channels_out: int = 0
    pass_through: bool = False
    paced: bool = True  # blocks come in real time
    waits: bool = False  # and wait for an engine that is late, so that nothing is lost


@dataclass(frozen=True)
class NewRate:
    """Hz: what a device was opened at, and what it has come to."""

    asked: float
    found: float
    told: bool
    """By its driver, which will open at the new rate; False: found by frames against time."""


@dataclass(frozen=True)
class Restart:
    """What an engine before this one told of its device."""

    wires: Wires | None = None
    """What its ports were connected to."""
    rate: NewRate | None = None
    """At which blocks came without a word of its driver."""


NO_RESTART = Restart()


class Backend(ABC):
    @abstractmethod
    def prepare(self) -> AudioFormat:
        """Finds out the format. Called again before `start` is tried again. Raises AudioError."""

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

    def news(self) -> str:
        """What there is to say since the last call, as a line; mostly nothing."""
        return ""

    @property
    def failure(self) -> AudioError | None:
        """What ended the source early, if anything did."""
        return None

    @abstractmethod
    def stop(self) -> None:
        """No callback runs afterwards. A driver may never return from it."""

    def age_meter(self, shared: Shared) -> AgeMeter | None:
        """Measures how old sounds are when the callback gets them, once `start` has returned; None where there is no
        device."""
        return None

    def connections(self) -> Wires | None:
        """What the ports are connected to, as last seen; None where there is no such thing."""
        return None

    def new_connections(self) -> Wires | None:
        """What the ports are connected to, when that has changed; None, too, where there is no such thing."""
        return None

    def new_rate(self, shared: Shared) -> NewRate | None:
        """When blocks do not come at the rate that was agreed. Called often while it plays."""
        return None

    @property
    def description(self) -> str:
        """What is played from, for people."""
        return ""
