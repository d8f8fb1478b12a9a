"""Watches over the engine: when its blocks stop, the notes end, it is killed, and another takes its place.

No call here waits for an engine: `step` is called every few milliseconds and looks at what has come.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import emohost.errors
from emohost.errors import EmohostError, EngineError
from emohost.process.child import Message
from emohost.process.watchdog import Watchdog

START_S = 20.0  # to load the networks
FIRST_BLOCK_S = 2.0  # from the start of a stream to its first block
FIRST_TRIES = 3  # engines that may die before any has played: a driver may crash by chance as it opens
TRY_S = (2.0, 10.0)  # a driver that takes longer to open hangs: first guess when restarting, and the longest


class EngineState(Enum):
    starting = "starting"
    waiting = "waiting for the device"
    playing = "playing"
    lost = "restarting"
    finished = "ending"


@dataclass(frozen=True)
class Playing:
    """What an engine says when it plays."""

    sample_rate: float
    block_size: int
    paced: bool
    description: str
    memory: str
    """'locked', why it is not, or nothing where it need not be."""
    connections: Message | None
    """Of its audio ports, inputs and outputs, at that moment; None where it has none."""
    form: Message
    """The fields of its source's AudioFormat."""
    networks: tuple[Message, ...] = ()
    """Those that it began with."""


class Rules(Protocol):
    """The configuration's `supervision` section."""

    @property
    def stall_s(self) -> float: ...
    @property
    def restart(self) -> bool: ...
    @property
    def retry_min_s(self) -> float: ...
    @property
    def retry_max_s(self) -> float: ...


class Listener(Protocol):
    """Who is told. All calls come from `step`."""

    def engine_plays(self, engine: Any, playing: Playing) -> None: ...
    def engine_lost(self) -> None:
        """End all notes now; the engine will be killed when this returns."""
        ...

    def engine_finished(self, last_events: list[tuple[int, bytes, int]], message: Message) -> None: ...
    def age_measured(self, age_s: float | None) -> None: ...
    def ports_connected(self, wires: Message) -> None:
        """What the engine's audio ports are connected to now, by 'inputs' and 'outputs'."""
        ...

    def rate_found(self, rate: Message) -> None:
        """A device that was 'asked' for one rate gives another, which was 'found', without a word of its driver."""
        ...

    def networks_loaded(self, networks: list[dict[str, Any]]) -> None: ...
    def swap_answered(self, message: Message) -> None:
        """'swapped' or 'refused': what became of what the engine was asked to exchange."""
        ...

    def say(self, text: str, level: int = logging.INFO) -> None: ...


