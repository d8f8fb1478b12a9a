"""Every line of the checklist can fail: each is given measurements that keep its promise, then ones that do not."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
from rich.console import Console

from emohost.validate import check
from emohost.validate.buffers import FloodResult
from emohost.validate.callback import CallbackResult
from emohost.validate.networks import NetworkTiming
from emohost.validate.pipeline import PipelineTiming
from emohost.validate.report import Report, show
from emohost.validate.rings import RingResult, compare, message

CALLBACK = CallbackResult(12_000, True, "", {"allocate": 0, "lock": 0}, 0, 5_000_000, 5_000_000, 4096)
RING = RingResult(1000, 0, 0, 0, 7, 7)
FLOODED = FloodResult({"emotion": (5, 5), "command": (3, 3), "event": (9, 9), "telemetry": (1, 1)}, 40, 0)
SMALL = NetworkTiming(
    "groove", "g.json", "dense 32 tanh", 18_656, 75_000, "plain", "int8", 9.0, 5.0, 8.0, 20.0
)
LARGE = NetworkTiming(
    "melody", "m.json", "lstm 256", 641_664, 2_600_000, "plain", "float16", 90.0, 50.0, 80.0, 5200.0
)
COSTS = {"music": (100.0, 200.0), "silence": (90.0, 220.0)}
PIPELINE = PipelineTiming(48000, 256, 3750, 5333.3, 90.0, 150.0, 400.0, 2.0, 6_000_000)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(CALLBACK, calls={"allocate": 3, "lock": 0}), "allocate 3"),
        (replace(CALLBACK, calls={"allocate": 0, "lock": 1}), "lock 1"),
        (replace(CALLBACK, blocks=0), "0 blocks"),
    ],
)
def test_a_call_in_the_callback_fails(broken: CallbackResult, said: str) -> None:
    """One is enough; so is a measurement of nothing."""
    assert check.no_allocation(CALLBACK).outcome == "pass"
    assert check.no_allocation(broken).outcome == "fail"
    assert said in check.no_allocation(broken).measured


SEALED = replace(
    CALLBACK,
    seal={"a system call": "killed", "a heap that grows": "killed"},
    sealed={"ending": "came to its end", "blocks": 20_000, "notes": 500, "clock_reads": 40_000},
)


def test_a_system_call_in_the_callback_fails() -> None:
    """It was killed, or crashed, or played nothing."""
    assert check.no_system_call(SEALED).outcome == "pass"
    for ending, blocks in (("killed", 500), ("ended by signal 11", 500), ("came to its end", 0)):
        broken = replace(SEALED, sealed={**SEALED.sealed, "ending": ending, "blocks": blocks})
        assert check.no_system_call(broken).outcome == "fail"
        assert ending in check.no_system_call(broken).measured


@pytest.mark.parametrize(
    "seal",
    [{"a system call": "came to its end"}, {"a system call": "killed", "a heap that grows": "no seal here"}],
)
def test_a_seal_that_does_not_kill_proves_nothing(seal: dict[str, str]) -> None:
    """Neither does one that is not to be had: the reason stands in the list."""
    line = check.no_system_call(replace(SEALED, seal=seal))
    assert line.outcome == "not measured"
    assert line.measured == list(seal.values())[-1]


def test_memory_that_cannot_be_locked_does_not_fail_but_says_what_to_do() -> None:
    """Many systems allow it only after a change of theirs."""
    assert check.memory_locked(CALLBACK).outcome == "pass"
    line = check.memory_locked(replace(CALLBACK, memory_lock="raise the limit"))
    assert (line.outcome, line.measured) == ("not measured", "raise the limit")


def test_without_a_trap_nothing_is_claimed() -> None:
    """Neither pass nor silence: the reason stands in the list."""
    line = check.no_allocation(replace(CALLBACK, trapped=False, why_not="not measured on win32"))
    assert line.outcome == "not measured"
    assert "win32" in line.measured


@pytest.mark.parametrize(
    "broken",
    [
        replace(RING, missing=1),
        replace(RING, out_of_order=1),
        replace(RING, torn=1),
        replace(RING, dropped=6),
        replace(RING, received=0),
    ],
)
def test_a_ring_that_loses_mixes_or_miscounts_fails(broken: RingResult) -> None:
    """Any of these."""
    assert check.lock_free_rings(RING).outcome == "pass"
    assert check.lock_free_rings(broken).outcome == "fail"


def test_doctored_streams_are_seen_through() -> None:
    """A message lost, two exchanged, one repeated, one made of two halves."""
    stream = [(number, *message(number)) for number in range(100)]
    assert compare(stream, 100, 0, 0) == RingResult(100, 0, 0, 0, 0, 0)
    assert compare(stream[:50] + stream[51:], 100, 0, 0).missing == 1
    assert compare([*stream[:50], stream[51], stream[50], *stream[52:]], 100, 0, 0).out_of_order == 1
    assert compare([*stream, stream[-1]], 100, 0, 0).out_of_order == 1
    frame, data, part = stream[50]
    mixed = (frame, data[:2] + stream[60][1][2:], part)
    assert compare([*stream[:50], mixed, *stream[51:]], 100, 0, 0).torn == 1


@pytest.mark.parametrize(
    "broken",
    [
        replace(CALLBACK, memory_after=5_000_064),
        replace(CALLBACK, page_faults=1),
        replace(CALLBACK, resident_growth=2_000_000),
        replace(CALLBACK, blocks=9_999),
    ],
)
def test_memory_taken_while_playing_fails(broken: CallbackResult) -> None:
    """By its own account, by page faults, by the process's size, or when too little was played to tell."""
    assert check.preallocated_pools(CALLBACK).outcome == "pass"
    assert check.preallocated_pools(broken).outcome == "fail"


