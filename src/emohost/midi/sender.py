"""The MIDI thread: takes events from the engine's ring and sends each when it is due, to the port and to a file. A port
that plays from memory is given each as soon as it is there, with the time when it is due.

It keeps the ledger of sounding notes, so it can end them whatever happens to the engine.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from emohost._core import PortMemory, monotonic_ns
from emohost.errors import OutputError
from emohost.midi.clock import FrameClock
from emohost.midi.held import HeldInputs
from emohost.midi.lateness import Lateness
from emohost.midi.ledger import Ledger, is_note_off, is_note_on
from emohost.midi.ports import Port, PortState

POLL_S = 0.001
STALE_S = 0.5  # a note that could start only so late is left out
ACTIVE_SENSING_S = 0.25
SAME_FRAME_S = 0.1  # a frame that the port takes for that of an input is not further from what time says
TICKS_APART_NS = 1_000_000  # at least, of a clock's ticks that are late (ext/core/midi/player.cpp likewise)
HAND_OVER_S = 0.005  # between the engine's block and the cycle in which a port can play what it gave
_ACTIVE_SENSING = b"\xfe"
_TICK = b"\xf8"
_log = logging.getLogger("emohost.midi")

Event = tuple[int, bytes, int]  # frame, MIDI bytes, part


def delay_in_force_s(asked_s: float, period_s: float | None) -> float:
    """`period_s`: of the cycles in which a port plays what lies in memory; None: it is given each message when due."""
    return asked_s if period_s is None else max(asked_s, period_s + HAND_OVER_S)


class EventSource(Protocol):
    """The engine's side of the rings (`emohost._core.Shared`)."""

    def pop_events(self, limit: int = 4096) -> list[Event]: ...
    def time(self) -> tuple[int, float, int] | None: ...
    def push_input(self, frame: int, data: bytes, source: int = 0) -> bool: ...


class FileWriter(Protocol):
    """A Standard MIDI File being written (`emohost.recording.smf_writer.SmfWriter`)."""

    def add(self, time_s: float, data: bytes) -> None: ...
    def conduct(self, time_s: float, method: str, *arguments: Any) -> None: ...
    def close(self) -> None: ...


@dataclass
class SenderCounts:
    """Totals since the start. Written by the MIDI thread, read by any."""

    sent: int = 0
    notes: int = 0  # note-ons taken from the engine
    stale: int = 0  # note-ons left out because they were too late
    unsent: int = 0  # note-ons left out because the port was not there
    ended: int = 0  # note-ons whose time came after the end, a panic or a loss


