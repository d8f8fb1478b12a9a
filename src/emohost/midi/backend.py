"""Opening an output port: by API, by name, virtual or existing. JACK's through its own library, those of other APIs
through python-rtmidi. Runs in the port's process."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

import rtmidi

from emohost._core import PortMemory
from emohost.errors import MidiError, PortAbsentError
from emohost.midi.jack import open_jack
from emohost.midi.ledger import Ledger
from emohost.midi.rtmidi_inputs import NO_VIRTUAL_PORTS, RTMIDI_APIS, RtMidiInputs
from emohost.names import choose

APIS = ("jack", *RTMIDI_APIS)
FLUSH_S = 0.03


class Opened(Protocol):
    """An open output, that knows what sounds at its other end. Any thread."""

    name: str
    api: str
    plays_from_memory: bool
    """True: what is to be played lies in the memory that is shared with the host, and nothing is given to `send`."""

    def send(self, data: bytes) -> None: ...

    def silence(self) -> None:
        """Ends what sounds."""
        ...

    def close(self) -> None:
        """What was sent goes out first."""
        ...

    def wait_until_lost(self, interval_s: float) -> str | None:
        """Waits so long, then says why the port is gone; None if it is there."""
        ...

    def connections(self) -> list[str] | None:
        """The ports that it leads to; None if that cannot be told (just now)."""
        ...

    def input_connections(self) -> list[list[str]]:
        """What each input listens to, where that can be told. Opens or connects those whose port has come."""
        ...


class RtMidiOutput:
    """An output through RtMidi, whose driver is given each message when it is due."""

    plays_from_memory = False

    def __init__(self, output: Any, api: str, name: str, existing: str | None, inputs: RtMidiInputs) -> None:
        self.name, self.api, self._inputs = name, api, inputs
        self._output, self._existing = output, existing
        self._ledger = Ledger()
        self._lock = threading.Lock()
        inputs.pass_on(self.send)

    def send(self, data: bytes) -> None:
        with self._lock:
            self._ledger.enter(data)
            self._output.send_message(data)  # also the end of a note that another process began

    def silence(self) -> None:
        with self._lock:
            for data in [*self._ledger.lift_pedals(), *self._ledger.silence()]:
                self._output.send_message(data)

    def close(self) -> None:
        time.sleep(FLUSH_S)  # drivers have threads of their own
        self._inputs.close()
        self._output.close_port()
        self._output.delete()

    def wait_until_lost(self, interval_s: float) -> str | None:
        time.sleep(interval_s)
        if self._existing is not None and self._existing not in _names(self._output):
            return f"MIDI port {self._existing!r} is gone"
        return None

    def connections(self) -> list[str] | None:
        return None

    def input_connections(self) -> list[list[str]]:
        self._inputs.open_those_that_came()
        return []


def open_ports(
    api: str,
    client: str,
    port: str,
    connect: str | None,
    rejoin: Sequence[str],
    memory: PortMemory,
    inputs: Sequence[tuple[str, str | None]] = (),
    rehear: Sequence[Sequence[str]] = (),
    thru: Sequence[bool] = (),
) -> Opened:
    """Opens a virtual port `client:port`, or one that leads to the existing port that `connect` names (exact, else a
    unique part).

    `api` is one of APIS or 'auto': the first that works. `rejoin`: ports that a virtual port of JACK's was connected to
    and is connected to again. `memory`: what a port of JACK's plays, and where inputs put what comes in. `inputs`: of
    each its name and the existing port that it listens to, once that is there; `rehear`: what each listened to; `thru`:
    whether what comes in through each goes on to the output. Raises MidiError, of what `connect` names and is not there
    PortAbsentError.
    """
    failures, absent = [], False
    for candidate in _candidates() if api == "auto" else [api]:
        try:
            if candidate == "jack":
                return open_jack(client, port, connect, rejoin, memory, inputs, rehear, thru)
            return _open_rtmidi(
                candidate, client, port, connect, RtMidiInputs(candidate, client, inputs, memory, thru)
            )
        except MidiError as error:
            if api != "auto":
                raise
            absent |= isinstance(error, PortAbsentError)
            failures.append(f"{candidate}: {error}")
    kind = PortAbsentError if absent else MidiError
    raise kind(f"no MIDI port can be had ({'; '.join(failures)}); midi.api 'none' does without")


def missing(api: str) -> str | None:
    """Why RtMidi cannot do it on this system; None if it can."""
    compiled = rtmidi.get_compiled_api()
    if RTMIDI_APIS[api] not in compiled:
        built = ", ".join(sorted(name for name, number in RTMIDI_APIS.items() if number in compiled))
        return f"midi.api {api!r} does not exist on this system; there is: {built}, jack"
    if api == "alsa" and not os.path.exists("/dev/snd/seq"):  # noqa: PTH110 (pathlib would cost start-up time)
        return "ALSA's sequencer is not there (no /dev/snd/seq; 'modprobe snd-seq' may bring it)"
    return None


def _candidates() -> list[str]:
    if sys.platform == "win32":
        return ["windows"]
    return ["coremidi", "jack"] if sys.platform == "darwin" else ["jack", "alsa"]


def _open_rtmidi(api: str, client: str, port: str, connect: str | None, inputs: RtMidiInputs) -> RtMidiOutput:
    if (why_not := missing(api)) is not None:
        raise MidiError(why_not)
    if api == "windows" and connect is None:
        raise MidiError(NO_VIRTUAL_PORTS.format("midi.connect"))
    with contextlib.ExitStack() as undo:  # a port that is waited for is tried again and again
        try:
            output = rtmidi.MidiOut(rtapi=RTMIDI_APIS[api], name=client)
            undo.callback(output.delete)
            if connect is None:
                name = f"{client}:{port}"
                output.open_virtual_port(port)
            else:
                names = _names(output)
                hint = NO_VIRTUAL_PORTS.format("midi.connect") if api == "windows" else ""
                name = choose(connect, names, "MIDI port", MidiError, hint, PortAbsentError)
                output.open_port(names.index(name), port)
            inputs.open()
        except (rtmidi.RtMidiError, OSError) as error:
            raise MidiError(f"cannot open a MIDI port through {api}: {error}") from None
        undo.pop_all()
    return RtMidiOutput(output, api, name, None if connect is None else name, inputs)


def _names(output: Any) -> list[str]:
    names: list[str] = output.get_ports()
    return names
