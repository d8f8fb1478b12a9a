"""What controllers, notes and program changes that come in do: a table of mappings, and what each knob has done so far.

The MIDI thread only puts messages down; the host's thread looks at them a few milliseconds later, with the moment at
which each came.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emohost.config.control import MidiMapping
from emohost.control.parameters import BY_NAME, glides
from emohost.errors import EmohostError

MOST_WAITING = 4096  # messages; older ones are left out
HALF = 64  # from which a controller counts as on, as of a pedal
NOTE_ON, CONTROL_CHANGE, PROGRAM_CHANGE = 0x90, 0xB0, 0xC0
FIRST_MODE = 120  # controllers from here on are channel mode messages

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class _Knob:
    """A mapping, and what has come of it."""

    wanted: MidiMapping
    last: float | None = None  # where the knob stood, 0 to 1
    caught: bool = False  # it has come to where the parameter is
    set_to: float | None = None  # by it; where the parameter is elsewhere now, somebody else has set it
    coarse: int = 0
    on: bool = False

    @property
    def range(self) -> tuple[float, float]:
        parameter = BY_NAME[str(self.wanted.parameter)]
        low = parameter.low if self.wanted.low is None else self.wanted.low
        high = parameter.high if self.wanted.high is None else self.wanted.high
        return low, high


class MidiMap:
    """See above."""

    def __init__(
        self,
        mappings: Sequence[MidiMapping],
        inputs: Sequence[str | None],
        answer: Answer,
        value_of: Callable[[str], float],
        numbered: Callable[[int], str | None] | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`inputs`: port names by number; None for one that controls nothing. `answer` takes a request of the control
        socket and may raise EmohostError, which `say` is told, each text once. `value_of(parameter)`.
        `numbered`: the snapshot that a program change which no mapping takes recalls."""
        self._knobs = [_Knob(each) for each in mappings]
        self._inputs, self._answer, self._value_of, self._numbered = inputs, answer, value_of, numbered
        self._say, self._said = say, set[str]()
        self._came: deque[tuple[int, bytes, int]] = deque(maxlen=MOST_WAITING)
        self._learning: Callable[[int, int, str], MidiMapping | None] | None = None

    @property
    def has_inputs(self) -> bool:
        return any(self._inputs)

    def take(self, at_ns: int, data: bytes, source: int) -> None:
        """The MIDI thread: one message, the moment at which it came (monotonic ns), the number of its input."""
        controls = source >= len(self._inputs) or self._inputs[source] is not None
        if controls and len(data) >= 2 and data[0] & 0xF0 in (NOTE_ON, CONTROL_CHANGE, PROGRAM_CHANGE):
            self._came.append((at_ns, data, source))

    def step(self) -> None:
        """The host's thread: does what has come in."""
        while self._came:
            at_ns, data, source = self._came.popleft()
            try:
                self._do(at_ns, data, (self._inputs[source] or "") if source < len(self._inputs) else "")
            except EmohostError as error:
                if (text := f"MIDI: {error}") not in self._said:
                    self._said.add(text)
                    self._say(text)

    def learn(self, learning: Callable[[int, int, str], MidiMapping | None]) -> None:
        """The next controller that moves is told to `learning(controller, channel, input)`, whose mapping is used from
        then on; None: go on waiting."""
        self._learning = learning

    def forget(self) -> None:
        """Ends `learn`."""
        self._learning = None

    # --- the host's thread ------------------------------------------------------------------------------------------

    def _do(self, at_ns: int, data: bytes, source: str) -> None:
        kind, channel, number = data[0] & 0xF0, (data[0] & 15) + 1, data[1]
        value = data[2] if len(data) > 2 else 0
        if kind == CONTROL_CHANGE:
            if self._learning is not None and number < FIRST_MODE:
                learned = self._learning(number, channel, source)
                if learned is not None:
                    self._learning = None
                    self._knobs.append(_Knob(learned))
            for knob in self._knobs:
                if _fits(knob.wanted, channel, source):
                    self._turn(knob, number, value, at_ns, source)
            return
        name = "note" if kind == NOTE_ON else "program"
        if kind == NOTE_ON and value == 0:
            return
        found = [
            knob
            for knob in self._knobs
            if getattr(knob.wanted, name) == number and _fits(knob.wanted, channel, source)
        ]
        for knob in found:
            self._strike(knob, at_ns, source)
        if kind == PROGRAM_CHANGE and not found and self._numbered is not None:
            snapshot = self._numbered(number)
            if snapshot is not None:
                self._ask(source, command="snapshot", action="recall", name=snapshot)

    def _turn(self, knob: _Knob, number: int, value: int, at_ns: int, source: str) -> None:
        wanted = knob.wanted
        if wanted.fine and wanted.controller is not None and number == wanted.controller + 32:
            return self._move(knob, (knob.coarse * 128 + value) / 16383, source)
        if number != wanted.controller:
            return None
        if wanted.parameter is None:
            was, knob.on = knob.on, value >= HALF
            return self._strike(knob, at_ns, source) if knob.on and not was else None
        if wanted.relative is not None:
            return self._nudge(knob, steps(wanted.relative, value), source)
        if wanted.fine:
            knob.coarse = value
            return None  # until the other half comes
        return self._move(knob, value / 127, source)

    def _move(self, knob: _Knob, share: float, source: str) -> None:
        """A knob or pedal stands at this share of its way."""
        name, (low, high) = str(knob.wanted.parameter), knob.range
        to = low + share * (high - low)
        if not glides(name):
            to = _whole(name, to, share)
        elif not self._is_caught(knob, name, to):
            knob.last = to
            return
        knob.last = knob.set_to = to
        self._ask(source, command="set", name=name, value=to)

    def _is_caught(self, knob: _Knob, name: str, to: float) -> bool:
        """Whether the knob has come to where the parameter is, or passed it."""
        if knob.wanted.takeover == "jump":
            return True
        now, (low, high) = self._value_of(name), knob.range
        if knob.set_to is not None and now != knob.set_to:  # somebody else has set it since
            knob.caught, knob.set_to = False, None
        if not knob.caught:
            near = abs(to - now) <= abs(high - low) / 64
            passed = knob.last is not None and (knob.last - now) * (to - now) <= 0
            knob.caught = near or passed
        return knob.caught

    def _nudge(self, knob: _Knob, count: int, source: str) -> None:
        """An encoder went so many steps."""
        name, (low, high) = str(knob.wanted.parameter), knob.range
        now = self._value_of(name)
        to = now + count * (high - low) / 127 if glides(name) else now + (count > 0) - (count < 0)
        to = min(max(to, min(low, high)), max(low, high))
        if to != now:
            self._ask(source, command="set", name=name, value=to)

    def _strike(self, knob: _Knob, at_ns: int, source: str) -> None:
        """A note, a program change, or a pedal that went down."""
        wanted = knob.wanted
        if wanted.snapshot is not None:
            self._ask(source, command="snapshot", action="recall", name=wanted.snapshot, over_s=wanted.over_s)
        elif wanted.action is not None:
            self._ask(source, **action_request(wanted.action, at_ns))
        else:
            name = str(wanted.parameter)
            value = knob.range[1]
            if BY_NAME[name].kind == "switch":
                value = float(not self._value_of(name))
            self._ask(source, command="set", name=name, value=value, over_s=wanted.over_s)

    def _ask(self, source: str, **request: Any) -> None:
        self._answer({**request, "by": f"MIDI {source}".strip()})


def action_request(action: str, at_ns: int | None = None) -> dict[str, Any]:
    """The control socket's request for one of emohost.vocabulary.ACTIONS."""
    if action in ("start", "stop"):
        return {"command": "transport", "action": action}
    if action in ("tap", "downbeat"):
        return {"command": action, "at_ns": at_ns}
    return {"command": action}


def steps(relative: str, value: int) -> int:
    """Of an endless encoder: how far it went, by one of the three usual ways of saying so in 7 bits."""
    if relative == "twos_complement":
        return value if value < 64 else value - 128
    if relative == "offset":
        return value - 64
    return value if value < 64 else 64 - value


def _fits(wanted: MidiMapping, channel: int, source: str) -> bool:
    return wanted.channel in (None, channel) and wanted.input in (None, source)


def _whole(name: str, value: float, share: float) -> float:
    return float(share * 127 >= HALF) if BY_NAME[name].kind == "switch" else float(round(value))
