"""The engine after this one: a process that has loaded its libraries and networks and waits, so that a lost engine's
place is taken within moments."""

from __future__ import annotations

import logging
import time

from emohost.host.ahead import start_engine_process
from emohost.process.child import Child, Message

SETTLED_S = 3.0  # of playing before one is made ready: starting up costs nobody a block
END_S = 1.0  # for a process that was killed
AGAIN_S = 30.0  # and after one that died by itself
_log = logging.getLogger("emohost.engine")


class Spare:
    """One thread, which must stay: on Linux the process dies with it."""

    def __init__(self, prepare: Message, first: Child | None = None) -> None:
        """`prepare`: what it is told at once. `first`: a process that was started before, for the first engine."""
        self._prepare, self._child = prepare, first
        self._playing_since: float | None = None
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def take(self) -> Child | None:
        """The process, for an engine that starts now; None if there is none."""
        child, self._child = self._child, None
        return child if child is not None and child.alive else None

    def renew(self, prepare: Message) -> None:
        """Another one is to be prepared by this. What is there is of no more use."""
        self._prepare = prepare
        if self._child is not None:
            self._child.kill()
            self._child = None
        self._not_before = time.monotonic() + SETTLED_S  # there may be more to come

    def step(self, playing: bool) -> None:
        """Called every few milliseconds; never waits."""
        now = time.monotonic()
        if not playing:
            self._playing_since = None
            return
        self._playing_since = self._playing_since or now
        if self._child is not None:
            if not self._child.alive:
                _log.debug("the spare engine ended (%s)", self._child.how_it_ended())
                self._child, self._not_before = None, now + AGAIN_S
        elif now >= max(self._playing_since + SETTLED_S, self._not_before):
            self._start(now)

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait(END_S)

    def _start(self, now: float) -> None:
        try:
            self._child = start_engine_process()
        except OSError as error:  # an engine starts without, only later
            _log.debug("no spare engine: %s", error)
            self._not_before = now + AGAIN_S
            return
        self._child.send(self._prepare)
