"""The process that holds the MIDI port: `python -m emohost.midi.port_process PARENT_PID`.

A process of its own because a driver may hang, and libjack does not survive the end of its server. Here that hurts
nobody: the host sees no answer and starts another.

It is also the last that can end a note: it keeps a ledger of its own, and ends what sounds when the host is killed, or
says nothing for a second. So it does not die with the host; a timer of the system ends it where it hangs.

Input: the start message, a JSON line, with the settings, among them the memory that it shares with the host
(ext/core/midi/port_memory.h), from which a port of JACK's plays; then, for other ports, messages, each a byte of length
and so many bytes; length 0 asks for a "pong". Output: "trying" before each attempt, "open", "failed", "connected" (to
which ports), "lost" and "pong".
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from typing import Any

from emohost._core import PortMemory
from emohost.errors import MidiError, PortAbsentError
from emohost.midi.backend import Opened, open_ports
from emohost.process.limits import end_unless_called_within
from emohost.process.parent import Parent
from emohost.process.shared_memory import map_memory

RETRY_S = 0.25
WATCH_S = 0.25  # how often it is looked for losses
HOST_SILENT_S = 1.0  # the host asks for a pong ten times a second
HANGS_S = 10.0  # for which a driver does not return, or keeps the interpreter lock
CLOSE_S = 2.0  # closing a port may hang as well


def main() -> None:
    parent = Parent(outlive=True)
    settings = parent.start()
    output = _open(parent, settings, PortMemory(map_memory(settings["memory"])))
    parent.send("open", name=output.name, api=output.api, from_memory=output.plays_from_memory)
    host = Host()
    ending = threading.Event()
    threading.Thread(target=_watch, args=(parent, output, host, ending), daemon=True).start()
    _forward(parent, output, host)
    ending.set()
    output.silence()
    threading.Timer(CLOSE_S, parent.end, (0,)).start()
    with contextlib.suppress(Exception):
        output.close()
    parent.end(0)


class Host:
    """When it was heard last. Any thread."""

    def __init__(self) -> None:
        self.heard_at = time.monotonic()


def _open(parent: Parent, settings: Mapping[str, Any], memory: PortMemory) -> Opened:
    while True:
        parent.send("trying")
        end_unless_called_within(HANGS_S)
        try:
            return open_ports(
                settings["api"],
                settings["client"],
                settings["port"],
                settings["connect"],
                settings["rejoin"],
                memory,
                settings["inputs"],
                settings["rehear"],
                settings["thru"],
            )
        except MidiError as error:
            absent = isinstance(error, PortAbsentError)
            parent.send("failed", text=str(error), absent=absent)
            if not (settings["wait"] or (absent and settings["await_existing"])):
                parent.end(error.exit_code)
        time.sleep(RETRY_S)


def _forward(parent: Parent, output: Opened, host: Host) -> None:
    """Until the end of the input."""
    stream = parent.input
    while length := stream.read(1):
        host.heard_at = time.monotonic()
        if length[0] == 0:
            parent.send("pong")
        else:
            output.send(stream.read(length[0]))


def _watch(parent: Parent, output: Opened, host: Host, ending: threading.Event) -> None:
    """What a port says while it is being closed is of no interest, be it an error."""
    try:
        _watch_until_lost(parent, output, host)
    except Exception:
        if not ending.is_set():
            raise


def _watch_until_lost(parent: Parent, output: Opened, host: Host) -> None:
    connected: list[str] = []
    heard: list[list[str]] = []
    while (reason := output.wait_until_lost(WATCH_S)) is None:
        end_unless_called_within(HANGS_S)
        if time.monotonic() - host.heard_at > HOST_SILENT_S:
            output.silence()
        now, heard_now = output.connections(), output.input_connections()
        if (now is not None and now != connected) or heard_now != heard:
            connected, heard = connected if now is None else now, heard_now
            parent.send("connected", ports=connected, inputs=heard)
    parent.send("lost", text=reason)


if __name__ == "__main__":
    main()
