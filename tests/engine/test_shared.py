"""The rings between the processes: what is pushed on one side comes out on the other, or is counted as dropped."""

from __future__ import annotations

import mmap
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from emohost import _core


@pytest.fixture
def memory() -> mmap.mmap:
    return mmap.mmap(-1, _core.Shared.size)


def test_events_come_out_as_they_went_in(memory: mmap.mmap) -> None:
    """Frame, one to three MIDI bytes and part, in order, through another view of the same memory."""
    sent = [(5, b"\x90\x40\x10", 0), (2**40, b"\xc0\x05", 3), (2**40, b"\xf8", 4)]
    engine, host = _core.Shared(memory, create=True), _core.Shared(memory)
    assert all(engine.push_event(*event) for event in sent)
    assert host.pop_events() == sent
    assert host.pop_events() == []


def test_midi_that_came_in_reaches_the_engine_as_it_went_in(memory: mmap.mmap) -> None:
    sent = [(0, b"\xf8", 0), (2**40, b"\x90\x40\x10", 3), (7, b"\xc0\x05", 255)]
    host, engine = _core.Shared(memory, create=True), _core.Shared(memory)
    assert all(host.push_input(*event) for event in sent)
    assert engine.pop_inputs() == sent
    with pytest.raises(ValueError, match="1 to 3"):
        host.push_input(0, b"\xf0\x00\x00\xf7")
    accepted = sum(host.push_input(frame, b"\xfe") for frame in range(1100))
    assert accepted == 1024
    assert host.dropped["input"] == 1100 - 1024


def test_an_event_array_says_the_same_as_the_list(memory: mmap.mmap) -> None:
    shared = _core.Shared(memory, create=True)
    for frame in range(10):
        shared.push_event(frame, bytes([0x90, 60 + frame, 100]), 2)
    events = shared.pop_event_array(4)
    assert events["frame"].tolist() == [0, 1, 2, 3]
    assert events["bytes"].tolist() == [[0x90, 60 + i, 100] for i in range(4)]
    assert set(events["size"]) == {3}
    assert set(events["part"]) == {2}
    assert len(shared.pop_event_array()) == 6


@pytest.mark.parametrize("size", [0, 4, 255])
def test_an_event_whose_size_is_damaged_is_left_out_and_counted(memory: mmap.mmap, size: int) -> None:
    """Memory beside it is never read, and those before and after it come out."""
    shared = _core.Shared(memory, create=True)
    sent = [(frame, bytes([0x90, 60, 100]), 7) for frame in range(0x1122334455667700, 0x1122334455667703)]
    for event in sent:
        shared.push_event(*event)
    at = memory.find(sent[1][0].to_bytes(8, "little"))
    memory[at + 11] = size
    assert shared.pop_events() == [sent[0], sent[2]]
    assert shared.dropped["event"] == 1


def test_a_full_ring_counts_what_it_refuses(memory: mmap.mmap) -> None:
    shared = _core.Shared(memory, create=True)
    accepted = [shared.push_event(frame, b"\x80\x40\x00") for frame in range(5000)]
    assert sum(accepted) == 4096
    assert shared.dropped == {"emotion": 0, "command": 0, "input": 0, "event": 5000 - 4096, "telemetry": 0}
    assert [frame for frame, _, _ in shared.pop_events(10_000)] == list(range(4096))
    assert sum(shared.command("panic") for _ in range(300)) == 256


def test_clear_empties_all_rings(memory: mmap.mmap) -> None:
    shared = _core.Shared(memory, create=True)
    shared.push_event(1, b"\x80\x40\x00")
    shared.clear()
    assert shared.pop_events() == []
    assert shared.time() is None
    assert shared.first_sound_frame is None


def test_memory_that_is_not_ours_is_refused(memory: mmap.mmap) -> None:
    with pytest.raises(ValueError, match="no rings of this version"):
        _core.Shared(memory)
    with pytest.raises(ValueError, match="at least"):
        _core.Shared(bytearray(64), create=True)
    with pytest.raises((BufferError, ValueError)):
        _core.Shared(bytes(_core.Shared.size), create=True)


def test_what_is_wrong_is_refused_before_it_is_sent(memory: mmap.mmap) -> None:
    shared = _core.Shared(memory, create=True)
    with pytest.raises(KeyError):
        shared.set_parameter("tempoo", 1)
    with pytest.raises(ValueError, match="found 'play'"):
        shared.command("play")
    with pytest.raises(ValueError, match="NaN"):
        shared.write_emotion(np.full(64, np.nan, np.float32))
    with pytest.raises(ValueError, match="weight"):
        shared.write_emotion(np.zeros(64, np.float32), weight=1.5)
    with pytest.raises(ValueError, match="ttl_s"):
        shared.write_emotion(np.zeros(64, np.float32), ttl_s=float("nan"))
    with pytest.raises(ValueError, match="1 to 3"):
        shared.push_event(0, b"")


@pytest.mark.skipif(
    sys.platform == "win32", reason="before Python 3.13 Windows' monotonic() is another clock"
)
def test_the_clock_is_pythons_own() -> None:
    before = time.monotonic_ns()
    now = _core.monotonic_ns()
    assert before <= now <= time.monotonic_ns()
    assert time.get_clock_info("monotonic").implementation == _core.MONOTONIC_CLOCK


PRODUCER = """
import mmap, sys
from emohost import _core
with open(sys.argv[1], "r+b") as file:
    shared = _core.Shared(mmap.mmap(file.fileno(), 0))
for number in range(int(sys.argv[2])):
    while not shared.push_event(number, bytes([0x90, number % 128, number // 128 % 128])):
        pass
"""


def test_two_processes_share_one_map(tmp_path: Path) -> None:
    """100,000 events from another process arrive complete, in order and whole."""
    count = 100_000
    path = tmp_path / "rings"
    path.write_bytes(bytes(_core.Shared.size))
    with path.open("r+b") as file:
        shared = _core.Shared(mmap.mmap(file.fileno(), 0), create=True)
    with subprocess.Popen([sys.executable, "-c", PRODUCER, str(path), str(count)]) as producer:
        parts = []
        received = 0
        while received < count:
            events = shared.pop_event_array()
            received += len(events)
            parts.append(events)
            assert producer.poll() in (None, 0)
            if producer.poll() == 0 and not len(events):
                break
        assert producer.wait(60) == 0
    events = np.concatenate(parts)
    numbers = np.arange(count)
    assert np.array_equal(events["frame"], numbers)
    assert np.array_equal(events["bytes"][:, 1], numbers % 128)
    assert np.array_equal(events["bytes"][:, 2], numbers // 128 % 128)
