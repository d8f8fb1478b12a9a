"""A ring under stress as it is used: one process writes, another reads, both as fast as they can.

That no lock hides in it is settled when it is built: ring.h does not compile where 64-bit atomics need one.

`python -m emohost.validate.rings PARENT_PID FILE COUNT` is the writer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise

from emohost._core import Shared
from emohost.errors import EngineError
from emohost.process.parent import die_with
from emohost.process.shared_memory import SharedMemory, map_memory

MESSAGES = 200_000
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class RingResult:
    """What arrived of a numbered stream, and how often the full ring refused a message against its own count."""

    received: int
    missing: int
    out_of_order: int
    torn: int
    """Messages whose bytes do not belong to their number."""
    refused: int
    dropped: int


def stress_ring(messages: int = MESSAGES) -> RingResult:
    """Runs the writer as a process of its own and reads in this one. Raises EngineError if the writer fails."""
    try:
        memory = SharedMemory(Shared.size)
    except OSError as error:
        raise EngineError(f"no ring can be stressed: {error.strerror or error}") from None
    shared = Shared(memory.buffer, create=True)
    writer = subprocess.Popen(
        [sys.executable, "-m", "emohost.validate.rings", str(os.getpid()), str(memory.path), str(messages)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        events = _read(shared, messages, writer)
        refused = int(writer.communicate(timeout=TIMEOUT_S)[0])
    except (subprocess.TimeoutExpired, ValueError):
        raise EngineError("the process that stresses the ring failed") from None
    finally:
        writer.kill()
        writer.wait()
        memory.remove()
    return compare(events, messages, refused, shared.dropped["event"])


def compare(events: list[tuple[int, bytes, int]], messages: int, refused: int, dropped: int) -> RingResult:
    """Holds what was read to what was written."""
    frames = [frame for frame, _, _ in events]
    return RingResult(
        received=len(events),
        missing=messages - len(set(frames)),
        out_of_order=sum(later <= earlier for earlier, later in pairwise(frames)),
        torn=sum((data, part) != message(frame) for frame, data, part in events),
        refused=refused,
        dropped=dropped,
    )


def message(number: int) -> tuple[bytes, int]:
    """Bytes and part that belong to a number, so that a mixture of two messages shows."""
    return bytes([0x90 | number & 0x0F, number * 7 & 0x7F, number * 31 >> 3 & 0x7F]), number % 6


def _read(shared: Shared, messages: int, writer: subprocess.Popen[str]) -> list[tuple[int, bytes, int]]:
    events: list[tuple[int, bytes, int]] = []
    deadline = time.monotonic() + TIMEOUT_S
    while len(events) < messages and time.monotonic() < deadline:
        ended = writer.poll() is not None
        new = shared.pop_events()
        events += new
        if ended and not new:
            break
    return events


def _write(path: str, messages: int) -> None:
    shared = Shared(map_memory(path))
    refused = 0
    for number in range(messages):
        data, part = message(number)
        while not shared.push_event(number, data, part):
            refused += 1
            time.sleep(0.0002)
    print(refused)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    _write(sys.argv[2], int(sys.argv[3]))
