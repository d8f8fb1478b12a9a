"""The host's side of the MIDI port: a process of its own does the sending, is watched, and replaced when it is lost."""

from __future__ import annotations

import logging
import queue
import time
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, cast

from emohost._core import PortMemory
from emohost.errors import MidiError, PortAbsentError
from emohost.process.child import Child, Message
from emohost.process.pids import wants_to_run
from emohost.process.shared_memory import SharedMemory
from emohost.process.watchdog import Watchdog

if TYPE_CHECKING:
    from emohost.config.midi import Midi

PING_S = 0.1
SILENCE_S = 0.7  # without an answer it hangs: notes end about a second after it stopped
STARVED_S = 2.0  # but on a busy machine a healthy one may need a second to get a processor
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
    await_existing: bool = False  # if it is not there yet, it is waited for
    inputs: tuple[
        tuple[str, str | None], ...
    ] = ()  # of each its name, and the existing port that it listens to
    thru: tuple[bool, ...] = ()  # whether what comes in through each goes on to the output

    @classmethod
    def of(cls, midi: Midi, await_existing: bool = False) -> PortSettings:
        """As a rig's `midi` section says."""
        inputs = tuple((each.port, each.connect) for each in midi.inputs)
        thru = tuple(each.thru for each in midi.inputs)
        return cls(midi.api, midi.client, midi.port, midi.connect, await_existing, inputs, thru)


class PortState(Enum):
    opening = "opening"
    open = "open"
    closed = "closed"


Input = tuple[int, int, bytes, int]
"""Monotonic ns, frame of the engine's input (0: not known), 1 to 3 MIDI bytes, number of the input."""


class Port(Protocol):
    """Where MIDI goes. One thread (the sender's) uses it."""

    @property
    def memory(self) -> PortMemory | None:
        """What an open port plays by itself, each message when it is due; None: it is given each when it is due."""
        ...

    def upkeep(self) -> PortState:
        """Called every few milliseconds: notices losses, reopens. Never waits."""
        ...

    def send(self, data: bytes) -> bool:
        """One MIDI message, at once. False if the port is not open: the message is lost. Never waits."""
        ...

    def pop_inputs(self) -> list[Input]:
        """What has come in through the inputs."""
        ...

    def close(self) -> None: ...


