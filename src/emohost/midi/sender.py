"""The MIDI thread: takes events from the engine's ring and sends each when it is due, to the port and to a file.

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
from typing import Protocol

from emohost._core import monotonic_ns
from emohost.errors import MidiError
from emohost.histogram import Histogram
from emohost.midi.clock import FrameClock
from emohost.midi.ledger import Ledger, is_note_off, is_note_on
from emohost.midi.ports import Port, PortState

POLL_S = 0.001
STALE_S = 0.5  # a note that could start only so late is left out
ACTIVE_SENSING_S = 0.25
_ACTIVE_SENSING = b"\xfe"
_log = logging.getLogger("emohost.midi")

Event = tuple[int, bytes, int]  # frame, MIDI bytes, part


class EventSource(Protocol):
    """The engine's side of the rings (`emohost._core.Shared`)."""

    def pop_events(self, limit: int = 4096) -> list[Event]: ...
    def time(self) -> tuple[int, float, int] | None: ...


class FileWriter(Protocol):
    """A Standard MIDI File being written (`emohost.midi.smf.SmfWriter`)."""

    def add(self, time_s: float, data: bytes) -> None: ...
    def close(self) -> None: ...


@dataclass
class SenderCounts:
    """Totals since the start. Written by the MIDI thread, read by any."""

    sent: int = 0
    notes: int = 0  # note-ons taken from the engine
    stale: int = 0  # note-ons left out because they were too late
    unsent: int = 0  # note-ons left out because the port was not there


class Sender:
    """Start with `start`, hand it engines with `attach`, end with `close`. Methods: one controlling thread."""

    def __init__(
        self,
        port: Port | None,
        file: FileWriter | None,
        delay_s: float = 0.0,
        active_sensing: bool = False,
        keep: int = 0,
    ) -> None:
        """`delay_s`: each event is sent so long after its frame's block began. The port is open (or reopening).
        The last `keep` events stay in `kept`."""
        self._port, self._file = port, file
        self._delay_ns = round(delay_s * 1e9)
        self._active_sensing = active_sensing and port is not None
        self._port_ledger, self._file_ledger = Ledger(), Ledger()
        self._port_state = PortState.open
        self._source: EventSource | None = None
        self._due: deque[tuple[int, bytes]] = deque()  # (monotonic ns, message), in order
        self._last_due = 0
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
        self.lateness_ms = Histogram()
        self.failure: BaseException | None = None
        """What ended the thread early, or kept the file from being completed (MidiError)."""

    # --- the controlling thread -------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def attach(self, source: EventSource, sample_rate: float, paced: bool = True) -> None:
        """Plays a new engine's events. Without `paced` they are sent as they come, not when due."""

        def do() -> None:
            self._source, self._sample_rate, self._paced = source, sample_rate, paced
            self._clock = FrameClock(sample_rate)
            self._last_due = 0

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
            kept = [(due, data) for due, data in self._due if not (is_note_on(data) or is_note_off(data))]
            self._silence()
            self._due.extend(kept)

        self._call(do)

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
        while self._due and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(POLL_S)
        return not self._due

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
        if self._port_state is PortState.open and before is not PortState.open:
            for data in [*self._port_ledger.silence(), *self._port_ledger.reset_messages()]:
                self._port.send(data)
            for data in self._port_ledger.restore():
                self._port.send(data)
        now = time.monotonic()
        if self._active_sensing and now - self._sensed >= ACTIVE_SENSING_S:
            self._sensed = now
            self._port.send(_ACTIVE_SENSING)

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
        events = self._source.pop_events()
        self._schedule(events)
        return bool(events)

    def _begin(self, start_ns: int) -> None:
        """The first block of an engine: places its frame 0 in the time of the whole run."""
        if self._run_start_ns is None:
            self._run_start_ns = start_ns
        self._epoch_s = max((start_ns - self._run_start_ns) / 1e9, self._file_time)

    def _schedule(self, events: Iterable[Event]) -> None:
        for frame, data, part in events:
            time_s = self._epoch_s + frame / self._sample_rate
            self._write_file(time_s, data)
            if self.kept.maxlen:
                self.kept.append((time_s, data, part))
            if is_note_on(data):
                self.counts.notes += 1
            if self._paced and self._clock.started:
                # In order whatever the clock corrects: a note-off must not overtake its note-on.
                self._last_due = max(self._last_due, self._clock.time_ns(frame) + self._delay_ns)
            else:
                self._last_due = monotonic_ns()
            self._due.append((self._last_due, data))

    def _send_due(self) -> None:
        late = []
        while self._due and self._due[0][0] <= (now := monotonic_ns()):
            due, data = self._due.popleft()
            if now - due > STALE_S * 1e9 and is_note_on(data):
                self.counts.stale += 1
                continue
            late.append((now - due) * 1e-6)
            self._send(data)
        if late:
            self.lateness_ms.add(late)

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
        self._due.clear()
        now = monotonic_ns()
        if self._port is not None and self._port_state is PortState.open:
            for data in [*self._port_ledger.silence(), *self._port_ledger.reset_messages()]:
                self._port.send(data)
        time_s = 0.0 if self._run_start_ns is None else (now - self._run_start_ns) / 1e9
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
            except MidiError as error:
                self.failure = self.failure or error

    def _pause_s(self) -> float:
        if not self._due:
            return POLL_S
        return min(POLL_S, max(0.0, (self._due[0][0] - monotonic_ns()) * 1e-9))