def test_what_the_system_does_not_tell_does_not_fail() -> None:
    """The engine's own account is left."""
    assert (
        check.preallocated_pools(replace(CALLBACK, page_faults=None, resident_growth=None)).outcome == "pass"
    )


@pytest.mark.parametrize(
    "broken",
    [
        replace(FLOODED, rings={**FLOODED.rings, "event": (9, 8)}),
        replace(FLOODED, rings={**FLOODED.rings, "emotion": (0, 0)}),
        replace(FLOODED, unbalanced=1),
        replace(FLOODED, notes=0),
    ],
)
def test_a_buffer_without_bounds_or_count_fails(broken: FloodResult) -> None:
    """A refusal not counted, a ring that never fills, a note left on, or no note at all to tell by."""
    assert check.bounded_buffers(FLOODED).outcome == "pass"
    assert check.bounded_buffers(broken).outcome == "fail"


def test_the_slowest_and_the_largest_network_decide() -> None:
    """One over its limit fails the check and is named."""
    slow, fat = replace(LARGE, p99_us=10_000.0), replace(SMALL, memory_bytes=4_000_000)
    assert check.inference([SMALL, LARGE]).outcome == "pass"
    assert check.inference([SMALL, slow]).outcome == "fail"
    assert "melody" in check.inference([SMALL, slow]).measured
    assert check.memory([SMALL, LARGE]).outcome == "pass"
    assert check.memory([fat, LARGE]).outcome == "fail"
    assert "groove" in check.memory([fat, LARGE]).measured


def test_without_a_network_nothing_is_claimed() -> None:
    """All five may be optional and missing."""
    assert check.inference([]).outcome == check.memory([]).outcome == "not measured"


def test_a_precision_that_auto_may_not_choose_fails() -> None:
    """5e-3 from double precision, of which float32's own error is a part; what the rig asks for has no limit."""
    good, bad = {"melody": ("int8", 4.9e-3)}, {"melody": ("int8", 2e-4), "groove": ("int8", 4.995e-3)}
    assert check.precision("auto", good).outcome == "pass"
    assert check.precision("auto", bad).outcome == "fail"
    assert "melody int8 off by 2.0e-04, groove int8 off by 5.0e-03" in check.precision("auto", bad).measured
    assert check.precision("int8", bad).outcome == "pass"
    assert check.precision("auto", {}).outcome == "not measured"


def test_too_much_processor_time_fails() -> None:
    """5 % is too much."""
    assert check.cpu(PIPELINE).outcome == "pass"
    assert check.cpu(replace(PIPELINE, cpu_percent=5.0)).outcome == "fail"


def test_people_see_every_number_and_outcome() -> None:
    """In 80 columns: networks, pipeline, and each check with what was measured against its limit."""
    console = Console(width=80, record=True, file=io.StringIO())
    failed = check.cpu(replace(PIPELINE, cpu_percent=7.5))
    show(
        Report(
            [SMALL, LARGE], {"groove": "g.json is broken"}, PIPELINE, [check.memory([SMALL]), failed], COSTS
        ),
        console,
    )
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    for said in (
        "groove",
        "641,664",
        "2.60 MB",
        "parameters",
        "80.0",
        "3750 blocks",
        "silence 0.90 (1.10)",
        "pass  memory < 4 MB",
        "7.50 %",
        "limit: 5 %",
        "groove is missing: g.json is broken",
    ):
        assert said in text
    assert "fail  CPU < 5 % of one core" in text


def test_one_failed_check_fails_the_whole() -> None:
    """And one that could not be measured does not."""
    passed, failed = check.cpu(PIPELINE), check.cpu(replace(PIPELINE, cpu_percent=7.5))
    unknown = check.no_allocation(replace(CALLBACK, trapped=False))
    assert Report([SMALL], {}, PIPELINE, [passed, unknown], COSTS).passed
    assert not Report([SMALL], {}, PIPELINE, [passed, failed], COSTS).passed


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process may outlive its parent")
def test_the_writer_that_stresses_a_ring_ends_with_its_parent() -> None:
    """It would write into a full ring for ever."""
    script = "from emohost.validate.rings import stress_ring\nstress_ring(10**9)"
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        deadline = time.monotonic() + 30
        while not (writers := psutil.Process(parent.pid).children()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        parent.kill()
    _, alive = psutil.wait_procs(writers, timeout=30)
    assert not alive
