"""What Linux tells about processes and threads, from /proc."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

POLICIES = {os.SCHED_FIFO: "SCHED_FIFO", os.SCHED_RR: "SCHED_RR"}


def resident_mb(pid: int) -> float:
    """Raises OSError when the process is gone."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def module(pid: int) -> str:
    """Name of the Python module that the process runs: 'emohost.host.engine_process' gives 'engine'."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    name = words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name
    return "host" if name == "emohost" else name.rpartition(".")[2].removesuffix("_process")


def real_time_threads(pid: int) -> dict[int, str]:
    """Policy and priority of each thread that has one, by its number."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        thread = int(task.name)
        policy = os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK
        if policy in POLICIES:
            found[thread] = f"{POLICIES[policy]} {os.sched_getparam(thread).sched_priority}"
    return found


class Waiting:
    """How long a thread is ready to run and has to wait for a core."""

    def __init__(self, thread: int) -> None:
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._file = os.open(f"/proc/{thread}/schedstat", os.O_RDONLY)
        self._before = self._waited_ns()

    def since_last_ms(self) -> float:
        """Since the last call; 0 once the thread is gone."""
        now, before = self._waited_ns(), self._before
        self._before = now
        return (now - before) / 1e6

    def _waited_ns(self) -> int:
        if self._file is not None:
            with contextlib.suppress(OSError):
                return int(os.pread(self._file, 100, 0).split()[1])
        return 0

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)
