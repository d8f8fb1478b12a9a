"""The clocks outside that the host's process knows, Ableton Link and JACK's transport: follows the one that leads,
and leads those that are to follow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from emohost._core import Shared
from emohost.errors import ControlError
from emohost.host.jack_clock import JackClock
from emohost.host.link import LinkPeer, where_at
from emohost.host.monitor import Monitor
from emohost.host.timing import ACTIONS, Timing

if TYPE_CHECKING:
    from emohost.config.music import Music

_MISSING = {
    "link": "the host is in no session of Ableton Link; expected music.clock.link: true",
    "jack": "the host is no client of JACK's transport; expected music.clock.jack: true",
}


class ClockPeers:
    """The host's thread, but for what is said of others."""

    def __init__(self, music: Music, timing: Timing, tempo: Callable[[], float]) -> None:
        """`tempo()`: that which is set, beats per minute."""
        self._music, self._timing, self._tempo = music, timing, tempo
        self._link: LinkPeer | None = None
        self._jack: JackClock | None = None

    def open(self, ends: contextlib.ExitStack, client: str, say: Callable[[str, int], None]) -> None:
        """`client`: the name among JACK's clients. Raises ConfigError, AudioError."""
        music, clock = self._music, self._music.clock
        if clock.jack or clock.jack_timebase or clock.source == "jack":
            self._jack = JackClock(client, clock.jack_timebase, say)
            ends.callback(self._jack.close)
        if clock.link or clock.source == "link":
            self._link = LinkPeer(music.tempo, music.beats_per_bar)
            ends.callback(self._link.close)
        if self._jack is not None:
            self._jack.wait_open()

    def require(self, source: object) -> None:
        """Any thread. Raises ControlError where a clock of that name is not there to lead."""
        missing = (source == "link" and self._link is None) or (source == "jack" and self._jack is None)
        if missing:
            raise ControlError(f"clock: {_MISSING[str(source)]}")

    def begin(self) -> None:
        """A new engine plays, or another clock leads. Any thread."""
        if self._jack is not None:
            self._jack.begin()

    def rolls(self, action: object) -> bool:
        """Any thread. 'start' or 'stop' goes to JACK where that leads, and comes back from there to all: then it is
        true."""
        if self._jack is None or self._timing.source != "jack" or action not in ACTIONS:
            return False
        return self._jack.roll(action == "start")

    def step(
        self,
        shared: Shared | None,
        monitor: Monitor,
        delay_s: float,
        lock: contextlib.AbstractContextManager[object],
    ) -> None:
        """Called every few milliseconds. `lock`: of the command ring."""
        if self._jack is not None:
            self._jack.step()
        if shared is None or shared.time() is None:
            return
        rate, source = monitor.sample_rate, self._timing.source
        where = where_at(monitor.last, rate, delay_s) if monitor.blocks else None
        if self._link is not None and self._link.due():
            if source == "link":
                with lock:
                    if self._timing.source == source:  # nobody has let another clock lead meanwhile
                        self._link.follow(shared, self._timing.frame_at(shared, rate, None))
            elif where is not None:
                self._link.lead(where)
        if self._jack is None:
            return
        if source == "jack":
            with lock:
                if self._timing.source == source:
                    self._jack.follow(
                        shared, self._tempo(), lambda at_ns: self._timing.frame_of(shared, rate, at_ns)
                    )
        if self._music.clock.jack_timebase and self._jack.due():
            if source == "jack":
                self._jack.lead(self._tempo(), self._music.beats_per_bar)
            elif where is not None:
                self._jack.lead(
                    where.tempo, int(monitor.last["beats_per_bar"]), where.beat if where.runs else None
                )
