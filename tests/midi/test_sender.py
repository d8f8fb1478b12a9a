"""The MIDI thread sends events when they are due, in order, and never leaves a note on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import mido
import pytest
from waiting import wait_for

from emohost._core import monotonic_ns
from emohost.errors import OutputError
from emohost.midi.ports import PortState
from emohost.midi.sender import TICKS_APART_NS, Sender
from emohost.recording.smf_writer import SmfWriter

RATE = 48000.0
ON, OFF, PROGRAM = bytes([0x90, 60, 100]), bytes([0x80, 60, 0]), bytes([0xC0, 5])
TICK = bytes([0xF8])
ON_2, OFF_2 = bytes([0x91, 64, 100]), bytes([0x81, 64, 0])
PATIENCE_S = 5.0


class RecordingPort:
    """A port in memory that can be lost and come back."""

    def __init__(self) -> None:
        self.state = PortState.open
        self.sent: list[tuple[int, bytes]] = []
        self.closed = False

    memory = None
    came_in: ClassVar[list[tuple[int, int, bytes, int]]] = []

    def upkeep(self) -> PortState:
        return self.state

    def send(self, data: bytes) -> bool:
        if self.state is PortState.open:
            self.sent.append((monotonic_ns(), data))
        return self.state is PortState.open

    def pop_inputs(self) -> list[tuple[int, int, bytes, int]]:
        taken, self.came_in = self.came_in, []  # type: ignore[misc]
        return taken

    def close(self) -> None:
        self.closed = True

    @property
    def messages(self) -> list[bytes]:
        return [data for _, data in self.sent]


class Engine:
    """The engine's side of the rings: frame 0 is now."""

    def __init__(self) -> None:
        self.start_ns = monotonic_ns()
        self.events: list[tuple[int, bytes, int]] = []
        self.inputs: list[tuple[int, bytes, int]] = []

    def play(self, *events: tuple[float, bytes]) -> None:
        self.events.extend((round(at_s * RATE), data, 0) for at_s, data in events)

    def pop_events(self, limit: int = 4096) -> list[tuple[int, bytes, int]]:
        taken, self.events = self.events[:limit], self.events[limit:]
        return taken

    def push_input(self, frame: int, data: bytes, source: int = 0) -> bool:
        self.inputs.append((frame, data, source))
        return True

    def time(self) -> tuple[int, float, int]:
        block = int((monotonic_ns() - self.start_ns) * RATE / 1e9 / 64)
        return block * 64, 0.0, self.start_ns + round(block * 64 * 1e9 / RATE)


@pytest.fixture
def port() -> RecordingPort:
    return RecordingPort()


@pytest.fixture
def sender(port: RecordingPort) -> Iterator[Sender]:
    sender = Sender(port, None, delay_s=0.01)
    sender.start()
    yield sender
    sender.close()
    assert sender.failure is None


def test_events_leave_in_order_and_not_before_they_are_due(sender: Sender, port: RecordingPort) -> None:
    engine = Engine()
    engine.play((0.05, PROGRAM), (0.05, ON), (0.1, OFF), (0.15, ON_2), (0.2, OFF_2))
    sender.attach(engine, RATE)
    wait_for(lambda: len(port.sent) == 5)
    assert port.messages == [PROGRAM, ON, OFF, ON_2, OFF_2]
    for (sent_ns, _), due_s in zip(port.sent, (0.05, 0.05, 0.1, 0.15, 0.2), strict=True):
        assert sent_ns >= engine.start_ns + (due_s + 0.01) * 1e9 - 1e6  # the delay counts
    wait_for(lambda: sender.lateness.all_ms.count == 5)
    assert sender.counts.notes == 2


def test_ticks_of_a_clock_that_are_late_keep_their_distance_and_their_place(
    sender: Sender, port: RecordingPort
) -> None:
    engine = Engine()
    sent = [TICK, ON, TICK, TICK, OFF, TICK]
    engine.play(*((0.0, data) for data in sent))
    sender.attach(engine, RATE)
    wait_for(lambda: len(port.sent) == len(sent))
    assert port.messages == sent
    ticks = [at_ns for at_ns, data in port.sent if data == TICK]
    assert all(b - a >= TICKS_APART_NS for a, b in pairwise(ticks))


