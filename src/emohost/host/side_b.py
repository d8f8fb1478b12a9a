"""Watches over Side B's process: when it dies, hangs or spins, another takes its place, later each time.

The music never waits for it. No call here waits either: `step` is called every few milliseconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from emohost.process.child import Child, Message

MODULE = "emohost.bridge.side_b_process"
RETRY_S = (0.5, 30.0)  # first and longest pause before another try
SETTLED_S = 30.0  # having run for so long, it begins with the first pause again
START_S = 10.0  # to its first sign of life
SPINS = 0.5  # of a processor's time; more it may not get on a busy machine
HELD_UP_S = 0.1  # a step that comes so late says that this process was held up
STOP_S = 0.5


class Rules(Protocol):
    """The configuration's `bridge` section."""

    @property
    def ring(self) -> str: ...
    @property
    def memory_mb(self) -> int: ...
    @property
    def patience_s(self) -> float | None: ...


class SideB:
    """One thread, which must stay: on Linux the process dies with it."""

    def __init__(
        self,
        rules: Rules,
        script: Path,
        say: Callable[[str, int], None],
        retry_s: tuple[float, float] = RETRY_S,
    ) -> None:
        """`say(text, level)` is told what people should know. Raises OSError if no process can be started."""
        self._rules, self._script, self._say, self._retry_s = rules, script, say, retry_s
        self.state = "running"
        """'running', 'restarting', or 'ended' when the script has come to its end."""
        self.restarts = 0
        self._pause_s = retry_s[0]
        self._last_step = time.monotonic()
        self._begin()

    @property
    def pid(self) -> int:
        return self._child.pid

    def step(self) -> None:
        now = time.monotonic()
        if now - self._last_step > HELD_UP_S:  # no verdict on what happened meanwhile
            self._heard += now - self._last_step
            self._since += now - self._last_step
        self._last_step = now
        if self.state == "restarting":
            if now >= self._retry_at:
                self._again(now)
            return
        while self.state == "running" and not self._child.messages.empty():
            self._take(self._child.messages.get(), now)
        if self.state == "running":
            self._watch(now)

    def stop(self) -> None:
        """Ends it; returns within a second."""
        self._child.close_input()
        if not self._child.wait(STOP_S):
            self._child.kill()
            self._child.wait(STOP_S)

    def _begin(self) -> None:
        now = time.monotonic()
        self._child = Child(MODULE, logging.getLogger("emohost.bridge"))
        self._child.send(
            {
                "type": "start",
                "script": str(self._script),
                "ring": self._rules.ring,
                "memory_mb": self._rules.memory_mb,
            }
        )
        self.state = "running"
        self._began = now
        self._heard = now + START_S
        self._busy_s, self._written, self._since = 0.0, 0, now

    def _again(self, now: float) -> None:
        try:
            self._begin()
        except OSError as error:
            self._lose(now, f"no process could be started: {error}")

    def _take(self, message: Message, now: float) -> None:
        kind = message["type"]
        if kind == "alive":
            self._heard = now
            self._spinning(message["busy_s"], message["written"], now)
        elif kind == "done":
            self.state = "ended"
            self._say(f"Side B: {self._script.name} has come to its end", logging.INFO)
        elif kind == "ended":
            words = self._child.last_words
            self._lose(now, f"its process ended ({self._child.how_it_ended()})", words)

    def _spinning(self, busy_s: float, written: int, now: float) -> None:
        """Begins to count anew whenever it has written, or had time to spare."""
        patience_s = self._rules.patience_s
        idle = busy_s - self._busy_s < SPINS * (now - self._since)
        if written != self._written or (idle and now - self._since > 1.0):
            self._busy_s, self._written, self._since = busy_s, written, now
        elif patience_s is not None and not idle and now - self._since > patience_s:
            self._lose(now, f"it was at full load for {now - self._since:.0f} s without writing")

    def _watch(self, now: float) -> None:
        patience_s = self._rules.patience_s
        if patience_s is not None and now - self._heard > patience_s:
            self._lose(now, f"it gave no sign of life for {now - self._heard:.0f} s")

    def _lose(self, now: float, why: str, words: str = "") -> None:
        self._child.kill()
        if now - self._began > SETTLED_S:
            self._pause_s = self._retry_s[0]
        self.restarts += 1
        self.state = "restarting"
        self._retry_at = now + self._pause_s
        self._say(
            f"Side B was lost: {why}; it is started again in {self._pause_s:g} s"
            + (f"; its last words:\n{words}" if words else ""),
            logging.WARNING,
        )
        self._pause_s = min(2 * self._pause_s, self._retry_s[1])
