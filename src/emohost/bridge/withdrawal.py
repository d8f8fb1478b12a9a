"""Sees to it that a consent that ends elsewhere (revoked by another process, or expired) ends here."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

PERIOD_S = 0.25  # with the second in which the ring fades: well within the two that are promised


class Watched(Protocol):
    def check_consent(self) -> bool:
        """Withdraws if the consent in use holds no more. False when there is none in use to watch."""


class Watch:
    """A thread that looks every PERIOD_S, for as long as there is something to watch. It keeps nothing alive."""

    def __init__(self, watched: Watched) -> None:
        self._watched = weakref.ref(watched)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def begin(self) -> None:
        """Starts the thread if it does not run. Any thread."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._wake = threading.Event()
                self._thread = threading.Thread(target=_look, args=(self._watched, self._wake), daemon=True)
                self._thread.start()

    def end(self) -> None:
        self._wake.set()


def _look(watched: weakref.ref[Watched], wake: threading.Event) -> None:
    while not wake.wait(PERIOD_S):
        found = watched()
        if found is None or not found.check_consent():
            return
        del found
