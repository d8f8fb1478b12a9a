"""A ring under stress as it is used: one process writes, another reads, both as fast as they can.

That no lock hides in it is settled when it is built: ring.h does not compile where 64-bit atomics need one.

`python -m emohost.validate.rings FILE COUNT` is the writer.
"""

from __future__ import annotations

import mmap
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from emohost._core import Shared
from emohost.errors import EngineError

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
    with tempfile.TemporaryDirectory(prefix="emohost-ring-") as folder:
        path = Path(folder) / "ring"
        path.write_bytes(bytes(Shared.size))
        with path.open("r+b") as file:
            memory = mmap.mmap(file.fileno(), Shared.size)
        shared = Shared(memory, create=True)
        writer = subprocess.Popen(
            [sys.executable, "-m", "emohost.validate.rings", str(path), str(messages)],
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
        dropped = shared.dropped["event"]
        del shared
        memory.close()
        return judge(events, messages, refused, dropped)


def judge(events: list[tuple[int, bytes, int]], messages: int, refused: int, dropped: int) -> RingResult:
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


def _write(path: Path, messages: int) -> None:
    with path.open("r+b") as file:
        shared = Shared(mmap.mmap(file.fileno(), Shared.size))
    refused = 0
    for number in range(messages):
        data, part = message(number)
        while not shared.push_event(number, data, part):
            refused += 1
            time.sleep(0.0002)
    print(refused)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]))