class Supervisor:
    """One thread. The first engine's errors are raised; once one has played, every loss is made good. One that died
    without a word before it played is tried again, FIRST_TRIES times in all."""

    def __init__(self, rules: Rules, start_engine: Callable[[bool, float], Any], listener: Listener) -> None:
        """`start_engine(wait, played_s)` starts a process; `wait`: an absent device is waited for."""
        self._rules, self._start_engine, self._listener = rules, start_engine, listener
        self.state = EngineState.starting
        self.restarts = 0
        self.block_s = 0.0
        """Length of a block as measured, if the engine could not tell."""
        self._played_s = 0.0
        self._has_played = self._trying = False
        self._deaths = 0
        self._said: set[str] = set()
        self._networks: list[Message] = []
        self._try_s = TRY_S[0]
        try:
            self._dog: Watchdog[Any] = Watchdog(self._start, (rules.retry_min_s, rules.retry_max_s))
        except OSError as error:
            raise EngineError(_why_none(error)) from None

    @property
    def engine(self) -> Any:
        """The present engine's handle (a killed one's, between two)."""
        return self._dog.process

    def step(self) -> None:
        """Raises the first engine's error, or EngineError when a lost engine may not be replaced."""
        self._dog.look()
        if self._dog.resting:
            if self._dog.due:
                self._begin()
            return
        for message in self.engine.messages():
            self._take(message)
            if self.state in (EngineState.lost, EngineState.finished):
                return
        if self.state is EngineState.playing:
            self._watch_blocks()
        elif self._dog.silent_s > self._patience_s():
            self._lose("its driver does not answer" if self._trying else "it does not get ready")

    def stop(self) -> None:
        """Ends the engine, gently if it lets us. Returns after two seconds at the latest."""
        if self._dog.resting:
            self.engine.kill()
        else:
            self.engine.stop()

    # --- states -----------------------------------------------------------------------------------------------------

    def _start(self) -> Any:
        return self._start_engine(self._has_played, self._played_s)

    def _begin(self) -> None:
        self._trying = False
        try:
            self._dog.begin()
            self.state = EngineState.starting
        except OSError as error:  # no memory, no process: there may be some later
            self._say_once(f"{_why_none(error)}; trying again")
            self._dog.rest()

    def _take(self, message: Message) -> None:
        self._dog.sign()
        kind = message["type"]
        self._trying = kind == "trying"
        if kind == "networks":
            self._networks = message["networks"]
            if not self._has_played:
                self._listener.networks_loaded(message["networks"])
        elif kind == "waiting":
            self.state = EngineState.waiting
            self._say_once(f"waiting for the device: {message['text']}")
        elif kind == "playing":
            self._start_playing(message)
        elif kind == "measured":
            self._listener.age_measured(message["age_s"])
        elif kind == "connected":
            self._listener.ports_connected({name: message[name] for name in ("inputs", "outputs")})
        elif kind in ("swapped", "refused"):
            self._listener.swap_answered(message)
        elif kind == "rate":
            self._follow_rate(message)
        elif kind == "news":
            self._say_once(message["text"])
        elif kind == "finished":
            self.state = EngineState.finished
            events = [(frame, bytes(data), part) for frame, data, part in message["events"]]
            self._listener.engine_finished(events, message)
        elif kind == "error":
            self._fail(message)
        elif kind == "ended":
            self._deaths += 1
            self._lose(f"its process ended ({self.engine.how_it_ended()})", self._deaths < FIRST_TRIES)

    def _start_playing(self, message: Message) -> None:
        self._playing = Playing(
            message["sample_rate"],
            message["block_size"],
            message["paced"],
            message["description"],
            message["memory"],
            message["connections"],
            message.get("form", {}),
            tuple(self._networks),
        )
        self._blocks = 0
        self.state = EngineState.playing
        self._listener.engine_plays(self.engine, self._playing)
        self._listener.say(f"playing from {self._playing.description}")

    def _watch_blocks(self) -> None:
        blocks = self.engine.shared.blocks
        if blocks != self._blocks:
            if not self._blocks:
                self._recovered()
            self._blocks = blocks
            self._dog.sign()
            return
        patience = (
            max(self._rules.stall_s, 3 * max(self._block_s(), self.block_s)) if blocks else FIRST_BLOCK_S
        )
        if self._dog.silent_s > patience:
            self._lose(f"no block came for {self._dog.silent_s:.2f} s")

    def _recovered(self) -> None:
        self._has_played = True
        self._said.clear()
        self._dog.settle()
        self._try_s = TRY_S[0]

    def _block_s(self) -> float:
        return self._playing.block_size / self._playing.sample_rate

    def _patience_s(self) -> float:
        if self.state is EngineState.starting and not self._trying:
            return START_S
        if self._trying:
            return self._try_s if self._has_played else TRY_S[1]
        return self._rules.retry_max_s + TRY_S[0]  # waiting: it tries again at that rate

    def _fail(self, message: Message) -> None:
        if not self._has_played:
            self.engine.kill()
            kind = getattr(emohost.errors, message["kind"], EngineError)
            raise (kind if issubclass(kind, EmohostError) else EngineError)(message["text"])
        self._lose(message["text"])

    def _follow_rate(self, message: Message) -> None:
        """The device went to another rate: nothing was lost, and another engine begins at that rate."""
        if not message["told"]:
            self._listener.rate_found({name: message[name] for name in ("asked", "found", "told")})
        went = f"the device went from {message['agreed']:g} to {message['found']:g} Hz"
        self._end_engine()
        if not self._rules.restart:
            raise EngineError(f"{went}, and supervision.restart is off")
        self._listener.say(f"{went}; beginning again at the new rate")

    def _lose(self, why: str, try_first_again: bool = False) -> None:
        """`try_first_again`: also where none has played yet."""
        was_playing = self.state is EngineState.playing
        self._end_engine()
        if self._trying:
            self._try_s = min(2 * self._try_s, TRY_S[1])
        if not (self._has_played or try_first_again) or not self._rules.restart:
            raise EngineError(f"the engine was lost: {why}")
        self.restarts += was_playing
        self._say_once(
            f"the engine was lost: {why}" + ("; notes are off, starting another" if was_playing else "")
        )

    def _end_engine(self) -> None:
        """Notes are off when this returns, and another engine is due after a pause."""
        was_playing = self.state is EngineState.playing
        self._listener.engine_lost()
        if was_playing and (point := self.engine.shared.time()) is not None:
            self._played_s += point[0] / self._playing.sample_rate
        self._dog.lose()
        self.state = EngineState.lost

    def _say_once(self, text: str) -> None:
        """Each thing once until the engine plays again."""
        if text not in self._said:
            self._said.add(text)
            self._listener.say(text, logging.WARNING)


def _why_none(error: OSError) -> str:
    return f"no engine can be started: {error.strerror or error}"
