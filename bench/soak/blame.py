"""Whose fault a late block is: the machine's, which ran slower than usual or took a core away; the system's, which let
the audio thread wait for a core; else ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

AFTER_NS = 4_000_000  # so long after a block a canary has told what it was like

Reading = tuple[int, float]  # monotonic ns and what was read


@dataclass(frozen=True)
class Verdict:
    """Of one late block. `slowness`: how many times slower than usual all cores ran meanwhile, at least; `waited_ms`:
    how long the audio thread was ready to run and had no core; `gone_ms`: how long a core did not even run a process
    of the highest priority."""

    start_ns: int
    taken_ns: int
    slowness: float
    waited_ms: float
    gone_ms: float
    fault: str  # 'machine', 'waiting', 'gone' or 'ours'


def judge(
    block: tuple[int, int],
    block_ns: float,
    slow: Sequence[Sequence[Reading]],
    waited: Sequence[Reading],
    gone: Sequence[Sequence[Reading]],
) -> Verdict:
    """`block`: (monotonic ns at entry, ns taken). `slow` and `gone`: for each core. A block is excused only if it would
    have been in time without that."""
    start, taken = block
    slowness = min(max(_during(core, start, taken), default=1.0) for core in slow)
    waited_ms = sum(_during(waited, start, taken))
    gone_ms = max(_overlap_ms(core, start, taken) for core in gone)
    without_wait = taken - 1e6 * waited_ms
    fault = "ours"
    if taken / slowness <= block_ns:
        fault = "machine"
    elif without_wait / slowness <= block_ns:
        fault = "waiting"
    elif taken - 1e6 * gone_ms <= block_ns:
        fault = "gone"
    return Verdict(start, taken, slowness, waited_ms, gone_ms, fault)


def _during(readings: Sequence[Reading], start: int, taken: int) -> list[float]:
    return [what for at, what in readings if start <= at <= start + taken + AFTER_NS]


def _overlap_ms(gone: Sequence[Reading], start: int, taken: int) -> float:
    return sum(max(0.0, min(at, start + taken) - max(at - ms * 1e6, start)) for at, ms in gone) / 1e6


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