class Sender:
    """Start with `start`, hand it engines with `attach`, end with `close`. Methods: one controlling thread."""

    def __init__(
        self,
        port: Port | None,
        file: FileWriter | None,
        delay_s: float = 0.0,
        active_sensing: bool = False,
        keep: int = 0,
        on_input: Callable[[int, bytes, int], None] | None = None,
        held: HeldInputs | None = None,
    ) -> None:
        """`delay_s`: each event is played so long after its frame; a port that plays in cycles needs at least the
        length of one and HAND_OVER_S, to which a shorter delay is stretched. The port is open (or reopening).
        The last `keep` events stay in `kept`. `on_input` is told of each message that comes in, on the MIDI thread:
        the moment (monotonic ns), its bytes, the number of its input. `held`: of the inputs whose notes the engine goes
        by."""
        self._on_input = on_input
        self._held = held or HeldInputs()
        self._port, self._file = port, file
        self._asked_delay_ns = round(delay_s * 1e9)
        self._active_sensing = active_sensing and port is not None
        self._port_ledger, self._file_ledger = Ledger(), Ledger()
        self._port_state = PortState.open
        self._source: EventSource | None = None
        self._sample_rate, self._paced = 0.0, True
        self._due: deque[tuple[int, bytes, int]] = deque()  # (monotonic ns, message, frame), in order
        self._last_due = 0
        self._ticked_ns = 0  # when the last tick of a clock went out
        self._sensed = 0.0
        self._run_start_ns: int | None = None  # of the first engine's frame 0
        self._epoch_s = 0.0  # of the present engine's frame 0
        self._file_time = 0.0
        self._requests: queue.SimpleQueue[tuple[Callable[[], None], threading.Event]] = queue.SimpleQueue()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
        self.counts = SenderCounts()
        self.kept: deque[tuple[float, bytes, int]] = deque(maxlen=keep)
        """(seconds from the start of the run, MIDI bytes, part). Read it after `close`."""
        self.lateness = Lateness()
        self.failure: BaseException | None = None
        """What ended the thread early, or kept the file from being completed (OutputError)."""

    # --- the controlling thread -------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def attach(self, source: EventSource, sample_rate: float, paced: bool = True) -> None:
        """Plays a new engine's events. Without `paced` they are sent as they come, not when due."""

        def do() -> None:
            self._source, self._sample_rate, self._paced = source, sample_rate, paced
            self._clock = FrameClock(sample_rate)
            self._last_due = 0
            self._tell(self._held.messages())

        self._call(do)

    def detach(self) -> None:
        """The engine is lost: takes no more of its events, forgets those not yet sent, ends every note. Returns when
        the note-offs are with the port."""

        def do() -> None:
            self._source = None
            self._silence()

        self._call(do)

    def panic(self) -> None:
        """Ends every note and forgets what is due; goes on with what comes."""

        def do() -> None:
            self._collect()
            self._held.release()  # the engine is told of the panic
            kept = [each for each in self._due if not (is_note_on(each[1]) or is_note_off(each[1]))]
            self._silence()
            self._due.extend(kept)

        self._call(do)

    def conduct(self, frame: int, method: str, *arguments: Any) -> None:
        """For the file's conductor track, at `frame` of the present engine. Does not wait."""

        def do() -> None:
            if self._source is not None and not self._clock.started:
                self._collect()  # places the engine's frames in the time of the run
            if self._file is not None:
                self._file.conduct(self._epoch_s + frame / self._sample_rate, method, *arguments)

        self._requests.put((do, threading.Event()))

    def play_out(self, last_events: Iterable[Event], timeout_s: float) -> bool:
        """The engine came to its end: takes all it left in the ring, then `last_events`. True when all is sent."""
        rest = list(last_events)

        def do() -> None:
            while self._collect():
                pass
            self._schedule(rest)
            self._source = None

        self._call(do)
        deadline = time.monotonic() + timeout_s
        while self._waiting() and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(POLL_S)
        return not self._waiting()

    def close(self) -> None:
        """Ends every note, closes port and file, ends the thread."""

        def do() -> None:
            self._source = None
            self._ending = True

        if self._thread.is_alive():
            self._call(do)
            self._thread.join(5.0)

    @property
    def sounding(self) -> int:
        """Notes on at the port (at the file, if there is no port)."""
        return (self._port_ledger if self._port else self._file_ledger).sounding

    @property
    def run_s(self) -> float:
        """Seconds since the first engine's frame 0; 0 before it."""
        start_ns = self._run_start_ns
        return 0.0 if start_ns is None else (monotonic_ns() - start_ns) * 1e-9

    @property
    def delay_s(self) -> float:
        """From an event's frame to its time at the port."""
        return self._delay_ns() * 1e-9

    def _waiting(self) -> bool:
        """Whether something is still to be played."""
        memory = self._memory()
        ahead = memory is not None and monotonic_ns() <= self._last_due + 2e9 * memory.period_s
        return bool(self._due) or ahead

    def _call(self, do: Callable[[], None]) -> None:
        done = threading.Event()
        self._requests.put((do, done))
        while not done.wait(0.5):
            if not self._thread.is_alive():
                return

    # --- the MIDI thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ending:
                self._answer_requests()
                self._look_after_port()
                self._collect()
                self._take_inputs()
                self._send_due()
                time.sleep(self._pause_s())
        except BaseException as error:
            self.failure = error
        finally:
            with contextlib.suppress(Exception):
                self._silence()
            if self._port is not None:
                with contextlib.suppress(Exception):
                    self._port.close()
            self._close_file()

    def _answer_requests(self) -> None:
        while not self._requests.empty():
            do, done = self._requests.get()
            do()
            done.set()

    def _look_after_port(self) -> None:
        if self._port is None:
            return
        before, self._port_state = self._port_state, self._port.upkeep()
        if before is PortState.open and self._port_state is not PortState.open:
            self._tell(self._held.release())
        if self._port_state is PortState.open and before is not PortState.open:
            for data in [*self._port_ledger.silence(), *self._port_ledger.reset_messages()]:
                self._port.send(data)
            for data in self._port_ledger.restore():
                self._port.send(data)
        if (memory := self._memory()) is not None:
            self._look_after_memory(memory)
        now = time.monotonic()
        if self._active_sensing and now - self._sensed >= ACTIVE_SENSING_S:
            self._sensed = now
            self._port.send(_ACTIVE_SENSING)

    def _look_after_memory(self, memory: PortMemory) -> None:
        memory.live()
        memory.set_delay(self._delay_ns() * 1e-9)
        late, left_out = memory.pop_lateness_ms()
        self.counts.stale += left_out
        if late:
            self.lateness.add(late, self.run_s)

    def _memory(self) -> PortMemory | None:
        return None if self._port is None else self._port.memory

    def _delay_ns(self) -> int:
        memory = self._memory()
        asked_s = self._asked_delay_ns * 1e-9
        return round(delay_in_force_s(asked_s, None if memory is None else memory.period_s) * 1e9)

    def _collect(self) -> bool:
        """Takes what the engine has left in the ring. False if there was nothing."""
        if self._source is None:
            return False
        point = self._source.time()
        if point is None:
            return False
        frame, _, at_ns = point
        if not self._clock.started:
            self._begin(at_ns - round(frame * 1e9 / self._sample_rate))
        self._clock.update(frame, at_ns)
        if self._paced and (memory := self._memory()) is not None:
            memory.follow(self._sample_rate, frame, at_ns)
        events = self._source.pop_events()
        self._schedule(events)
        return bool(events)

    def _take_inputs(self) -> None:
        """Hands what came in to the engine, each message with the frame of the sound that came in with it."""
        if self._port is None:
            return
        for at_ns, frame, data, number in self._port.pop_inputs():
            self._held.take(data, number)
            if self._on_input is not None:
                self._on_input(at_ns, data, number)
            if self._source is not None:
                came = self._frame_of_input(at_ns, frame)
                self._source.push_input(max(1, came - self._stretch()) if came else 0, data, number)

    def _tell(self, messages: Iterable[tuple[bytes, int]]) -> None:
        """The engine, of what happened at no known frame."""
        if self._source is not None:
            for data, number in messages:
                self._source.push_input(0, data, number)

    def _stretch(self) -> int:
        """Frames by which notes sound later than was asked for. The engine knows of what was asked for alone, and takes
        that off a clock it follows, so that its notes sound with it: the rest is taken off here."""
        return round((self._delay_ns() - self._asked_delay_ns) * 1e-9 * self._sample_rate)

    def _frame_of_input(self, at_ns: int, frame: int) -> int:
        """0: not known. The port's own frame may still be an earlier engine's."""
        if not (self._paced and self._clock.started):
            return 0
        by_time = self._clock.frame_at(at_ns)
        if frame and abs(frame - by_time) < SAME_FRAME_S * self._sample_rate:
            return frame
        return max(0, by_time)

    def _begin(self, start_ns: int) -> None:
        """The first block of an engine: places its frame 0 in the time of the whole run."""
        if self._run_start_ns is None:
            self._run_start_ns = start_ns
        self._epoch_s = max((start_ns - self._run_start_ns) / 1e9, self._file_time)

    def _schedule(self, events: Iterable[Event]) -> None:
        delay_ns = self._delay_ns()
        for frame, data, part in events:
            time_s = self._epoch_s + frame / self._sample_rate
            self._write_file(time_s, data)
            if self.kept.maxlen:
                self.kept.append((time_s, data, part))
            if is_note_on(data):
                self.counts.notes += 1
            if self._paced and self._clock.started:
                # In order whatever the clock corrects: a note-off must not overtake its note-on.
                self._last_due = max(self._last_due, self._clock.time_ns(frame) + delay_ns)
            else:
                self._last_due = monotonic_ns()
            self._due.append((self._last_due, data, frame))

    def _send_due(self) -> None:
        if (memory := self._memory()) is not None:
            self._hand_over(memory)
            return
        late = []
        while self._due and self._next_ns() <= (now := monotonic_ns()):
            due, data, _ = self._due.popleft()
            if now - due > STALE_S * 1e9 and is_note_on(data):
                self.counts.stale += 1
                continue
            late.append((now - due) * 1e-6)
            self._send(data)
            if data == _TICK:
                self._ticked_ns = monotonic_ns()
        if late:
            self.lateness.add(late, self.run_s)

    def _next_ns(self) -> int:
        """When the first of what is due may go. A follower takes the distance of ticks for the tempo."""
        due, data, _ = self._due[0]
        return max(due, self._ticked_ns + TICKS_APART_NS) if data == _TICK and self._paced else due

    def _hand_over(self, memory: PortMemory) -> None:
        """To a port that plays by itself. What it has no room for stays here: no note-off is lost."""
        now = monotonic_ns()
        while self._due and not memory.full:
            due, data, frame = self._due.popleft()
            if now - due > STALE_S * 1e9 and is_note_on(data):
                self.counts.stale += 1
            elif self._port_ledger.enter(data):
                memory.push(data, frame, due if self._paced else 0)
                self.counts.sent += 1

    def _send(self, data: bytes) -> None:
        if self._port is None:
            return
        if self._port_state is not PortState.open:
            if is_note_on(data):
                self.counts.unsent += 1
            elif not is_note_off(data):  # the end of a note stays owed
                self._port_ledger.remember(data)
        elif self._port_ledger.enter(data) and self._port.send(data):
            self.counts.sent += 1

    def _silence(self) -> None:
        self.counts.ended += sum(is_note_on(data) for _, data, _ in self._due)
        self._due.clear()
        time_s = self.run_s
        if self._port is not None and self._port_state is PortState.open:
            owed = self._port_ledger.silence()
            if (memory := self._memory()) is not None:
                memory.silence()  # by what was really played: some may be planned only
                owed = []
            for data in [*owed, *self._port_ledger.reset_messages()]:
                self._port.send(data)
        for data in self._file_ledger.silence():
            self._write_file(time_s, data, entered=True)

    def _write_file(self, time_s: float, data: bytes, entered: bool = False) -> None:
        if self._file is None or not (entered or self._file_ledger.enter(data)):
            return
        self._file_time = max(self._file_time, time_s)
        self._file.add(self._file_time, data)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OutputError as error:
                self.failure = self.failure or error

    def _pause_s(self) -> float:
        if not self._due or self._memory() is not None:
            return POLL_S
        return min(POLL_S, max(0.0, (self._next_ns() - monotonic_ns()) * 1e-9))
