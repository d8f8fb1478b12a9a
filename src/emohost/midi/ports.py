"""The host's side of the MIDI port: a process of its own does the sending, is watched, and replaced when it is lost."""

from __future__ import annotations

import logging
import queue
import time
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Protocol, cast

from emohost.errors import MidiError
from emohost.process.child import Child

PING_S = 0.1
SILENCE_S = (
    3.0  # without an answer for so long its driver hangs; on a busy machine a healthy one may need a second
)
OPEN_S = 5.0  # an attempt to open that takes longer hangs
CLOSE_S = 3.0  # longer than the process allows itself
RETRY_S = 0.5  # pause after a process that failed at once
_MODULE = "emohost.midi.port_process"
_log = logging.getLogger("emohost.midi")


@dataclass(frozen=True)
class PortSettings:
    api: str = "auto"  # 'auto', 'alsa', 'jack', 'coremidi', 'windows'
    client: str = "emohost"
    port: str = "midi_out"
    connect: str | None = None  # an existing port instead of a virtual one


class PortState(Enum):
    opening = "opening"
    open = "open"
    closed = "closed"


class Port(Protocol):
    """Where MIDI goes. One thread (the sender's) uses it."""

    def upkeep(self) -> PortState:
        """Called every few milliseconds: notices losses, reopens. Never waits."""
        ...

    def send(self, data: bytes) -> bool:
        """One MIDI message. False if the port is not open: the message is lost. Never waits."""
        ...

    def close(self) -> None: ...


class ProcessPort:
    """A port by name. `wait_open` first; then one thread uses it."""

    def __init__(self, settings: PortSettings) -> None:
        """Starts to open it; returns at once."""
        self.settings = settings
        self.name = settings.connect or f"{settings.client}:{settings.port}"
        self.losses = 0
        self._state = PortState.opening
        self._failure = ""
        self._connected: list[str] = []  # what the port led to, to be connected again should it be lost
        self._heard = self._pinged = 0.0
        self._restart_at: float | None = None
        self._start(wait=False)

    @property
    def pid(self) -> int:
        """Of the process that holds the port."""
        return self._child.pid

    def wait_open(self, timeout_s: float = OPEN_S) -> None:
        """Raises MidiError if the port cannot be had."""
        deadline = time.monotonic() + timeout_s
        while self._state is PortState.opening:
            try:
                message = self._child.messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._child.kill()
                raise MidiError(
                    f"MIDI port {self.name!r}: the {self.settings.api} driver does not answer"
                ) from None
            if message["type"] == "failed":
                raise MidiError(message["text"])
            if message["type"] == "ended":
                words = self._child.last_words
                raise MidiError(
                    f"MIDI port {self.name!r}: its process ended ({self._child.how_it_ended()}): {words}"
                )
            self._take(message)

    def upkeep(self) -> PortState:
        now = time.monotonic()
        while self._state is not PortState.closed and not self._child.messages.empty():
            message = self._child.messages.get()
            self._heard = now
            if message["type"] == "lost":
                self._lose(message["text"])
            elif message["type"] == "ended":
                if self._restart_at is None:  # else it is the one that was killed
                    self._lose(f"its process ended ({self._child.how_it_ended()})")
            else:
                self._take(message)
        if self._state is PortState.open and now - self._pinged >= PING_S:
            if now - self._pinged > 5 * PING_S:
                self._heard = now  # this process itself was held up: no verdict
            self._pinged = now
            if not self._child.write(b"\0"):
                self._lose("it takes no more messages")
        patience = SILENCE_S if self._state is PortState.open else OPEN_S
        if self._state is not PortState.closed and now - self._heard > patience:
            self._lose("its driver does not answer")
        if self._restart_at is not None and now >= self._restart_at:
            self._restart_at = None
            self._start(wait=True)
        return self._state

    def send(self, data: bytes) -> bool:
        if self._state is not PortState.open:
            return False
        if self._child.write(bytes([len(data)]) + data):
            return True
        self._lose("it takes no more messages")
        return False

    def close(self) -> None:
        """Lets what was sent go out, then closes. Waits CLOSE_S at most."""
        if self._state is PortState.closed:
            return
        was_open, self._state = self._state is PortState.open, PortState.closed
        self._child.close_input()
        if not was_open or not self._child.wait(CLOSE_S):
            self._child.kill()
            self._child.wait(1.0)

    def _start(self, wait: bool) -> None:
        self._child = Child(_MODULE, _log, nonblocking=True)
        self._child.send({**asdict(self.settings), "wait": wait, "rejoin": self._connected})
        self._heard = self._pinged = time.monotonic()

    def _take(self, message: dict[str, object]) -> None:
        if message["type"] == "open":
            self.name = str(message["name"])
            self._state = PortState.open
            self._failure = ""
            _log.info("MIDI port %s is open (%s)", self.name, message["api"])
        elif message["type"] == "connected":
            self._connected = cast("list[str]", message["ports"])
        elif message["type"] == "failed" and message["text"] != self._failure:
            self._failure = str(message["text"])
            _log.warning("MIDI port %s: %s; trying again", self.name, self._failure)

    def _lose(self, why: str) -> None:
        if self._state is PortState.open:
            self.losses += 1
            _log.warning("MIDI port %s lost: %s; reopening it", self.name, why)
        else:
            _log.debug("MIDI port %s: %s; trying again", self.name, why)
        self._child.kill()
        pause = 0.0 if self._state is PortState.open else RETRY_S
        self._state = PortState.opening
        self._restart_at = self._heard = time.monotonic() + pause
