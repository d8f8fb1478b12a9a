"""What the engine's audio ports are connected to under JACK, or PipeWire in its place: looked at while it plays, so
that the host can tell it to the engine after this one, and made again there.

PortAudio connects each port to the device by itself; whatever else is wanted is put right here, by a client that has no
ports of its own.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emohost._core import JackClient
from emohost.errors import AudioError
from emohost.names import choose

LOOK_S = 0.25
NOTHING = "none"
DEVICE = "device"


@dataclass(frozen=True)
class Wires:
    """Of each port, in order, the full names of those that it is connected to, sorted."""

    inputs: tuple[tuple[str, ...], ...]
    outputs: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, told: Mapping[str, Sequence[Sequence[str]]]) -> Wires:
        return cls(tuple(map(tuple, told["inputs"])), tuple(map(tuple, told["outputs"])))


class JackWires:
    """One thread."""

    def __init__(
        self,
        audio_client: str,
        inputs: int,
        outputs: int,
        wanted: str | Mapping[int, str],
        again: Wires | None,
    ) -> None:
        """`audio_client`: PortAudio's, whose stream has so many `inputs` and `outputs` and runs. `wanted`: what
        `audio.connect` asks for: DEVICE, NOTHING, or by input the port that it listens to as soon as that is there.
        `again`: what an engine before this one was connected to. Raises AudioError."""
        try:
            self._client = JackClient(f"{audio_client}-wires")
        except RuntimeError as error:
            raise AudioError(str(error)) from None
        self._inputs = [f"{audio_client}:in_{number}" for number in range(inputs)]
        self._outputs = [f"{audio_client}:out_{number}" for number in range(outputs)]
        self._wanted: dict[int, str] = {}
        if not isinstance(wanted, str):
            self._wanted = dict(wanted)
        if again is not None:
            self._make(again)
        elif wanted == NOTHING:
            self._make(Wires(((),) * inputs, ((),) * outputs))
        elif wanted != DEVICE:
            self._make(Wires(((),) * inputs, self._now().outputs))
            self._await()
        self._seen = self._told = self._now()
        self._next_look = 0.0

    @property
    def sample_rate(self) -> float | None:
        """The server's, Hz; None when it has gone. PipeWire may go to another without telling a client that does not
        play: then `ask_rate` knows it."""
        return None if self._client.ended else float(self._client.sample_rate)

    def ask_rate(self) -> float | None:
        """The server's rate, Hz, as it tells a new client; None when it has gone. Takes some milliseconds."""
        try:
            asking = JackClient(f"{self._client.name}-rate")
        except RuntimeError:
            return None
        try:
            return float(asking.sample_rate)
        finally:
            asking.close()

    def look(self) -> Wires | None:
        """Called often. What the ports are connected to, when that has changed and stays so for a moment; connects
        what has come that `audio.connect` asks for."""
        if (now := time.monotonic()) < self._next_look or self._client.ended:
            return None
        self._next_look = now + LOOK_S
        self._await()
        before, self._seen = self._seen, self._now()
        if self._client.ended or self._seen != before or self._seen == self._told:
            return None
        self._told = self._seen
        return self._told

    @property
    def wires(self) -> Wires:
        """As last seen."""
        return self._seen

    def _now(self) -> Wires:
        return Wires(
            tuple(tuple(self._client.connections(port)) for port in self._inputs),
            tuple(tuple(self._client.connections(port)) for port in self._outputs),
        )

    def _make(self, wanted: Wires) -> None:
        """Connects what of it is there, and parts what is not in it."""
        now = self._now()
        for port, theirs, there in zip(self._inputs, wanted.inputs, now.inputs, strict=False):
            for other in set(there) - set(theirs):
                self._client.disconnect(other, port)
            for other in theirs:
                self._client.connect(other, port)
        for port, theirs, there in zip(self._outputs, wanted.outputs, now.outputs, strict=False):
            for other in set(there) - set(theirs):
                self._client.disconnect(port, other)
            for other in theirs:
                self._client.connect(port, other)

    def _await(self) -> None:
        for number, name in self._wanted.items():
            port = self._inputs[number]
            if self._client.connections(port):
                continue
            with contextlib.suppress(AudioError):  # not there yet, or not yet the only one
                self._client.connect(
                    choose(name, self._client.ports(sinks=False, audio=True), "audio port", AudioError), port
                )
