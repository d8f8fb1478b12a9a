"""Watches over Side B's process: when it dies, hangs or spins, another takes its place, later each time.

The music never waits for it. No call here waits either: `step` is called every few milliseconds.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from emohost.control.local import runtime_environment
from emohost.process.child import Child, Message
from emohost.process.pids import wants_to_run
from emohost.process.watchdog import Watchdog

MODULE = "emohost.bridge.side_b_process"
RETRY_S = (0.5, 30.0)  # first and longest pause before another try
SETTLED_S = 30.0  # of running, after which it begins with the first pause again
START_S = 20.0  # to its first sign of life
LOOK_S = 0.05  # how often it is looked at whether it runs
SPINS = 0.7  # share of the looks at which it runs or waits for a processor
ENOUGH = 20  # looks to tell
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
        Raises OSError if no process can be started, ControlError if there is no folder to find hosts in."""
        self._rules, self._script, self._say = rules, script, say
        self._field = field
        self._environment = runtime_environment()
        self.field: Mapping[str, Any] = {}
        """What the process last said of the field; empty without one."""
        self.state = "running"
        """'running', 'restarting', or 'ended' when the script has come to its end."""
        self.restarts = 0
        self._dog = Watchdog(self._start, retry_s)
        self._began()

    @property
    def pid(self) -> int:
        return self._dog.process.pid

    def step(self) -> None:
        self._dog.look()
        if self.state == "restarting":
            if self._dog.due:
                self._again()
            return
        messages = self._dog.process.messages
        while self.state == "running" and not messages.empty():
            self._take(messages.get())
        if self.state == "running":
            self._watch()

    def stop(self) -> None:
        """Ends it; returns within a second."""
        child = self._dog.process
        child.close_input()
        if not child.wait(STOP_S):
            child.kill()
            child.wait(STOP_S)

    def _start(self) -> Child:
        child = Child(MODULE, logging.getLogger("emohost.bridge"), environment=self._environment)
        child.start(
            {
                "script": None if self._script is None else str(self._script),
                "ring": self._rules.ring,
                "memory_mb": self._rules.memory_mb,
                "field": self._field,
            }
        )
        return child

    def _began(self) -> None:
        self.state = "running"
        self._dog.sign(in_s=START_S)
        self._written = -1
        self._look_anew()
        self._next_look = math.inf  # not before its first sign of life: starting up is no spinning

    def _again(self) -> None:
        try:
            self._dog.begin()
            self._began()
        except OSError as error:
            self._lose(f"no process could be started: {error}")

    def _take(self, message: Message) -> None:
        kind = message["type"]
        if kind == "alive":
            self._dog.sign()
            self.field = message.get("field", {})
            if message["written"] != self._written:
                self._written = message["written"]
                self._look_anew()
        elif kind == "done":
            self.state = "ended"
            self._say(
                f"Side B: {'' if self._script is None else self._script.name} has come to its end",
                logging.INFO,
            )
        elif kind == "ended":
            child = self._dog.process
            self._lose(f"its process ended ({child.how_it_ended()})", child.last_words)

    def _watch(self) -> None:
        patience_s, silent_s = self._rules.patience_s, self._dog.silent_s
        if patience_s is not None and silent_s > patience_s:
            self._lose(f"it gave no sign of life for {silent_s:.0f} s")
        elif self._dog.now >= self._next_look:
            self._look()

    def _look_anew(self) -> None:
        """It has written, or had time to spare."""
        self._since = self._next_look = self._dog.now
        self._looks = self._ran = 0

    def _look(self) -> None:
        now = self._dog.now
        self._next_look = now + LOOK_S
        self._looks += 1
        self._ran += wants_to_run(self.pid)
        patience_s = self._rules.patience_s
        if self._looks < ENOUGH or patience_s is None:
            return
        if self._ran < SPINS * self._looks:
            self._look_anew()
        elif now - self._since > patience_s:
            self._lose(f"it was at full load for {now - self._since:.0f} s without writing")

    def _lose(self, why: str, words: str = "") -> None:
        self.field = {}
        if self._dog.lived_s > SETTLED_S:
            self._dog.settle()
        self.restarts += 1
        self.state = "restarting"
        pause_s = self._dog.lose()
        self._say(
            f"Side B was lost: {why}; it is started again in {pause_s:g} s"
            + (f"; its last words:\n{words}" if words else ""),
            logging.WARNING,
        )
