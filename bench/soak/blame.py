"""Whose fault a late block is: the machine's, which ran slower than usual; the system's, which let the audio thread
wait for a core; else ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

AFTER_NS = 4_000_000  # so long after a block a canary has told what it was like

Reading = tuple[int, float]  # monotonic ns and what was read


@dataclass(frozen=True)
class Verdict:
    """Of one late block. `slowness`: how many times slower than usual all cores ran meanwhile, at least; `waited_ms`:
    how long the audio thread was ready to run and had no core."""

    start_ns: int
    taken_ns: int
    slowness: float
    waited_ms: float
    fault: str  # 'machine', 'waiting' or 'ours'


def judge(
    block: tuple[int, int], block_ns: float, slow: Sequence[Sequence[Reading]], waited: Sequence[Reading]
) -> Verdict:
    """`block`: (monotonic ns at entry, ns taken). `slow`: for each core the readings that were. A block is excused only
    if it would have been in time without that."""
    start, taken = block
    slowness = min(max(_during(core, start, taken), default=1.0) for core in slow)
    waited_ms = sum(_during(waited, start, taken))
    without_wait = taken - 1e6 * waited_ms
    fault = "ours"
    if taken / slowness <= block_ns:
        fault = "machine"
    elif without_wait / slowness <= block_ns:
        fault = "waiting"
    return Verdict(start, taken, slowness, waited_ms, fault)


def _during(readings: Sequence[Reading], start: int, taken: int) -> list[float]:
    return [what for at, what in readings if start <= at <= start + taken + AFTER_NS]


@dataclass
class Late:
    """All late blocks of a soak."""

    verdicts: list[Verdict] = field(default_factory=list)
    unlisted: int = 0  # so many at once that the host did not list them: nothing excuses them

    @property
    def all(self) -> int:
        return len(self.verdicts) + self.unlisted

    @property
    def by_our_fault(self) -> int:
        return self.count("ours") + self.unlisted

    def count(self, fault: str) -> int:
        return sum(verdict.fault == fault for verdict in self.verdicts)