def test_the_loss_of_the_engine_ends_notes_and_forgets_what_was_planned(
    sender: Sender, port: RecordingPort
) -> None:
    engine = Engine()
    engine.play((0.0, ON), (0.0, ON_2), (60.0, OFF), (60.0, OFF_2))
    sender.attach(engine, RATE)
    wait_for(lambda: len(port.sent) == 2)
    sender.detach()
    assert port.messages[2:4] == [OFF, OFF_2]
    assert bytes([0xB0, 123, 0]) in port.messages
    assert bytes([0xB1, 64, 0]) in port.messages
    assert sender.sounding == 0
    engine.play((0.0, ON))
    time.sleep(0.05)
    assert port.messages.count(ON) == 1  # nothing more of that engine


def test_close_ends_notes_before_the_port_closes(port: RecordingPort) -> None:
    sender = Sender(port, None)
    sender.start()
    engine = Engine()
    engine.play((0.0, ON))
    sender.attach(engine, RATE)
    wait_for(lambda: port.messages == [ON])
    sender.close()
    assert port.messages[1] == OFF
    assert port.closed


def test_panic_ends_notes_and_playing_goes_on(sender: Sender, port: RecordingPort) -> None:
    engine = Engine()
    engine.play((0.0, ON))
    sender.attach(engine, RATE)
    wait_for(lambda: port.messages == [ON])
    engine.play((0.01, ON_2), (0.01, PROGRAM))
    sender.panic()
    assert OFF in port.messages
    wait_for(lambda: PROGRAM in port.messages)  # what is no note is kept
    engine.play((0.1, ON), (0.15, OFF))
    wait_for(lambda: port.messages[-1] == OFF and port.messages[-2] == ON)
    assert ON_2 not in port.messages


def test_a_port_that_comes_back_gets_first_what_it_is_owed(sender: Sender, port: RecordingPort) -> None:
    engine = Engine()
    engine.play((0.0, PROGRAM), (0.0, ON))
    sender.attach(engine, RATE)
    wait_for(lambda: port.messages == [PROGRAM, ON])
    port.state = PortState.opening
    time.sleep(0.02)
    engine.play((0.0, ON_2), (0.0, OFF_2), (0.0, OFF))
    wait_for(lambda: sender.counts.unsent == 1)
    port.state = PortState.open
    wait_for(lambda: len(port.sent) > 5)
    assert port.messages[2] == OFF
    assert ON_2 not in port.messages
    assert port.messages[-1] == PROGRAM  # a new receiver knows no program


def test_notes_that_could_only_start_too_late_are_left_out_whole(sender: Sender, port: RecordingPort) -> None:
    engine = Engine()
    engine.start_ns -= 5_000_000_000  # this process was stopped for five seconds
    engine.play((0.0, ON), (0.5, OFF), (5.1, ON_2), (5.15, OFF_2))
    sender.attach(engine, RATE)
    wait_for(lambda: len(port.sent) == 2)
    assert port.messages == [ON_2, OFF_2]
    assert sender.counts.stale == 1


def test_play_out_sends_all_that_is_left_in_time(sender: Sender, port: RecordingPort) -> None:
    engine = Engine()
    engine.play((0.0, ON), (0.1, OFF))
    sender.attach(engine, RATE)
    wait_for(lambda: sender.counts.notes == 1)
    assert sender.play_out([(round(0.2 * RATE), ON_2, 0), (round(0.25 * RATE), OFF_2, 0)], PATIENCE_S)
    assert port.messages == [ON, OFF, ON_2, OFF_2]
    assert port.sent[-1][0] - engine.start_ns > 0.25e9


