"""Watches over Side B's process: when it dies, hangs or spins, another takes its place, later each time.

The music never waits for it. No call here waits either: `step` is called every few milliseconds.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from emohost.process.child import Child, Message

MODULE = "emohost.bridge.side_b_process"
RETRY_S = (0.5, 30.0)  # first and longest pause before another try
SETTLED_S = 30.0  # having run for so long, it begins with the first pause again
START_S = 20.0  # to its first sign of life
LOOK_S = 0.05  # how often it is looked at whether it runs
SPINS = 0.7  # it runs, or waits for a processor, at so many of the looks
ENOUGH = 20  # looks to tell
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
        script: Path | None,
        say: Callable[[str, int], None],
        retry_s: tuple[float, float] = RETRY_S,
        field: Mapping[str, Any] | None = None,
    ) -> None:
        """`say(text, level)` is told what people should know; `field`: the rig's `bridge.field`, to take part in.
        Raises OSError if no process can be started."""
        self._rules, self._script, self._say, self._retry_s = rules, script, say, retry_s
        self._field = field
        self.field: Mapping[str, Any] = {}
        """What the process last said of the field; empty without one."""
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
                "script": None if self._script is None else str(self._script),
                "ring": self._rules.ring,
                "memory_mb": self._rules.memory_mb,
                "field": self._field,
            }
        )
        self.state = "running"
        self._began = now
        self._heard = now + START_S
        self._written = -1
        self._look_anew(now)
        self._next_look = math.inf  # not before its first sign of life: starting up is no spinning

    def _again(self, now: float) -> None:
        try:
            self._begin()
        except OSError as error:
            self._lose(now, f"no process could be started: {error}")

    def _take(self, message: Message, now: float) -> None:
        kind = message["type"]
        if kind == "alive":
            self._heard = now
            self.field = message.get("field", {})
            if message["written"] != self._written:
                self._written = message["written"]
                self._look_anew(now)
        elif kind == "done":
            self.state = "ended"
            self._say(
                f"Side B: {'' if self._script is None else self._script.name} has come to its end",
                logging.INFO,
            )
        elif kind == "ended":
            words = self._child.last_words
            self._lose(now, f"its process ended ({self._child.how_it_ended()})", words)

    def _watch(self, now: float) -> None:
        patience_s = self._rules.patience_s
        if patience_s is not None and now - self._heard > patience_s:
            self._lose(now, f"it gave no sign of life for {now - self._heard:.0f} s")
        elif now >= self._next_look:
            self._look(now)

    def _look_anew(self, now: float) -> None:
        """It has written, or had time to spare."""
        self._since, self._next_look = now, now
        self._looks = self._ran = 0

    def _look(self, now: float) -> None:
        self._next_look = now + LOOK_S
        self._looks += 1
        self._ran += wants_to_run(self._child.pid)
        patience_s = self._rules.patience_s
        if self._looks < ENOUGH or patience_s is None:
            return
        if self._ran < SPINS * self._looks:
            self._look_anew(now)
        elif now - self._since > patience_s:
            self._lose(now, f"it was at full load for {now - self._since:.0f} s without writing")

    def _lose(self, now: float, why: str, words: str = "") -> None:
        self._child.kill()
        self.field = {}
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


def wants_to_run(pid: int) -> bool:
    """Whether the process's main thread runs or waits for a processor: on a busy machine a process that spins is known
    by that, not by the time it gets. Linux; elsewhere nothing is known and nothing spins."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"R"
    except (OSError, IndexError):
        return False
