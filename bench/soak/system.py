"""What Linux tells about processes and threads, from /proc."""

from __future__ import annotations

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


def waited_ms(thread: int) -> float:
    """How long it was ready to run, since its start, and had to wait for a core."""
    return int(Path(f"/proc/{thread}/schedstat").read_text().split()[1]) / 1e6


def stolen_ms() -> float:
    """How long the virtual machine's cores, since the start, were ready to run and not let."""
    ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]
    return int(ticks) * 1000 / os.sysconf("SC_CLK_TCK")