class ProcessPort:
    """A port by name. `wait_open` first; then one thread uses it."""

    def __init__(self, settings: PortSettings) -> None:
        """Starts to open it; returns at once. Raises MidiError if no process can be started."""
        self.settings = settings
        self.name = settings.connect or f"{settings.client}:{settings.port}"
        self.losses = 0
        self._state = PortState.opening
        self._failure = ""
        self._dropped_before = 0  # by ports before this one
        self._connected: list[str] = []  # what the port led to, to be connected again should it be lost
        self._heard: list[list[str]] = []  # likewise what each input listened to
        self._pinged = 0.0
        self._wait = self._from_memory = False
        try:
            self._dog = Watchdog(self._start, (RETRY_S, RETRY_S))
        except OSError as error:
            why = error.strerror or error
            raise MidiError(f"MIDI port {self.name!r}: no process can be started: {why}") from None
        self._wait = True

    @property
    def pid(self) -> int:
        """Of the process that holds the port."""
        return self._child.pid

    @property
    def _child(self) -> Child:
        return self._dog.process

    @property
    def memory(self) -> PortMemory | None:
        return self._memory if self._from_memory and self._state is PortState.open else None

    def wait_open(self, timeout_s: float = OPEN_S) -> None:
        """Returns, too, if the existing port is not there yet and is waited for. Raises MidiError if the port cannot be
        had."""
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
                if not message["absent"]:
                    raise MidiError(message["text"])
                if not self.settings.await_existing:
                    raise PortAbsentError(message["text"])
                self._take(message)
                return
            if message["type"] == "ended":
                words = self._child.last_words
                raise MidiError(
                    f"MIDI port {self.name!r}: its process ended ({self._child.how_it_ended()}): {words}"
                )
            self._take(message)

    def upkeep(self) -> PortState:
        self._dog.look()
        if self._state is PortState.closed:
            return self._state
        if self._dog.due:
            self._again()
        while not self._dog.resting and not self._child.messages.empty():
            self._hear(self._child.messages.get())
        if self._state is PortState.open and self._dog.now - self._pinged >= PING_S:
            self._pinged = self._dog.now
            if not self._child.write(b"\0"):
                self._lose("it takes no more messages")
        if not self._dog.resting and self._dog.silent_s > self._patience_s():
            self._lose("its driver does not answer")
        return self._state

    def _hear(self, message: Message) -> None:
        self._dog.sign()
        if message["type"] == "lost":
            self._lose(message["text"])
        elif message["type"] == "ended":
            self._lose(f"its process ended ({self._child.how_it_ended()})")
        else:
            self._take(message)

    def send(self, data: bytes) -> bool:
        if self._state is not PortState.open:
            return False
        if self._from_memory:
            return self._memory.push(data)
        if self._child.write(bytes([len(data)]) + data):
            return True
        self._lose("it takes no more messages")
        return False

    def pop_inputs(self) -> list[Input]:
        return self._memory.pop_inputs() if self._state is PortState.open else []

    def described(self) -> dict[str, object]:
        """Its name, whether it is open, the ports that it leads to, and what each of its inputs listens to. Any
        thread."""
        is_open = self._state is PortState.open
        outputs, inputs = (self._connected, self._heard) if is_open else ([], [])
        return {"name": self.name, "open": is_open, "outputs": list(outputs), "inputs": list(inputs)}

    @property
    def inputs_dropped(self) -> int:
        """Messages that came in faster than the host could take them."""
        return self._dropped_before + self._memory.inputs_dropped

    def close(self) -> None:
        """Lets what was sent go out, then closes. Waits CLOSE_S at most."""
        if self._state is PortState.closed:
            return
        was_open, self._state = self._state is PortState.open, PortState.closed
        self._child.close_input()
        if not was_open or not self._child.wait(CLOSE_S):
            self._child.kill()
            self._child.wait(1.0)
        self._shared.remove()

    def _patience_s(self) -> float:
        if self._state is not PortState.open:
            return OPEN_S
        late = self._dog.silent_s > SILENCE_S
        return STARVED_S if late and wants_to_run(self._child.pid) else SILENCE_S

    def _again(self) -> None:
        try:
            self._dog.begin()
        except OSError as error:  # no process, no memory: there may be some later
            _log.debug("MIDI port %s: no process can be started: %s; trying again", self.name, error)
            self._dog.rest()

    def _start(self) -> Child:
        # Memory of its own for each: one that was killed in the middle of something disturbs no other.
        shared = SharedMemory(PortMemory.size)
        try:
            child = Child(_MODULE, _log, nonblocking=True)
        except OSError:
            shared.remove()
            raise
        if self._wait:  # not the first
            self._dropped_before += self._memory.inputs_dropped
        self._shared, self._from_memory = shared, False
        self._memory: PortMemory = PortMemory(shared.buffer, create=True)
        settings = {**asdict(self.settings), "memory": str(shared.path)}
        child.start({**settings, "wait": self._wait, "rejoin": self._connected, "rehear": self._heard})
        return child

    def _take(self, message: Message) -> None:
        if message["type"] == "open":
            self.name = str(message["name"])
            self._state = PortState.open
            self._from_memory = bool(message["from_memory"])
            self._failure = ""
            _log.info("MIDI port %s is open (%s)", self.name, message["api"])
            client = self.name.partition(":")[0]
            if self.settings.connect is None and client != self.settings.client:
                _log.warning(
                    "the client name '%s' is taken: this rig's is '%s'", self.settings.client, client
                )
        elif message["type"] == "connected":
            self._connected = cast("list[str]", message["ports"])
            self._heard = cast("list[list[str]]", message["inputs"])
        elif message["type"] == "failed":
            self._say_failed(str(message["text"]), bool(message["absent"]))

    def _say_failed(self, text: str, absent: bool) -> None:
        """Once: what else there is comes and goes while an absent port is waited for."""
        failure = "absent" if absent else text
        if failure != self._failure:
            self._failure = failure
            what = "waiting for it" if absent else "trying again"
            _log.warning("MIDI port %s: %s; %s", self.name, text, what)

    def _lose(self, why: str) -> None:
        if self._state is PortState.open:
            self.losses += 1
            _log.warning("MIDI port %s lost: %s; reopening it", self.name, why)
        else:
            _log.debug("MIDI port %s: %s; trying again", self.name, why)
        self._dog.lose(at_once=self._state is PortState.open)
        self._shared.remove()
        self._state = PortState.opening
