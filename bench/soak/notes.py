"""Whether every note that began also ended, at one destination of the MIDI."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass
class Notes:
    """From the first to the last message."""

    ons: int = 0
    offs: int = 0
    offs_too_many: int = 0  # for notes that were not on
    sounding: int = 0  # now

    def __str__(self) -> str:
        return f"{self.ons} on, {self.offs} off, {self.sounding} sounding"


class NoteCounter:
    """One thread."""

    def __init__(self) -> None:
        self.notes = Notes()
        self._on: Counter[tuple[int, int]] = Counter()  # (channel, note)

    def enter(self, data: bytes) -> None:
        """One MIDI message of any kind."""
        kind, key = data[0] & 0xF0, (data[0] & 0x0F, data[1] if len(data) > 1 else 0)
        if kind == 0x90 and data[2]:
            self.notes.ons += 1
            self._on[key] += 1
        elif kind in (0x80, 0x90):
            self.notes.offs += 1
            self.notes.offs_too_many += not self._on[key]
            self._on[key] = max(0, self._on[key] - 1)
        self.notes.sounding = self._on.total()
