"""The live parameters of a run: what each is set to, what glides, what waits for the beat, who set it last.

Any thread may set; `step` is the host's. Whoever sets a parameter last wins: it ends a glide and what waits. What is
set again before it was sent is merged and counted, so that a flood costs one command a step.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from emohost.control.parameters import checked, glides, number, shown
from emohost.errors import ControlError

WHENS = ("now", "beat", "bar")
When = Literal["now", "beat", "bar"]
LONGEST_GLIDE_S = 600.0
GLIDE_STEP_S = 0.02
SHORTEST_S = 0.01  # between two settings of one parameter that are sent
AHEAD_S = 0.08  # before its beat a change is sent, with the beat's frame
_log = logging.getLogger("emohost.control")

Send = Callable[[str, float, int], bool]  # parameter, value, frame (0: at once); False where there is no room


class Point(NamedTuple):
    """Where the next beat or bar begins."""

    frame: int
    in_s: float


@dataclass
class _Glide:
    begun_s: float
    over_s: float
    start: float
    to: float

    def at(self, now_s: float) -> tuple[float, bool]:
        """The value, and whether it has arrived."""
        share = 1.0 if self.over_s == 0 else min(1.0, (now_s - self.begun_s) / self.over_s)
        return self.start + share * (self.to - self.start), share >= 1.0


@dataclass(frozen=True)
class _Waiting:
    when: When
    to: float
    over_s: float


class Controls:
    """See above."""

    def __init__(
        self,
        start: Mapping[str, float],
        send: Send,
        point: Callable[[When], Point | None],
        tell: Iterable[str] = (),
        absent: Mapping[tuple[str, float], str] | None = None,
    ) -> None:
        """`start`: what the rig sets, of every parameter. `send` goes to the present engine. `point`: the next beat's
        or bar's place; None while there is none. `tell`: what an engine does not know of the rig by itself. All is
        called under one lock. `absent`: values that this rig does not have, and why."""
        self._absent = dict(absent or {})
        self._values = dict(start)
        self._now = dict(start)  # what the engine was sent
        self._changed = set(tell)
        self._send, self._point = send, point
        self._glides: dict[str, _Glide] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._unsent: dict[str, float] = {}
        self._sent_s: dict[str, float] = {}
        self._set_by: dict[str, str] = {}
        self._lock = threading.Lock()
        self.merged = 0
        """Settings that another one overtook before they were sent."""

    def set(
        self,
        name: object,
        value: object,
        *,
        at: object = "now",
        over_s: object = 0.0,
        source: str = "a program",
    ) -> None:
        """At once, on the next beat or bar, or gliding there over seconds (switches and choices change at the end of
        them). Raises ControlError."""
        checked_name, to = checked(name, value)
        if why := self._absent.get((checked_name, to)):
            raise ControlError(f"{checked_name}: found {shown(checked_name, to)!r}; {why}")
        if at not in WHENS:
            raise ControlError(f"at: found {at!r}; expected one of {', '.join(WHENS)}")
        seconds = number("over", over_s, 0.0, LONGEST_GLIDE_S)
        with self._lock:
            if at == "now":
                self._begin(checked_name, to, seconds, time.monotonic())
            else:
                self._drop(checked_name)
                self._waiting[checked_name] = _Waiting("beat" if at == "beat" else "bar", to, seconds)
            self._values[checked_name] = to
            self._changed.add(checked_name)
            self._set_by[checked_name] = source
        how = ("" if at == "now" else f" at the next {at}") + (f" over {seconds:g} s" if seconds else "")
        _log.info("%s %s%s (%s)", checked_name, shown(checked_name, to), how, source)

    def know(self, absent: Mapping[tuple[str, float], str]) -> None:
        """Other values than before are absent now."""
        with self._lock:
            self._absent = dict(absent)

    def values(self) -> dict[str, float]:
        """What each parameter is set to; one that glides or waits, to what."""
        with self._lock:
            return dict(self._values)

    def set_by(self) -> dict[str, str]:
        """Who set each last; those that the rig set are left out."""
        with self._lock:
            return dict(self._set_by)

    def engine_plays(self) -> None:
        """A new engine begins with what the rig says: it is told what has changed since."""
        with self._lock:
            for name in sorted(self._changed):
                self._push(name, self._now[name])

    def step(self, now_s: float | None = None) -> None:
        """Called every few milliseconds."""
        now_s = time.monotonic() if now_s is None else now_s
        with self._lock:
            for name, value in list(self._unsent.items()):
                self._push(name, value)
            for name, waiting in list(self._waiting.items()):
                point = self._point(waiting.when)
                if point is None or point.in_s > AHEAD_S:
                    continue
                del self._waiting[name]
                if waiting.over_s:
                    self._begin(name, waiting.to, waiting.over_s, now_s + point.in_s)
                else:
                    self._push(name, waiting.to, point.frame)
            for name, glide in list(self._glides.items()):
                self._glide(name, glide, now_s)

    # --- under the lock ---------------------------------------------------------------------------------------------

    def _begin(self, name: str, to: float, over_s: float, now_s: float) -> None:
        self._drop(name)
        if over_s == 0:
            self._push(name, to)
            return
        self._glides[name] = _Glide(now_s, over_s, self._now[name], to)

    def _glide(self, name: str, glide: _Glide, now_s: float) -> None:
        if now_s < glide.begun_s:
            return
        value, arrived = glide.at(now_s)
        if arrived:
            del self._glides[name]
            self._push(name, glide.to)
        elif glides(name) and abs(value - self._now[name]) > abs(glide.to - glide.start) * (
            GLIDE_STEP_S / glide.over_s
        ):
            self._push(name, value)

    def _drop(self, name: str) -> None:
        """What was under way for it."""
        dropped = [each.pop(name, None) for each in (self._glides, self._waiting, self._unsent)]
        self.merged += any(each is not None for each in dropped)

    def _push(self, name: str, value: float, frame: int = 0) -> None:
        """Sent now, or with a later step where the engine has no room or was just sent another."""
        self._now[name] = value
        now_s = time.monotonic()
        early = not frame and now_s - self._sent_s.get(name, -1.0) < SHORTEST_S
        if not early and self._send(name, value, frame):
            self._unsent.pop(name, None)
            self._sent_s[name] = now_s
        else:
            self._unsent[name] = value
