"""A piece to be played to the host: its notes, and what is true of it (chords, keys, bars), in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from emohost.labels import Segment

Note = tuple[float, float, int, int, int]
"""Seconds at which it begins and ends, MIDI pitch, velocity, channel."""

MELODY, CHORDS, BASS = 0, 1, 2
LEAD_PROGRAMS = (0, 11, 24, 40, 56, 65, 68, 71, 73, 80)
COMPING_PROGRAMS = (0, 0, 4, 5, 6, 16, 24, 25, 26, 46, 48, 50)
BASS_PROGRAMS = (32, 33, 34, 0)


@dataclass(frozen=True)
class Piece:
    """Chord labels are Harte's, key labels 'C:maj' or 'A:min'; `bars` are the seconds at which bars begin. `tempo` is
    that of a steady piece, None where it moves."""

    name: str
    notes: list[Note]
    programs: dict[int, int]
    chords: list[Segment]
    keys: list[Segment]
    bars: list[float]
    seconds: float
    tempo: float | None = None
    breaks: list[int] = field(default_factory=list)
    """Bars in which a loop is left."""

    @property
    def modulations(self) -> list[float]:
        return [key.start for key in self.keys[1:]]
