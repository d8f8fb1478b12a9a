"""MIDI ports on a JACK server, or on PipeWire in its place, through the system's libjack. Runs in the port's process.

The native callback of `emohost._core.JackClient` plays what the host leaves in the memory that both share, each message
on its own frame; nothing in Python is needed for a note to go out or to end.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

from emohost._core import JackClient, PortMemory
from emohost.errors import MidiError, PortAbsentError
from emohost.names import choose

LOOK_S = 0.02  # how often it is looked whether the server is there
FLUSH_PATIENCE_S = 1.0  # with a server that stands still
FLUSH_CYCLES = 4  # after the last message was played: a receiver may be late


class JackOutput:
    """An open output of a client of its own. Any thread."""

    api = "jack"
    plays_from_memory = True

    def __init__(
        self, client: JackClient, memory: PortMemory, existing: str | None, hears: Sequence[str | None] = ()
    ) -> None:
        """`existing`: the port that it is connected to, and lost with; None for one that anybody may connect. `hears`:
        of each input the port that it is connected to as soon as that is there."""
        self.name = existing or client.output
        self._client, self._memory, self._existing = client, memory, existing
        self._lock = threading.Lock()  # one thread waits for the loss, another closes
        self._closed = False
        self._hears = list(hears)

    def send(self, data: bytes) -> None:
        raise MidiError("what a JACK port is to play lies in the memory that it shares with the host")

    def silence(self) -> None:
        """Ends what sounds and forgets the notes that are planned."""
        self._client.silence()

    def close(self) -> None:
        """What was sent goes out first."""
        deadline = time.monotonic() + FLUSH_PATIENCE_S
        while not self._client.idle and time.monotonic() < deadline:
            time.sleep(0.002)
        last = self._memory.cycles + FLUSH_CYCLES
        while self._memory.cycles < last and time.monotonic() < deadline:
            time.sleep(0.002)
        with self._lock:
            self._closed = True
        self._client.close()

    def wait_until_lost(self, interval_s: float) -> str | None:
        """Waits so long, then says why the port is gone; None if it is there, or was closed."""
        until = time.monotonic() + interval_s
        while not self._ended() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
        if self._ended():
            return "the JACK server has ended"
        with self._lock:
            if self._closed or self._existing is None or self._existing in self._client.ports(sinks=True):
                return None
        return f"MIDI port {self._existing!r} is gone"

    def connections(self) -> list[str] | None:
        """The ports that this one leads to; None for one that leads to an existing port by order."""
        with self._lock:
            if self._closed or self._existing is not None:
                return None
            return self._client.connections(self._client.output)

    def input_connections(self) -> list[list[str]]:
        """What each input listens to. Connects those whose port has come."""
        with self._lock:
            if self._closed:
                return []
            found = [self._client.connections(name) for name in self._client.inputs]
            for name, wanted, there in zip(self._client.inputs, self._hears, found, strict=True):
                if wanted is not None and not there:
                    self._listen(name, wanted)
            return found

    def _listen(self, name: str, wanted: str) -> None:
        with contextlib.suppress(MidiError):  # not there yet, or not yet the only one
            self._client.connect(
                choose(wanted, self._client.ports(sinks=False), "MIDI port", MidiError), name
            )

    def _ended(self) -> bool:
        with self._lock:
            return not self._closed and self._client.ended


def open_jack(
    client: str,
    port: str,
    connect: str | None,
    rejoin: Sequence[str],
    memory: PortMemory,
    inputs: Sequence[tuple[str, str | None]] = (),
    rehear: Sequence[Sequence[str]] = (),
    thru: Sequence[bool] = (),
) -> JackOutput:
    """A port `client:port` that plays what lies in `memory`, and inputs that fill it; `connect` and the rest as of
    `backend.open_ports`. Raises MidiError."""
    opened = _client(client, memory, port, [name for name, _ in inputs], thru)
    try:
        existing = None
        if connect is not None:
            existing = choose(
                connect, opened.ports(sinks=True), "MIDI port", MidiError, absent=PortAbsentError
            )
        opened.activate()
        if existing is not None and not opened.connect(opened.output, existing):
            raise MidiError(f"the JACK server does not connect {opened.output!r} to {existing!r}")
    except RuntimeError as error:
        opened.close()
        raise MidiError(str(error)) from None
    except MidiError:
        opened.close()
        raise
    for other in rejoin:  # those that are there
        opened.connect(opened.output, other)
    for name, others in zip(opened.inputs, rehear, strict=False):
        for other in others:
            opened.connect(other, name)
    output = JackOutput(opened, memory, existing, [wanted for _, wanted in inputs])
    output.input_connections()
    return output


def jack_ports(sinks: bool) -> list[str]:
    """Names of the MIDI ports that take (`sinks`) or send. Raises MidiError without a server."""
    client = _client("emohost-look")
    with contextlib.closing(client):
        return client.ports(sinks)


def _client(
    name: str,
    memory: PortMemory | None = None,
    output: str = "",
    inputs: Sequence[str] = (),
    thru: Sequence[bool] = (),
) -> JackClient:
    try:
        return JackClient(name, memory, output, inputs, thru)
    except RuntimeError as error:
        raise MidiError(str(error)) from None
