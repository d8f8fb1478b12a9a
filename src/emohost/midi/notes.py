"""Notes, from the MIDI events that start and end them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Note(NamedTuple):
    """A note that sounded: seconds, MIDI pitch and velocity, channel 0-15, part (ext/core/music/parts.h)."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    part: int


def notes_of(events: Iterable[tuple[float, bytes, int]], end_s: float) -> list[Note]:
    """Pairs note-ons with note-offs, in order of their starts.

    events: (seconds, MIDI bytes, part) in order of time. A note that is struck again ends there; one that is
    never ended lasts until `end_s`. Any thread.
    """
    notes: list[Note] = []
    sounding: dict[tuple[int, int], int] = {}
    for time_s, data, part in events:
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        if kind not in (0x80, 0x90):
            continue
        started = sounding.pop((channel, data[1]), None)
        if started is not None:
            notes[started] = notes[started]._replace(end=time_s)
        if kind == 0x90 and data[2] > 0:
            sounding[channel, data[1]] = len(notes)
            notes.append(Note(time_s, end_s, data[1], data[2], channel, part))
    return notes


def unbalanced(events: Iterable[tuple[float, bytes, int]]) -> list[tuple[int, int]]:
    """(channel, pitch) of notes that are still on after the last event, or were ended without being on."""
    sounding: set[tuple[int, int]] = set()
    wrong: set[tuple[int, int]] = set()
    for _, data, _ in events:
        kind, note = data[0] & 0xF0, (data[0] & 0x0F, data[1] if len(data) > 1 else 0)
        if kind == 0x90 and data[2] > 0:
            sounding.add(note)
        elif kind in (0x80, 0x90):
            if note not in sounding:
                wrong.add(note)
            sounding.discard(note)
    return sorted(sounding | wrong)
