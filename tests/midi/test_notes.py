"""Notes from events: each from its note-on to its note-off, and none forgotten."""

from __future__ import annotations

from emohost.midi.notes import Note, notes_of, unbalanced

ON, OFF = 0x90, 0x80


def test_notes_end_where_they_are_ended() -> None:
    """By a note-off, by a note-on of velocity 0, by being struck again, or by the end."""
    events = [
        (0.0, bytes([ON, 60, 90]), 0),
        (0.1, bytes([ON | 2, 60, 80]), 2),
        (0.5, bytes([OFF, 60, 0]), 0),
        (0.6, bytes([ON, 62, 70]), 0),
        (0.7, bytes([0xC0, 5]), 0),
        (0.8, bytes([ON, 62, 60]), 0),
        (0.9, bytes([ON, 62, 0]), 0),
    ]
    assert notes_of(events, 2.0) == [
        Note(0.0, 0.5, 60, 90, 0, 0),
        Note(0.1, 2.0, 60, 80, 2, 2),
        Note(0.6, 0.8, 62, 70, 0, 0),
        Note(0.8, 0.9, 62, 60, 0, 0),
    ]


def test_what_is_left_on_is_found() -> None:
    """A note without an end, and an end without a note, are told; a balanced list has neither."""
    balanced = [(0.0, bytes([ON, 60, 90]), 0), (0.5, bytes([OFF, 60, 0]), 0)]
    assert unbalanced(balanced) == []
    assert unbalanced(balanced[:1]) == [(0, 60)]
    assert unbalanced(balanced[1:]) == [(0, 60)]
    assert unbalanced([*balanced, (1.0, bytes([ON | 9, 35, 1]), 3)]) == [(9, 35)]
