"""Tells whether a core ran at its usual speed, and whether the audio thread had to wait: `python canary.py CORE`.

A process of its own, tied to one core, of a higher priority than the audio thread: it takes a few hundredths of its
core. Every millisecond it tells whether it was run when it had asked for it: where not, its core itself was taken away.
Every third time it measures a short loop that needs no memory, and a walk that touches a line in each of a thousand
pages, by the time of its own thread, which stands still while others run: what makes them slower is the machine itself
(a virtual machine whose cores are shared, or whose memory its host has to find first, or one that throttles). Usual is
the median of the first six seconds, in which the soak's own load begins. Each line on its input names threads to
follow and is answered with a line of JSON, of the time since the last: {"readings": how many, "slow": [[monotonic ns,
times the usual time], ...], "gone": [[monotonic ns at the end, ms], ...], "waited": [[monotonic ns, ms], ...]}.
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
from collections.abc import Callable

import system

PAUSE_S = 0.001
EVERY = 3  # pauses
PRIORITY = 80
LOOP = range(400)
PAGE, PAGES = 4096, 1024
USUAL = 2000  # timings whose median is taken as the usual one
SLOW = 2.0
WAITED_MS = 0.25
GONE_MS = 0.3


class Pace:
    """How fast something is done."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._first: list[int] = []
        self._usual_ns = 0.0

    def times_usual(self) -> float:
        """Does it; how many times longer than usual it took. 1 until that is known."""
        started = time.thread_time_ns()
        self._work()
        taken = time.thread_time_ns() - started
        if self._usual_ns:
            return taken / self._usual_ns
        self._first.append(taken)
        if len(self._first) == USUAL:
            self._usual_ns = statistics.median(self._first)
        return 1.0


def paces() -> list[Pace]:
    memory = bytearray(b"\1" * PAGE) * PAGES  # written, so that each page is there
    return [Pace(lambda: sum(LOOP)), Pace(lambda: memory[::PAGE])]


def main() -> None:
    os.sched_setaffinity(0, {int(sys.argv[1])})
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()
    timed = paces()
    slow: list[tuple[int, float]] = []
    waited: list[tuple[int, float]] = []
    gone: list[tuple[int, float]] = []
    readings = pauses = 0
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
        pauses += 1
        if pauses % EVERY:
            continue
        sum(LOOP)  # brings back what others took from the cache
        factor = max(pace.times_usual() for pace in timed)
        readings += 1
        if factor > SLOW:
            slow.append((time.monotonic_ns(), factor))
        for thread in followed.values():
            if (ms := thread.since_last_ms()) > WAITED_MS:
                waited.append((time.monotonic_ns(), ms))


if __name__ == "__main__":
    main()
