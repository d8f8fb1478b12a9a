"""The process that is a client of JACK's transport: `python -m emohost.host.jack_clock_process PARENT_PID`.

A process of its own because libjack may hang, and does not survive the end of its server: here that hurts nobody.

Input, JSON lines: the start message; "say", what the band plays, for a timebase master to tell; "roll". Output: "open"
once there is a server, or "failed"; then "at" about fifty times a second, and at once where the transport starts, stops
or jumps; "timebase" whenever this client becomes its master or ceases to be; "lost".
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from emohost._core import JackTransport
from emohost.process.parent import Parent

RETRY_S = 0.5
LOOK_S = 0.002
EVERY_S = 0.02
MASTER_LOOK_S = 1.0  # how often it is looked whether this client is the master, and may become it
JUMP_S = 0.05  # the band went elsewhere: it is not evened out
SHARE = 0.1  # of a smaller difference, that is taken over at a time


def main() -> None:
    parent = Parent()
    settings = parent.start()
    client = _open(parent, str(settings["client"]))
    parent.send("open", name=client.name)
    told = Told(client)
    beat = BandBeat(client, told)
    parent.read_lines(lambda message: _take(message, client, beat))
    master = Master(client, parent) if settings["timebase"] else None
    while not client.ended:
        if (at := told.news()) is not None:
            parent.send("at", **at)
        if master is not None:
            master.look(told)
        time.sleep(LOOK_S)
    parent.send("lost")
    parent.end(0)


def _open(parent: Parent, name: str) -> JackTransport:
    while True:
        try:
            return JackTransport(name)
        except RuntimeError as error:
            parent.send("failed", text=str(error))
            time.sleep(RETRY_S)


def _take(message: Mapping[str, Any], client: JackTransport, beat: BandBeat) -> None:
    if message["type"] == "roll":
        client.roll(bool(message["on"]))
    elif message["type"] == "say":
        beat.say(message)


class CycleClock:
    """JACK's frames on the monotonic clock. A cycle is called late, never early: the earliest of the latest holds."""

    LATEST, JUMP_NS = 32, 50e6  # cycles, after which an xrun is seen; from there on it is no lateness

    def __init__(self, rate: float) -> None:
        """`rate` in Hz."""
        self._frame_ns = 1e9 / rate
        self._seen: deque[float] = deque(maxlen=self.LATEST)
        self._count = 0
        self._zero_ns = 0.0

    def update(self, count: int, at_ns: int) -> None:
        """The cycle whose first frame is number `count` was called then."""
        if self._seen and count == self._count:
            return
        zero_ns = at_ns - count * self._frame_ns
        if self._seen and abs(zero_ns - self._seen[-1]) > self.JUMP_NS:
            self._seen.clear()
        self._count = count
        self._seen.append(zero_ns)
        self._zero_ns = min(self._seen)

    def time_ns(self, count: int) -> int:
        """Monotonic time of a frame."""
        return round(self._zero_ns + count * self._frame_ns)

    def frame_at(self, at_ns: int) -> int:
        """The frame at a monotonic time."""
        return round((at_ns - self._zero_ns) / self._frame_ns)


class Told:
    """JACK's frames on the monotonic clock, and what the host is to be told of them. The main thread, but for
    `cycle_at`."""

    def __init__(self, client: JackTransport) -> None:
        self._client = client
        self._last: dict[str, Any] = {}
        self._next = 0.0
        self._count = 0  # JACK's, in more than 32 bits
        self.clock: CycleClock | None = None
        self.point: dict[str, Any] = {}

    def news(self) -> dict[str, Any] | None:
        """Where the transport is, when that is due."""
        point = self._client.point()
        if point is None or not point["rate"]:
            return None
        self._follow(point)
        changed = any(point[key] != self._last.get(key) for key in ("rolls", "starts", "jumps"))
        now = time.monotonic()
        if now < self._next and not changed:
            return None
        self._next, self._last = now + EVERY_S, point
        assert self.clock is not None
        kept = {key: value for key, value in point.items() if key not in ("now_ns", "cycle", "told")}
        return {**kept, "at_ns": self.clock.time_ns(self._count)}

    def _follow(self, point: dict[str, Any]) -> None:
        before, self.point = self.point, point
        if self.clock is None or not before or before["rate"] != point["rate"]:
            self.clock = CycleClock(point["rate"])
            self._count = point["cycle"]
        else:
            self._count += signed(point["cycle"] - before["cycle"])
        self.clock.update(self._count, point["now_ns"])

    def cycle_at(self, at_ns: int) -> int | None:
        """JACK's own count at a moment; None while that is not known."""
        clock = self.clock
        return None if clock is None else clock.frame_at(at_ns) % 2**32


def signed(frames: int) -> int:
    """A difference of two counts of 32 bits."""
    return (frames + 2**31) % 2**32 - 2**31


class BandBeat:
    """What the band plays, evened out, for the client to tell as the timebase master. The thread that reads."""

    def __init__(self, client: JackTransport, told: Told) -> None:
        self._client, self._told = client, told
        self._placed: tuple[int, float] | None = None  # ns, beat

    def say(self, message: Mapping[str, Any]) -> None:
        tempo, bar, beat = float(message["tempo"]), int(message["beats_per_bar"]), message["beat"]
        if not tempo > 0:
            return
        at_ns = int(message["at_ns"])
        cycle = self._told.cycle_at(at_ns)
        if beat is None or cycle is None:
            self._placed = None
            self._client.say(tempo, bar)
            return
        place = self._even(at_ns, float(beat), tempo, bar)
        self._client.say(tempo, bar, place, cycle)

    def _even(self, at_ns: int, beat: float, tempo: float, bar: int) -> float:
        if self._placed is not None:
            before_ns, before = self._placed
            expected = before + (at_ns - before_ns) * 1e-9 * tempo / 60
            off = (beat - expected + bar / 2) % bar - bar / 2
            if abs(off) * 60 / tempo < JUMP_S:
                beat = expected + SHARE * off
        beat %= bar
        self._placed = at_ns, beat
        return beat


class Master:
    """Tries to be the timebase master, as long as nobody else is. The main thread."""

    def __init__(self, client: JackTransport, parent: Parent) -> None:
        self._client, self._parent = client, parent
        self._is: bool | None = None
        self._next = 0.0
        self._asked = -1

    def look(self, told: Told) -> None:
        now = time.monotonic()
        if now < self._next or not told.point:
            return
        self._next = now + MASTER_LOOK_S
        point = told.point
        silent = point["rolls"] and point["told"] == self._asked  # another one took it over
        self._asked = point["told"] if point["rolls"] else -1
        if self._is and not silent:
            return
        was, self._is = self._is, self._client.take_timebase()
        if self._is != was:
            self._parent.send("timebase", master=self._is)


if __name__ == "__main__":
    main()
