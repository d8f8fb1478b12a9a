"""Sees to it that a consent that ends elsewhere (revoked by another process, or expired) ends here."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Protocol

PERIOD_S = 0.25  # with the second in which the ring fades: well within the two that are promised


class Withdrawal(Protocol):
    def check_consent(self) -> bool:
        """Withdraws if the consent in use holds no more."""


class Watch:
    """A thread that looks every PERIOD_S, once begun and for as long as `watched` lives. It keeps nothing alive."""

    def __init__(self, watched: Withdrawal) -> None:
        self._thread = threading.Thread(
            target=_look, args=(weakref.ref(watched),), name="consent", daemon=True
        )
        self._lock = threading.Lock()
        self._begun = False

    def begin(self) -> None:
        """Any thread; only the first call counts."""
        with self._lock:
            if not self._begun:
                self._begun = True
                self._thread.start()


def _look(watched: weakref.ref[Withdrawal]) -> None:
    while True:
        time.sleep(PERIOD_S)
        found = watched()
        if found is None:
            return
        found.check_consent()
        del found
