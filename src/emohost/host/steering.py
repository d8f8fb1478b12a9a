"""What people may do to a run while it plays: parameters, snapshots, the clock, emotion, panic, the rig read again.

Everything holds for the engine that plays and for each to come. Any thread may call it; whatever is sent to the engine
goes through one lock, since its command ring has one producer at a time.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from emohost._core import Shared, monotonic_ns
from emohost.config.loaded import LoadedRig
from emohost.control import parameters
from emohost.control.controls import Controls, Point, When
from emohost.control.learned import Learned
from emohost.control.midi_map import Answer, MidiMap
from emohost.control.reload import Reload, Swap
from emohost.control.snapshots import Snapshots
from emohost.emotion import encode
from emohost.errors import ControlError
from emohost.host.clock_peers import ClockPeers
from emohost.host.monitor import Monitor
from emohost.host.timing import Timing

DONE = {"live": "changed now", "swap": "exchanged", "restart": "from the next start on"}


class Run(Protocol):
    """The run that is steered."""

    @property
    def shared(self) -> Shared | None:
        """The rings of the engine that plays."""

    @property
    def monitor(self) -> Monitor: ...

    @property
    def delay_ms(self) -> float:
        """From a frame to its note."""

    def exchange(self, swap: Swap) -> Sequence[str]:
        """Networks and the user's style, between two blocks; roles that wait for another start. Raises EmohostError."""
        ...

    def end_notes(self) -> None:
        """Every note that sounds ends now."""

    def say(self, text: str, level: int = logging.INFO) -> None: ...


class Steering:
    """See above."""

    def __init__(self, loaded: LoadedRig, run: Run, answer: Answer) -> None:
        """`answer` takes what a MIDI mapping asks for, as a request. Raises ConfigError for a mistake in what was
        learned."""
        self._rig, self._run = loaded.rig, run
        self.commands = threading.Lock()
        """Held by whoever sends something to the engine."""
        self.controls = Controls(
            parameters.configured(self._rig),
            self._send_parameter,
            self._next,
            tell=("emotion_weight",),
            absent=parameters.absent(self._rig),
        )
        self.snapshots = Snapshots(loaded.path)
        self.learned = Learned(loaded.path)
        self.midi_map = self._make_midi_map(answer)
        self._reload = Reload(
            loaded,
            lambda name, value: self.controls.set(name, value, source="reload"),
            self.lead,
            self._exchange,
            lambda source: self.clocks.require(source),
        )
        clock = self._rig.music.clock
        self.timing = Timing(clock.source, clock.fallback, lambda: run.delay_ms / 1000)
        self.clocks = ClockPeers(self._rig.music, self.timing, lambda: float(self.controls.values()["tempo"]))

    def step(self) -> None:
        """Called every few milliseconds, on the host's thread."""
        self.controls.step()
        self.midi_map.step()

    def engine_plays(self, shared: Shared) -> None:
        """A new engine is told what has changed since the start."""
        with self.commands:
            self.timing.engine_plays(shared)
            self.clocks.begin()
        self.controls.engine_plays()

    def panic(self) -> None:
        """Ends every note at once, and what the engine has planned."""
        shared = self._run.shared
        if shared is not None:
            with self.commands:
                shared.command("panic")
        self._run.end_notes()

    def _make_midi_map(self, answer: Answer) -> MidiMap:
        control = self._rig.control
        return MidiMap(
            [*control.midi, *self.learned.read()],
            [each.port if "control" in each.use else None for each in self._rig.midi.inputs],
            answer,
            lambda name: self.controls.values()[name],
            self.snapshots.numbered if control.program_changes else None,
            lambda text: self._run.say(text, logging.WARNING),
        )

    def _send_parameter(self, name: str, value: float, frame: int) -> bool:
        shared = self._run.shared
        if shared is None:  # the next engine is told
            return True
        with self.commands:
            return shared.set_parameter(name, value, frame)

    def _next(self, when: When) -> Point | None:
        """Where the next beat or bar begins, by the newest report."""
        shared, last = self._run.shared, self._run.monitor.last
        point = None if shared is None else shared.time()
        tempo, rate = float(last["tempo"]), self._run.monitor.sample_rate
        if point is None or not tempo or not rate:
            return None
        beat = float(last["beat"])
        left = 1 - beat % 1 if when == "beat" else int(last["beats_per_bar"]) - beat
        frame = int(last["frame"]) + int(last["frames"]) + round(left * 60 / tempo * rate)
        now_frame = point[0] + (monotonic_ns() - point[2]) * 1e-9 * rate
        return Point(max(1, frame), (frame - now_frame) / rate)

    def lead(self, source: object) -> None:
        """The clock of that name leads, now and in every engine to come. Raises ControlError."""
        self.clocks.require(source)
        with self.commands:
            self.timing.lead(self._run.shared, source)
            self.clocks.begin()

    def transport(self, action: object) -> None:
        """'start' or 'stop'. Raises ControlError."""
        if self.clocks.rolls(action):
            return
        with self.commands:
            self.timing.transport(self._run.shared, action)

    def tap(self, at_ns: object = None) -> None:
        """A beat falls at this moment of the monotonic clock, or now. Raises ControlError where another clock than the
        internal one leads."""
        with self.commands:
            self.timing.tap(self._run.shared, self._run.monitor.sample_rate, at_ns)

    def downbeat(self, at_ns: object = None) -> None:
        """A bar begins with the beat next to this moment. Raises ControlError."""
        with self.commands:
            self.timing.downbeat(self._run.shared, self._run.monitor.sample_rate, at_ns)

    def feel(self, point: Mapping[str, Any]) -> None:
        """This host alone feels `valence` and `arousal` with a `weight` for so many `seconds`, beside what comes
        through its ring. Raises ControlError."""
        values = {
            name: parameters.number(name, point.get(name), *limits)
            for name, limits in parameters.FELT.items()
        }
        shared = self._run.shared
        if shared is None:
            raise ControlError("feel: nothing plays just now")
        embedding = encode(values["valence"], values["arousal"])
        with self.commands:
            shared.write_emotion(embedding, values["weight"], values["seconds"])

    def recall(self, name: object, *, at: object = "now", over_s: object = 0.0, source: str) -> None:
        """Sets all that the snapshot of that name holds, gliding over seconds. Raises ControlError, ConfigError."""
        for parameter, value in self.snapshots.named(name).items():
            self.controls.set(parameter, value, at=at, over_s=over_s, source=f"snapshot {name}, {source}")

    def reload(self) -> dict[str, Any]:
        """Reads the rig again. The keys that have changed, by 'live', 'swap' and 'restart'; any thread but the host's.
        Raises ConfigError, ModelError, ControlError, after which nothing has changed."""
        found = dataclasses.asdict(self._reload.again())
        said = [f"{DONE[kind]}: {', '.join(keys)}" for kind, keys in found.items() if keys]
        self._run.say(f"reloaded: {'; '.join(said) or 'nothing has changed'}")
        return found

    def _exchange(self, swap: Swap) -> Sequence[str]:
        waiting = self._run.exchange(swap)
        if swap.style:
            self.controls.know(parameters.absent(swap.rig))
        return waiting

    def let_side_b(self, on: bool, source: str) -> None:
        """Whether anything but the sound is felt. Raises ControlError."""
        self.controls.set("emotion_weight", self._rig.bridge.weight if on else 0, source=source)
