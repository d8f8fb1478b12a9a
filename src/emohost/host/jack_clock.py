"""JACK's transport: the host follows it, or says bars and beats for all its clients (timebase master).

A process of its own is the client (`emohost.host.jack_clock_process`); here it is watched and replaced when it is lost.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emohost._core import Shared, monotonic_ns
from emohost.errors import AudioError
from emohost.process.child import Child, Message
from emohost.process.pids import wants_to_run
from emohost.process.watchdog import Watchdog

EVERY_S = 0.02
OPEN_S = 5.0  # an attempt to open that takes longer hangs
SILENCE_S = 1.0  # without a word the process hangs
STARVED_S = 3.0  # but on a busy machine a healthy one may need a second to get a processor
RETRY_S = (0.5, 5.0)
END_S = 1.0
BEATS_PER_BAR = range(2, 8)  # those that the band can play
_MODULE = "emohost.host.jack_clock_process"
_log = logging.getLogger("emohost.clock")


@dataclass(frozen=True)
class Place:
    """Where JACK's transport is at a moment: monotonic ns, beats from its beginning, beats per minute, beats per bar
    (0: nobody says them, or they are none that the band can play)."""

    at_ns: int
    beat: float
    tempo: float
    beats_per_bar: int


def place_of(at: Mapping[str, Any], tempo: float) -> Place:
    """`at`: what the process says. Where nobody says bars and beats, `tempo` (beats per minute) counts from the
    transport's beginning."""
    if "bar" not in at:
        return Place(int(at["at_ns"]), at["position"] / at["rate"] * tempo / 60, tempo, 0)
    per_bar = float(at["beats_per_bar"])
    metre = int(per_bar) if per_bar in BEATS_PER_BAR else 0
    return Place(int(at["at_ns"]), at["bar"] * per_bar + at["beat"], float(at["tempo"]), metre)


class JackClock:
    """One thread, which must stay: on Linux the process dies with it. Nothing but `wait_open` and `close` waits."""

    def __init__(self, client: str, timebase: bool, say: Callable[[str, int], None]) -> None:
        """Starts the process. `client`: its name among JACK's; `timebase`: it is to be the timebase master, unless
        there is one. `say(text, level)` is told what people should know. Raises AudioError."""
        self._settings = {"client": client, "timebase": timebase}
        self._say = say
        self._at: Message | None = None
        self._failure = ""
        self._rolled: tuple[bool, int, int] | None = None
        self._open = False
        self._next = 0.0
        try:
            self._dog = Watchdog(self._start, RETRY_S)
        except OSError as error:
            raise AudioError(
                f"music.clock: no process can be started for JACK's transport: {error.strerror or error}"
            ) from None

    @property
    def pid(self) -> int:
        return self._dog.process.pid

    def wait_open(self, timeout_s: float = OPEN_S) -> None:
        """Raises AudioError if there is no server."""
        deadline = time.monotonic() + timeout_s
        while not self._open:
            try:
                message = self._dog.process.messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AudioError("music.clock: JACK's transport: the server does not answer") from None
            if message["type"] in ("failed", "ended"):
                why = message.get("text") or f"its process ended: {self._dog.process.last_words}"
                raise AudioError(f"music.clock: JACK's transport: {why}")
            self._hear(message)

    def step(self) -> None:
        """Called every few milliseconds: notices losses, starts again."""
        self._dog.look()
        if self._dog.due:
            try:
                self._dog.begin()
            except OSError as error:
                _log.debug("no process for JACK's transport: %s; trying again", error)
                self._dog.rest()
        while not self._dog.resting and not self._dog.process.messages.empty():
            self._hear(self._dog.process.messages.get())
        if not self._dog.resting and self._dog.silent_s > self._patience_s():
            self._lose("the server does not answer")

    def due(self) -> bool:
        """Whether it is time to lead again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + EVERY_S
        return True

    def begin(self) -> None:
        """A new engine, or another clock has led: it has to be told whether the transport rolls. Any thread."""
        self._rolled = None

    def follow(self, shared: Shared, tempo: float, frame_at: Callable[[int], int]) -> None:
        """Tells the engine where the transport is, if there is news; starts, stops and jumps with it. `frame_at(ns)`:
        the frame whose notes sound at that moment."""
        at, self._at = self._at, None
        if at is None:
            return
        place = place_of(at, tempo)
        shared.anchor(frame_at(place.at_ns), place.tempo, place.beat, place.beats_per_bar)
        before, self._rolled = self._rolled, (bool(at["rolls"]), int(at["starts"]), int(at["jumps"]))
        if self._rolled == before:
            return
        if before[0] if before is not None else not at["rolls"]:
            shared.command("transport_stop")
        if at["rolls"]:
            shared.command("transport_start")
        elif before is None:
            self._say("JACK's transport is stopped: the band waits until it rolls", logging.INFO)

    def lead(self, tempo: float, beats_per_bar: int, beat: float | None = None) -> None:
        """Says for all of JACK's clients where the band is now: its tempo, beats per minute, and its place in the bar;
        without one the transport's beginning is a downbeat."""
        self._tell("say", tempo=tempo, beat=beat, beats_per_bar=beats_per_bar, at_ns=monotonic_ns())

    def roll(self, on: bool) -> bool:
        """Starts the transport, or stops it. False while there is no server. Any thread."""
        return self._open and self._tell("roll", on=on)

    def close(self) -> None:
        """Leaves JACK. Returns within a second or two."""
        child = self._dog.process
        child.close_input()
        if not child.wait(END_S):
            child.kill()
            child.wait(END_S)

    def _tell(self, kind: str, **content: Any) -> bool:
        return not self._dog.resting and self._dog.process.send({"type": kind, **content})

    def _start(self) -> Child:
        child = Child(_MODULE, _log, nonblocking=True)
        child.start(self._settings)
        return child

    def _patience_s(self) -> float:
        if not self._open:
            return OPEN_S
        late = self._dog.silent_s > SILENCE_S
        return STARVED_S if late and wants_to_run(self.pid) else SILENCE_S

    def _hear(self, message: Message) -> None:
        self._dog.sign()
        kind = message["type"]
        if kind == "at":
            self._at = message
        elif kind == "open":
            if self._failure:
                self._say("JACK's transport is there again", logging.INFO)
            self._open, self._failure = True, ""
            self._dog.settle()
            _log.info("JACK client %s follows the transport", message["name"])
        elif kind == "timebase":
            self._say(
                "JACK's timebase master is this host"
                if message["master"]
                else "JACK has another timebase master: its bars and beats hold",
                logging.INFO,
            )
        elif kind == "failed":
            self._fail(str(message["text"]))
        else:
            self._lose("the JACK server has ended" if kind == "lost" else "its process ended")

    def _fail(self, why: str) -> None:
        """Said once."""
        if why != self._failure:
            self._failure = why
            self._say(f"JACK's transport: {why}; waiting for it", logging.WARNING)

    def _lose(self, why: str) -> None:
        if self._open:
            self._failure = why
            self._say(f"JACK's transport is lost: {why}; waiting for it", logging.WARNING)
        self._open, self._at, self._rolled = False, None, None
        self._dog.lose()
