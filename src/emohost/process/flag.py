"""A flag that a signal handler may set."""

from __future__ import annotations

import time

LOOK_S = 0.01


class Flag:
    """What threading.Event is for threads. An Event must not be set by a signal handler: it has a lock, and where the
    signal comes while its own thread holds that, in `wait`, the process stands still for ever. Here is no lock, and a
    `wait` ends up to LOOK_S after the flag was set. Any thread, and any signal handler."""

    def __init__(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout_s: float) -> bool:
        """Whether it is set, after `timeout_s` at the latest."""
        end = time.monotonic() + timeout_s
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
        return self._set
