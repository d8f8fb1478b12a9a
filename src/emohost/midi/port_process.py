"""The process that holds the MIDI port: `python -m emohost.midi.port_process PARENT_PID`.

A process of its own because RtMidi's send never returns, and keeps the interpreter lock, once a JACK server that died
or was stopped no longer empties its buffer. Here that hurts nobody: the host sees no answer and starts another.

Input: one JSON line of settings, then messages, each a byte of length and so many bytes; length 0 asks for a
"pong". Output: "trying" before each attempt, "open", "failed", "lost" and "pong".
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import Any

from emohost.errors import MidiError
from emohost.midi.backend import Opened, open_output
from emohost.process.parent import Parent

RETRY_S = 0.25
LOOK_S = 1.0  # how often an existing port is looked for, to notice that it went
FLUSH_S = 0.03  # the driver's last block: RtMidi hands over at block starts


def main() -> None:
    parent = Parent()
    with os.fdopen(parent.input.fileno(), "rb", closefd=False) as stream:
        settings = json.loads(stream.readline())
        opened = _open(parent, settings)
        parent.send("open", name=opened.name, api=opened.api)
        threading.Thread(target=_watch, args=(parent, opened), daemon=True).start()
        _forward(parent, stream, opened)
    time.sleep(FLUSH_S)
    threading.Timer(1.0, parent.end, (0,)).start()  # closing a port may hang as well
    with contextlib.suppress(Exception):
        opened.close()
    parent.end(0)


def _open(parent: Parent, settings: dict[str, Any]) -> Opened:
    while True:
        parent.send("trying")
        try:
            return open_output(settings["api"], settings["client"], settings["port"], settings["connect"])
        except MidiError as error:
            parent.send("failed", text=str(error))
            if not settings["wait"]:
                parent.end(error.exit_code)
        time.sleep(RETRY_S)


def _forward(parent: Parent, stream: Any, opened: Opened) -> None:
    """Until the end of the input."""
    while length := stream.read(1):
        if length[0] == 0:
            parent.send("pong")
        else:
            opened.send(stream.read(length[0]))


def _watch(parent: Parent, opened: Opened) -> None:
    reason = opened.wait_until_lost(LOOK_S)
    parent.send("lost", text=reason)


if __name__ == "__main__":
    main()
