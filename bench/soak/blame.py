"""Whose fault a late block is: the machine's, which ran slower than usual; the system's, which let the audio thread
wait for a core; else ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

NEAR_NS = 8_000_000  # a reading speaks for so long before and after it

Reading = tuple[int, float]  # monotonic ns and what was read


@dataclass
class Late:
    """Late blocks by whose fault they are."""

    machine: int = 0
    waiting: int = 0
    unlisted: int = 0  # so many at once that the host did not list them: nothing excuses them
    ours: list[tuple[int, int]] = field(default_factory=list)  # (monotonic ns at entry, ns taken)

    @property
    def all(self) -> int:
        return self.machine + self.waiting + self.by_our_fault

    @property
    def by_our_fault(self) -> int:
        return len(self.ours) + self.unlisted

    def add(
        self,
        blocks: Sequence[tuple[int, int]],
        block_ns: float,
        slow: Sequence[Sequence[Reading]],
        waited: Sequence[Reading],
    ) -> None:
        """`blocks`: (monotonic ns at entry, ns taken). `slow`: for each core, how many times slower than usual it ran.
        `waited`: ms that the audio thread had to wait for a core."""
        for start, taken in blocks:
            without_wait = taken - 1e6 * sum(_near(waited, start, taken))
            slowness = min(max(_near(core, start, taken), default=1.0) for core in slow)
            if without_wait <= block_ns:
                self.waiting += 1
            elif without_wait / slowness <= block_ns:
                self.machine += 1
            else:
                self.ours.append((start, taken))


def _near(readings: Sequence[Reading], start: int, taken: int) -> list[float]:
    return [what for at, what in readings if start - NEAR_NS <= at <= start + taken + NEAR_NS]
