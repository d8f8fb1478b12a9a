"""One watchdog for every process that may hang, crash or be killed: the engine, the MIDI port, Side B's script.

It starts the process, hears its signs of life on a clock that stands still while this process is held up itself, and
when patience is lost ends it and, after a pause that grows, starts another. What counts as a sign, and how long
patience lasts, is its owner's to say. Nothing here waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

HELD_UP_S = 0.1  # a look that comes so late says that this process was held up, not the one that it watches


class Watched(Protocol):
    def kill(self) -> None:
        """Ends it now, without waiting."""
        ...


Process = TypeVar("Process", bound=Watched)


class Watchdog(Generic[Process]):
    """One thread, which must stay: on Linux a process dies with the thread that started it."""

    def __init__(self, start: Callable[[], Process], retry_s: tuple[float, float]) -> None:
        """`start` starts a process and sends it its start message; here it is called for the first time. `retry_s`:
        first and longest pause before another is started. Raises OSError as `start` does."""
        self._start, self._retry_s = start, retry_s
        self._pause_s = retry_s[0]
        self._looked = time.monotonic()
        self._retry_at = 0.0
        self.now = 0.0
        """Seconds since the beginning, without those in which this process was held up; as of the last `look`."""
        self.resting = False
        """The process was lost, and the next has not been started yet."""
        self.begin()

    def look(self) -> None:
        """To be called first, every few milliseconds."""
        looked = time.monotonic()
        passed, self._looked = looked - self._looked, looked
        if passed <= HELD_UP_S:
            self.now += passed

    @property
    def due(self) -> bool:
        """Another process is to be started now: `begin`."""
        return self.resting and self.now >= self._retry_at

    @property
    def silent_s(self) -> float:
        """Since the last sign of life; below 0 where none is expected yet."""
        return self.now - self._heard

    @property
    def lived_s(self) -> float:
        """Since the present process was started."""
        return self.now - self._began

    def begin(self) -> None:
        """Starts a process. Raises OSError; then `rest`."""
        self.process = self._start()
        self.resting = False
        self._began = self._heard = self.now

    def sign(self, in_s: float = 0.0) -> None:
        """A sign of life. `in_s`: none is expected for that many seconds."""
        self._heard = self.now + in_s

    def lose(self, at_once: bool = False) -> float:
        """Ends the process. Returns the pause before another is due; `at_once`: none."""
        self.process.kill()
        return self.rest(at_once)

    def rest(self, at_once: bool = False) -> float:
        """The pause before another try is due; the next one will be twice as long."""
        pause_s = 0.0 if at_once else self._pause_s
        self.resting = True
        self._retry_at = self.now + pause_s
        self._pause_s = min(2 * self._pause_s, self._retry_s[1])
        return pause_s

    def settle(self) -> None:
        """It does well: the next pause is the first again."""
        self._pause_s = self._retry_s[0]