def test_the_file_holds_musical_time_and_an_end_for_every_note(tmp_path: Path) -> None:
    path = tmp_path / "run.mid"
    sender = Sender(None, SmfWriter(path, 120.0), delay_s=0.5)
    sender.start()
    engine = Engine()
    engine.play((0.25, ON), (0.5, OFF), (0.75, ON_2))
    sender.attach(engine, RATE)
    wait_for(lambda: sender.counts.notes == 2)
    sender.close()
    messages = [message for message in mido.MidiFile(path) if not message.is_meta]
    assert [message.type for message in messages] == ["note_on", "note_off", "note_on", "note_off"]
    assert [message.time for message in messages[:3]] == pytest.approx([0.25, 0.25, 0.25], abs=1e-3)


def test_a_second_engine_is_placed_after_the_first_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.mid"
    sender = Sender(None, SmfWriter(path, 120.0))
    sender.start()
    first = Engine()
    first.play((0.0, ON), (0.05, OFF))
    sender.attach(first, RATE)
    wait_for(lambda: sender.counts.notes == 1)
    sender.detach()
    second = Engine()
    second.start_ns = first.start_ns + 2_000_000_000
    second.play((0.5, ON_2), (0.6, OFF_2))
    sender.attach(second, RATE)
    wait_for(lambda: sender.counts.notes == 2)
    sender.close()
    times, now = [], 0.0
    for message in mido.MidiFile(path):
        now += message.time
        if not message.is_meta:
            times.append(now)
    assert times[2:] == pytest.approx([2.5, 2.6], abs=2e-3)


def test_a_bug_in_the_thread_still_ends_every_note(port: RecordingPort) -> None:
    sender = Sender(port, None)
    sender.start()
    engine = Engine()
    engine.play((0.0, ON))
    sender.attach(engine, RATE)
    wait_for(lambda: port.messages == [ON])
    engine.play((0.0, b""))  # no MIDI message at all
    wait_for(lambda: port.closed)
    assert sender.failure is not None
    assert OFF in port.messages


def test_active_sensing_goes_out_while_nothing_else_does(port: RecordingPort) -> None:
    sender = Sender(port, None, active_sensing=True)
    sender.start()
    wait_for(lambda: port.messages.count(b"\xfe") >= 3)
    sender.close()


def test_a_file_that_cannot_be_completed_is_reported_and_the_port_is_silenced(port: RecordingPort) -> None:
    class FullDisk:
        def add(self, time_s: float, data: bytes) -> None: ...

        def conduct(self, time_s: float, method: str, *arguments: Any) -> None: ...

        def close(self) -> None:
            raise OutputError("run.mid: cannot write the MIDI file: No space left on device")

    sender = Sender(port, FullDisk())
    sender.start()
    engine = Engine()
    engine.play((0.0, ON))
    sender.attach(engine, RATE)
    wait_for(lambda: port.messages == [ON])
    sender.close()
    assert OFF in port.messages
    assert isinstance(sender.failure, OutputError)


def test_what_comes_in_reaches_the_engine_with_the_frame_at_which_it_came(
    sender: Sender, port: RecordingPort
) -> None:
    """By the port's own count where that can be, else by the clock; before there is an engine it is forgotten."""
    port.came_in = [(monotonic_ns(), 0, ON, 0)]  # type: ignore[misc]
    time.sleep(0.02)
    engine = Engine()
    sender.attach(engine, RATE)
    wait_for(lambda: monotonic_ns() - engine.start_ns > 200_000_000)
    at_ns = engine.start_ns + 150_000_000
    port.came_in = [  # type: ignore[misc]
        (at_ns, 7205, b"\xf8", 1),
        (at_ns, 0, ON, 0),
        (at_ns, 4_000_000, OFF, 2),  # of an engine before this one
    ]
    wait_for(lambda: len(engine.inputs) == 3)
    assert [(data, source) for _, data, source in engine.inputs] == [(b"\xf8", 1), (ON, 0), (OFF, 2)]
    assert engine.inputs[0][0] == 7205
    for frame, _, _ in engine.inputs[1:]:
        assert frame == pytest.approx(7200, abs=100)
