"""What a process may have: real processes on this system, and what the others are asked, by their names."""

from __future__ import annotations

import os
import subprocess
import sys
import types

import pytest

from emohost.process import limits

posix = pytest.mark.skipif(sys.platform == "win32", reason="niceness, timers and limits are of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux keeps such a limit, and tells the memory")


def in_a_process(code: str) -> subprocess.CompletedProcess[str]:
    """What is set there holds until a process ends."""
    program = f"import os, sys, time\nfrom emohost.process import limits\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


@posix
def test_priority_is_lowered() -> None:
    done = in_a_process("before = os.nice(0); limits.lower_priority(3); print(os.nice(0) - before)")
    assert done.stdout.strip() == str(min(3, 19 - os.nice(0)))


@linux
def test_memory_beyond_the_limit_is_not_to_be_had() -> None:
    done = in_a_process("bytes(300_000_000); limits.limit_memory(250_000_000); bytes(300_000_000)")
    assert done.stderr.rstrip().endswith("MemoryError")


@posix
def test_a_process_that_does_not_call_again_is_ended() -> None:
    done = in_a_process("limits.end_unless_called_within(0.1)\nwhile True: time.sleep(10)")
    assert done.returncode == -14  # SIGALRM


@posix
def test_a_process_that_calls_again_goes_on() -> None:
    done = in_a_process(
        "for _ in range(3): limits.end_unless_called_within(30)\nlimits.end_unless_called_within(0)"
    )
    assert done.returncode == 0


@posix
def test_limits_are_told_and_unknown_ones_are_not_known() -> None:
    assert limits.soft_limit("RLIMIT_NOFILE") is not None
    assert limits.soft_limit("RLIMIT_OF_NOTHING") is None


@linux
def test_the_memory_in_use_is_told() -> None:
    before = limits.resident_bytes()
    assert before is not None
    kept = b"x" * 50_000_000
    after = limits.resident_bytes()
    assert after is not None
    assert after - before > len(kept) // 2


def test_on_windows_nothing_of_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = types.SimpleNamespace()  # where any name would be an AttributeError, as it is there
    monkeypatch.setattr(limits, "sys", types.SimpleNamespace(platform="win32"))
    monkeypatch.setattr(limits, "os", nothing)
    monkeypatch.setattr(limits, "signal", nothing)
    limits.lower_priority(10)
    limits.limit_memory(1)
    limits.end_unless_called_within(0.001)
    assert limits.soft_limit("RLIMIT_RTPRIO") is None
    assert limits.resident_bytes() is None
