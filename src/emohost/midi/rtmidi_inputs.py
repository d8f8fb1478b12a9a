"""MIDI inputs through python-rtmidi (ALSA, CoreMIDI, Windows), each message stamped when the driver brings it. Runs in
the port's process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import rtmidi

from emohost._core import PortMemory, monotonic_ns
from emohost.errors import MidiError
from emohost.names import choose

RTMIDI_APIS = {
    "alsa": rtmidi.API_LINUX_ALSA,
    "coremidi": rtmidi.API_MACOSX_CORE,
    "windows": rtmidi.API_WINDOWS_MM,
}
NO_VIRTUAL_PORTS = (
    "Windows has no virtual MIDI ports of its own: install loopMIDI (or another driver of that kind), add a port "
    "there, and name it as {}"
)
FIRST_SYSTEM = 0xF0  # messages from here on are of no channel
LONGEST = 3  # bytes; system exclusive messages mean nothing here


class RtMidiInputs:
    """What comes in goes into the memory that is shared with the host. One thread, but for `_take`."""

    def __init__(
        self,
        api: str,
        client: str,
        wanted: Sequence[tuple[str, str | None]],
        memory: PortMemory,
        thru: Sequence[bool] = (),
    ) -> None:
        """`wanted`: of each input its name, and the existing port that it listens to once that is there; None: one that
        anybody may connect. `thru`: whether what comes in through it is passed on."""
        self._thru = frozenset(number for number, on in enumerate(thru) if on)
        self._send: Callable[[bytes], None] | None = None
        self._api, self._client, self._wanted, self._memory = api, client, wanted, memory
        self._inputs: list[Any] = [None] * len(wanted)
        self._lock = threading.Lock()  # one producer at a time: every input has a thread of its own

    def open(self) -> None:
        """Raises MidiError or RtMidiError."""
        for number, (port, connect) in enumerate(self._wanted):
            if connect is None and self._api == "windows":
                raise MidiError(NO_VIRTUAL_PORTS.format(f"midi.inputs[{number}].connect"))
            if connect is None:
                self._inputs[number] = made = self._make(number)
                made.open_virtual_port(port)
        self.open_those_that_came()

    def open_those_that_came(self) -> None:
        """Opens existing ports that are there now, and lets go of those that went."""
        for number, (port, connect) in enumerate(self._wanted):
            if connect is None:
                continue
            candidate = self._inputs[number] or self._make(number)
            names = candidate.get_ports()
            try:
                name = choose(connect, names, "MIDI port", MidiError)
            except MidiError:  # not there yet, or gone
                candidate.delete()
                self._inputs[number] = None
                continue
            if self._inputs[number] is None:
                candidate.open_port(names.index(name), port)
                self._inputs[number] = candidate

    def pass_on(self, send: Callable[[bytes], None]) -> None:
        """Messages of channels from inputs with `thru` go there from now on, on RtMidi's threads."""
        self._send = send

    def close(self) -> None:
        for each in self._inputs:
            if each is not None:
                each.close_port()
                each.delete()
        self._inputs = [None] * len(self._wanted)

    def _make(self, number: int) -> Any:
        made = rtmidi.MidiIn(rtapi=RTMIDI_APIS[self._api], name=self._client)
        made.ignore_types(sysex=True, timing=False, active_sense=True)
        made.set_callback(self._take, number)
        return made

    def _take(self, event: tuple[list[int], float], number: int) -> None:
        """On RtMidi's thread."""
        at_ns, (message, _) = monotonic_ns(), event
        if 1 <= len(message) <= LONGEST:
            data = bytes(message)
            if number in self._thru and self._send is not None and data[0] < FIRST_SYSTEM:
                self._send(data)
            with self._lock:
                self._memory.push_input(at_ns, data, number)
