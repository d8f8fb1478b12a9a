"""Tells whether a core ran at its usual speed, and whether the audio thread had to wait: `python canary.py CORE`.

A process of its own, tied to one core, of a higher priority than the audio thread: it takes about one hundredth of its
core. Every three milliseconds it times a short loop that needs no memory, by the time of its own thread, which stands
still while others run: what makes it slower is the machine itself (a virtual machine whose cores are shared, or one
that throttles). And it tells when it was not run for long: its core itself was taken away. Each line on its input
names threads to follow and is answered with a line of JSON, of the time since the last: {"readings": how many, "slow":
[[monotonic ns, times the usual time], ...], "gone": [[monotonic ns at the end, ms], ...], "waited": [[monotonic ns,
ms], ...]}.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import statistics
import sys
import time

import system

PAUSE_S = 0.003
PRIORITY = 80
LOOP = range(400)
USUAL = 500  # timings whose median is taken as the usual one
SLOW = 2.0
WAITED_MS = 0.25
GONE_MS = 2.0


def loop_ns() -> int:
    started = time.thread_time_ns()
    sum(LOOP)
    return time.thread_time_ns() - started


def main() -> None:
    os.sched_setaffinity(0, {int(sys.argv[1])})
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()
    usual = statistics.median(loop_ns() for _ in range(USUAL))
    slow: list[tuple[int, float]] = []
    waited: list[tuple[int, float]] = []
    gone: list[tuple[int, float]] = []
    readings = 0
    followed: dict[int, system.Waiting] = {}
    while True:
        slept_at = time.monotonic_ns()
        asked = select.select([sys.stdin], [], [], PAUSE_S)[0]
        woke = time.monotonic_ns()
        if (late_ms := (woke - slept_at) / 1e6 - PAUSE_S * 1e3) > GONE_MS:
            gone.append((woke, late_ms))
        if asked:
            line = sys.stdin.readline()
            if not line:
                return
            told = {"readings": readings, "slow": slow, "gone": gone, "waited": waited}
            print(json.dumps(told), flush=True)
            slow, gone, waited, readings = [], [], [], 0
            followed = {
                thread: followed.get(thread) or system.Waiting(thread) for thread in map(int, line.split())
            }
        loop_ns()  # brings back what others took from the cache
        factor = loop_ns() / usual
        readings += 1
        if factor > SLOW:
            slow.append((time.monotonic_ns(), factor))
        for thread in followed.values():
            if (ms := thread.since_last_ms()) > WAITED_MS:
                waited.append((time.monotonic_ns(), ms))


if __name__ == "__main__":
    main()
