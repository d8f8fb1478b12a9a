"""What a soak found, and whether that will do."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from blame import Late
from notes import Notes

GROWTH_MB = 2.0  # allowed to a process over the whole soak, beside the MIDI file that it holds,
ARENAS_MB = 2.0  # and two arenas: Python takes memory, and gives it back, by 1 MB at a time
SETTLED, SETTLED_S = 0.2, 20.0  # share of the soak, and seconds at least, after which memory is looked at


@dataclass
class Memory:
    """Of one process: (seconds, MB resident), in order."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    @property
    def last_mb(self) -> float:
        return self.samples[-1][1]

    def slope_mb_per_hour(self) -> float:
        """Of the straight line through what came once it had settled. 0 with fewer than two samples."""
        if len(settled := self._settled()) < 2:
            return 0.0
        seconds, megabytes = np.array(settled).T
        return float(np.polyfit(seconds, megabytes, 1)[0] * 3600)

    def growth_mb(self) -> float:
        """From the least in the first third to the least in the last one, carried on to the whole time: what comes
        and goes is no growth. 0 with fewer than three samples."""
        settled = [megabytes for _, megabytes in self._settled()]
        third = len(settled) // 3
        return 1.5 * (min(settled[-third:]) - min(settled[:third])) if third else 0.0

    def _settled(self) -> list[tuple[float, float]]:
        later = self.samples[int(len(self.samples) * SETTLED) :]
        return [sample for sample in later if sample[0] >= SETTLED_S]


@dataclass
class Figures:
    """`port`: as received through JACK. `file`: as read back; None if it could not be."""

    blocks: int = 0
    late: Late = field(default_factory=Late)
    restarts: int = 0
    exit_code: int = 0
    port: Notes = field(default_factory=Notes)
    file: Notes | None = None
    file_mb: float = 0.0
    memory: dict[str, Memory] = field(default_factory=dict)  # by the process's name


def faults(figures: Figures) -> list[str]:
    """What is wrong, a line each; nothing: it passed."""
    found = []
    if not figures.blocks:
        found.append("no block was played")
    if figures.late.by_our_fault:
        late = figures.late.by_our_fault
        found.append(f"{late} of {figures.blocks} blocks took longer than they last, by our fault")
    if figures.restarts:
        found.append(f"the engine was restarted {figures.restarts} times")
    if figures.exit_code:
        found.append(f"the host ended with exit code {figures.exit_code}")
    found += _unbalanced("MIDI port", figures.port)
    if figures.file is None:
        found.append("the MIDI file cannot be read")
    else:
        found += _unbalanced("MIDI file", figures.file)
    for name, memory in figures.memory.items():
        allowed = GROWTH_MB + ARENAS_MB + 2 * figures.file_mb
        if memory.growth_mb() > allowed:
            found.append(f"{name} grew by {memory.growth_mb():.1f} MB; expected {allowed:.1f} MB at most")
    return found


def _unbalanced(where: str, notes: Notes) -> list[str]:
    found = []
    if not notes.ons:
        found.append(f"{where}: no note")
    if notes.sounding:
        found.append(f"{where}: {notes.sounding} notes sound at the end")
    if notes.ons != notes.offs or notes.offs_too_many:
        found.append(
            f"{where}: {notes.ons} note-ons, {notes.offs} note-offs, {notes.offs_too_many} of them for no note"
        )
    return found
