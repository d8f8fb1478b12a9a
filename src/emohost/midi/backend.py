"""Opening an output port through python-rtmidi: by API, by name, virtual or existing. Runs in the port's process."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import rtmidi

from emohost.errors import MidiError
from emohost.names import choose

APIS = {
    "jack": rtmidi.API_UNIX_JACK,
    "alsa": rtmidi.API_LINUX_ALSA,
    "coremidi": rtmidi.API_MACOSX_CORE,
    "windows": rtmidi.API_WINDOWS_MM,
}
FLUSH_S = 0.03
FLUSH_BLOCKS = 3
FLUSH_PATIENCE_S = 1.0  # with a JACK server that stands still
_NO_VIRTUAL_PORTS = (
    "Windows has no virtual MIDI ports of its own: install loopMIDI (or another driver of that kind), add a port "
    "there, and name it as midi.connect"
)


class Opened:
    """An open output. One thread sends; another may wait for its loss."""

    def __init__(
        self, output: Any, api: str, name: str, existing: str | None, server: JackServer | None
    ) -> None:
        self.name, self.api = name, api
        self._output, self._existing, self._server = output, existing, server
        self.send: Callable[[bytes], None] = output.send_message

    def close(self) -> None:
        """What was sent goes out first: drivers hand over at the start of their blocks."""
        if self._server is None:
            time.sleep(FLUSH_S)
        else:
            self._server.wait_blocks(FLUSH_BLOCKS)
        self._output.close_port()
        self._output.delete()

    def wait_until_lost(self, interval_s: float) -> str | None:
        """Waits so long, then says why the port is gone; None if it is there."""
        ended = self._server.ended if self._server else threading.Event()
        if ended.wait(interval_s):
            return "the JACK server has ended"
        if self._existing is not None and self._existing not in _names(self._output):
            return f"MIDI port {self._existing!r} is gone"
        return None

    def connections(self) -> list[str] | None:
        """The ports that a virtual port of JACK's is connected to; None if that cannot be told (just now)."""
        if self._server is None or self._existing is not None:
            return None
        return self._server.connections(self.name)


class JackServer:
    """A second client of the JACK server, that says whether there is one, what ports it has, and when it ends.

    RtMidi says none of this: without a server it opens "ports" that lead nowhere. Raises MidiError.
    """

    def __init__(self) -> None:
        try:
            import jack
        except OSError:
            raise MidiError("the JACK library (libjack) is not installed") from None
        self.ended = threading.Event()
        name = os.environ.get("JACK_DEFAULT_SERVER", "default")
        try:
            self._client = jack.Client("emohost-watch", no_start_server=True)
        except jack.JackError:
            raise MidiError(f"no JACK server {name!r} runs") from None
        self._client.set_shutdown_callback(lambda _status, _reason: self.ended.set())
        self._client.activate()

    def outputs(self) -> set[str]:
        """Names of the MIDI ports that send."""
        return {port.name for port in self._client.get_ports(is_midi=True, is_output=True)}

    def connections(self, name: str) -> list[str] | None:
        """Names of the ports that the port `name` leads to; None while ports come and go."""
        try:
            port = self._client.get_port_by_name(name)
            return sorted(other.name for other in self._client.get_all_connections(port))
        except Exception:  # jack.JackError, or an assertion of its own, of a port that has just gone
            return None

    def wait_blocks(self, count: int) -> None:
        """Until so many blocks have begun; a second at most. (When the machine is busy they come late.)"""
        start, deadline = self._client.last_frame_time, time.monotonic() + FLUSH_PATIENCE_S
        frames = count * self._client.blocksize
        while self._client.last_frame_time - start < frames and time.monotonic() < deadline:
            time.sleep(0.002)

    def connect(self, name: str, others: Iterable[str]) -> None:
        """Connects the port `name` to those of the others that are there."""
        for other in others:
            with contextlib.suppress(Exception):  # jack.JackError, of a port that has gone
                self._client.connect(name, other)


def open_output(api: str, client: str, port: str, connect: str | None, rejoin: Sequence[str] = ()) -> Opened:
    """Opens a virtual port `client:port`, or the existing port that `connect` names (exact, else a unique part).

    `api` is one of APIS or 'auto': the first that works. `rejoin`: ports that a virtual port of JACK's was connected to
    and is connected to again. Raises MidiError.
    """
    if api != "auto":
        return _open(api, client, port, connect, rejoin)
    failures = []
    for candidate in _candidates():
        try:
            return _open(candidate, client, port, connect, rejoin)
        except MidiError as error:
            failures.append(f"{candidate}: {error}")
    raise MidiError(f"no MIDI port can be had ({'; '.join(failures)}); midi.api 'none' does without")


def _candidates() -> list[str]:
    if sys.platform == "win32":
        return ["windows"]
    return ["coremidi", "jack"] if sys.platform == "darwin" else ["jack", "alsa"]


def _open(api: str, client: str, port: str, connect: str | None, rejoin: Sequence[str]) -> Opened:
    compiled = rtmidi.get_compiled_api()
    if APIS[api] not in compiled:
        built = ", ".join(sorted(name for name, number in APIS.items() if number in compiled))
        raise MidiError(f"midi.api {api!r} does not exist on this system; there is: {built}")
    if api == "alsa" and not os.path.exists("/dev/snd/seq"):  # noqa: PTH110 (pathlib would cost start-up time)
        raise MidiError("ALSA's sequencer is not there (no /dev/snd/seq; 'modprobe snd-seq' may bring it)")
    if api == "windows" and connect is None:
        raise MidiError(_NO_VIRTUAL_PORTS)
    server = JackServer() if api == "jack" else None
    before = server.outputs() if server else set()
    try:
        output = rtmidi.MidiOut(rtapi=APIS[api], name=client)
        if connect is None:
            name = f"{client}:{port}"
            output.open_virtual_port(port)
        else:
            names = _names(output)
            name = choose(
                connect, names, "MIDI port", MidiError, _NO_VIRTUAL_PORTS if api == "windows" else ""
            )
            output.open_port(names.index(name), port)
    except (rtmidi.RtMidiError, OSError) as error:
        raise MidiError(f"cannot open a MIDI port through {api}: {error}") from None
    if server:
        new = sorted(server.outputs() - before)
        if not new:
            raise MidiError("JACK did not accept the MIDI port")
        if connect is None:
            name = new[0]  # JACK numbers the client's name if it is taken
            server.connect(name, rejoin)
    return Opened(output, api, name, None if connect is None else name, server)


def _names(output: Any) -> list[str]:
    names: list[str] = output.get_ports()
    return names
