"""The process that holds the MIDI port: `python -m emohost.midi.port_process PARENT_PID`.

A process of its own because RtMidi's send never returns, and keeps the interpreter lock, once a JACK server that died
or was stopped no longer empties its buffer. Here that hurts nobody: the host sees no answer and starts another.

It is also the last that can end a note: it keeps a ledger of its own, and ends what sounds when the host is killed, or
says nothing for a second. So it does not die with the host; a timer of the system ends it where it hangs.

Input: one JSON line of settings, then messages, each a byte of length and so many bytes; length 0 asks for a
"pong". Output: "trying" before each attempt, "open", "failed", "connected" (the ports that it leads to), "lost" and
"pong".
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any

from emohost.errors import MidiError
from emohost.midi.backend import Opened, open_output
from emohost.midi.ledger import Ledger
from emohost.process.parent import Parent

RETRY_S = 0.25
WATCH_S = 0.25  # how often it is looked for losses
HOST_SILENT_S = 1.0  # the host asks for a pong ten times a second
HANGS_S = 10.0  # a driver that does not return, or keeps the interpreter lock, for so long
CLOSE_S = 2.0  # closing a port may hang as well


def main() -> None:
    parent = Parent(outlive=True)
    with os.fdopen(parent.input.fileno(), "rb", closefd=False) as stream:
        settings = json.loads(stream.readline())
        output = Output(_open(parent, settings))
        parent.send("open", name=output.opened.name, api=output.opened.api)
        threading.Thread(target=_watch, args=(parent, output), daemon=True).start()
        _forward(parent, stream, output)
    output.silence()
    threading.Timer(CLOSE_S, parent.end, (0,)).start()
    with contextlib.suppress(Exception):
        output.opened.close()
    parent.end(0)


class Output:
    """The open port and what sounds at its other end. Any thread."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.heard_at = time.monotonic()  # the host, last
        self._ledger = Ledger()
        self._lock = threading.Lock()

    def send(self, data: bytes) -> None:
        with self._lock:
            self._ledger.enter(data)
            self.opened.send(data)  # also the end of a note that it does not know: another process began it

    def silence(self) -> None:
        with self._lock:
            for data in self._ledger.silence():
                self.opened.send(data)


def _open(parent: Parent, settings: dict[str, Any]) -> Opened:
    while True:
        parent.send("trying")
        _end_if_it_hangs()
        try:
            return open_output(
                settings["api"], settings["client"], settings["port"], settings["connect"], settings["rejoin"]
            )
        except MidiError as error:
            parent.send("failed", text=str(error))
            if not settings["wait"]:
                parent.end(error.exit_code)
        time.sleep(RETRY_S)


def _forward(parent: Parent, stream: Any, output: Output) -> None:
    """Until the end of the input."""
    while length := stream.read(1):
        output.heard_at = time.monotonic()
        if length[0] == 0:
            parent.send("pong")
        else:
            output.send(stream.read(length[0]))


def _watch(parent: Parent, output: Output) -> None:
    connected: list[str] | None = []
    while (reason := output.opened.wait_until_lost(WATCH_S)) is None:
        _end_if_it_hangs()
        if time.monotonic() - output.heard_at > HOST_SILENT_S:
            output.silence()
        if (now := output.opened.connections()) not in (None, connected):
            connected = now
            parent.send("connected", ports=connected)
    parent.send("lost", text=reason)


def _end_if_it_hangs() -> None:
    """The system ends this process unless this is called again in time. (Windows has no such timer.)"""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, HANGS_S)


if __name__ == "__main__":
    main()
