"""What a host tells the systemd that started it: that it plays, and that its callback goes on (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emohost.host.status import Status

EVERY_S: Final = 1.0
PLAYING: Final = "playing"


class Notifier:
    """`tell` each status, on one thread. The watchdog is fed as long as blocks come, or the host itself says why none
    do: while it waits for a device or brings an engine back."""

    def __init__(self, address: str, now: Callable[[], float] = time.monotonic) -> None:
        """address: NOTIFY_SOCKET; empty: nobody listens."""
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._now = now
        self._next_s = -1.0
        self._blocks = -1
        self._state = ""
        self._ready = False

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        return cls(environment.get("NOTIFY_SOCKET", ""))

    def tell(self, status: Status) -> None:
        if not self._address or (status.state == self._state and self._now() < self._next_s):
            return
        lines = [f"STATUS={_line(status)}"]
        if status.state == PLAYING and not self._ready:
            lines.append("READY=1")
            self._ready = True
        if status.state != PLAYING or status.blocks != self._blocks:
            lines.append("WATCHDOG=1")
        self._next_s, self._blocks, self._state = self._now() + EVERY_S, status.blocks, status.state
        self._send("\n".join(lines))

    def ending(self) -> None:
        if self._address:
            self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        """What cannot be told is left out: a host plays on without its manager."""
        if sys.platform == "win32":  # which has no systemd
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.setblocking(False)
                manager.sendto(text.encode(), self._address)
        except OSError:
            pass


def _line(status: Status) -> str:
    told = [status.state, status.detail if status.state != PLAYING else "", status.band, status.key]
    return ", ".join(each.replace("\n", " ") for each in told if each)
