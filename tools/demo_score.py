"""The two pieces of the demo, note by note, and how they are laid on one grid of sixteenths.

A voice is a list of bars; a bar is notes `pitch:length` in sixteenths, chords joined by `+`, `r` a rest. Both
compositions are in the public domain (Mozart died in 1791, Bach in 1750); this encoding is part of emohost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TEMPO = 132.0  # of the grid, in beats per minute
STEPS_PER_BAR = 16
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# W. A. Mozart, Sonata in C major, K. 545 (1788), first movement, bars 1 to 12. Allegro, crotchet = 132.
MOZART = {
    "right hand": [
        "C5:8 E5:4 G5:4",
        "B4:6 C5:1 D5:1 C5:4 r:4",
        "A5:8 G5:4 C6:4",
        "G5:4 F5:2 E5:1 F5:1 E5:4 r:4",
        "A4:2 B4:1 C5:1 D5:1 E5:1 F5:1 G5:1 A5:1 G5:1 F5:1 E5:1 D5:1 C5:1 B4:1 A4:1",
        "G4:2 A4:1 B4:1 C5:1 D5:1 E5:1 F5:1 G5:1 F5:1 E5:1 D5:1 C5:1 B4:1 A4:1 G4:1",
        "F4:2 G4:1 A4:1 B4:1 C5:1 D5:1 E5:1 F5:1 E5:1 D5:1 C5:1 B4:1 A4:1 G4:1 F4:1",
        "E4:2 F4:1 G4:1 A4:1 B4:1 C5:1 D5:1 E5:1 D5:1 C5:1 B4:1 A4:1 G4:1 F4:1 E4:1",
        "D4:2 E4:1 F4:1 G4:1 A4:1 B4:1 C#5:1 D5:1 A4:1 B4:1 C#5:1 D5:1 E5:1 F5:1 G5:1",
        "A5:1 B5:1 C6:1 B5:1 A5:1 G5:1 F5:1 E5:1 F5:1 G5:1 A5:1 G5:1 F5:1 E5:1 D5:1 C5:1",
        "B4:2 G5:2 E5:2 C5:2 D5:2 G5:2 E5:2 C5:2",
        "D5:4 B4+D5+G5:4 G4:4 r:4",
    ],
    "left hand": [
        "C4:2 G4:2 E4:2 G4:2 C4:2 G4:2 E4:2 G4:2",
        "D4:2 G4:2 F4:2 G4:2 C4:2 G4:2 E4:2 G4:2",
        "C4:2 A4:2 F4:2 A4:2 C4:2 G4:2 E4:2 G4:2",
        "B3:2 G4:2 D4:2 G4:2 C4:2 G4:2 E4:2 G4:2",
        "F4:4 r:8 F3+C4:4",
        "E3+C4:4 r:8 E3+C4:4",
        "D3+B3:4 r:8 D3+B3:4",
        "C3+C4:4 r:8 C3+E3:4",
        "F3+A3:16",
        "F3:6 G3:2 A3:6 F#3:2",
        "G2:1 B2:1 D3:1 G3:1 G2:1 C3:1 E3:1 G3:1 G2:1 B2:1 D3:1 G3:1 G2:1 C3:1 E3:1 G3:1",
        "G2:4 G3:4 G2:4 r:4",
    ],
}

# J. S. Bach, chorale "O grosse Lieb" from the St John Passion, BWV 245 no. 3 (1724), in G minor: first and
# last line (upbeat and bars 1 to 3, upbeat and bars 10 and 11). Crotchet = 66, so that a sixteenth of the
# chorale is an eighth of the grid; the fermata holds the last chord for a whole bar of the chorale.
BACH = {
    "soprano": [
        "r:4 G4:4",
        "G4:4 G4:4 F#4:4 D4:4",
        "G4:4 A4:4 Bb4:4 Bb4:4",
        "C5:4 Bb4:4 A4:4 D5:4",
        "C5:4 Bb4:2 A4:2 A4:8",
        "G4:16",
    ],
    "alto": [
        "r:4 D4:4",
        "Eb4:2 D4:2 C4:4 D4:4 A3:4",
        "D4:2 E4:2 F#4:4 G4:4 G4:4",
        "A4:4 G4:4 F#4:4 Bb4:4",
        "A4:4 G4:4 G4:4 F#4:4",
        "D4:16",
    ],
    "tenor": [
        "r:4 Bb3:4",
        "Bb3:4 A3:2 G3:2 A3:4 F#3:4",
        "G3:4 C4:4 D4:4 D4:4",
        "Eb4:4 D4:4 D4:4 F4:4",
        "Eb4:4 D4:4 E4:4 D4:2 C4:2",
        "B3:16",
    ],
    "bass": [
        "r:4 G3:4",
        "C3:2 D3:2 Eb3:4 D3:4 C3:4",
        "Bb2:4 A2:4 G2:4 G3:4",
        "F#3:4 G3:4 D3:4 Bb2:4",
        "F#2:2 F#3:2 G3:4 C#3:4 D3:4",
        "G2:16",
    ],
}
MOZART_BARS = 12
BACH_START = MOZART_BARS * STEPS_PER_BAR  # the upbeat follows half a bar of rest, so bar lines and grid agree
BACH_STRETCH = 2


@dataclass(frozen=True)
class ScoreNote:
    """One note of a voice: start and length in sixteenths of the grid, MIDI pitch."""

    voice: str
    start: int
    length: int
    pitch: int


def midi_pitch(name: str) -> int:
    """'Bb4' -> 70, with C4 = 60."""
    match = re.fullmatch(r"([A-G])([#b]?)(-?\d)", name)
    if match is None:
        raise ValueError(f"{name!r} is not a pitch")
    letter, accidental, octave = match.groups()
    return PITCH_CLASSES[letter] + {"": 0, "#": 1, "b": -1}[accidental] + 12 * (int(octave) + 1)


def read_voice(voice: str, bars: list[str], start: int, stretch: int) -> list[ScoreNote]:
    """The notes of one voice whose first bar begins at sixteenth `start` of the grid."""
    notes, at = [], start
    for bar in bars:
        for token in bar.split():
            names, length = token.split(":")
            if names != "r":
                for name in names.split("+"):
                    notes.append(ScoreNote(voice, at, int(length) * stretch, midi_pitch(name)))
            at += int(length) * stretch
    return notes


def score() -> list[ScoreNote]:
    """All notes of the demo, in order of time."""
    notes = [note for voice, bars in MOZART.items() for note in read_voice(voice, bars, 0, 1)]
    notes += [
        note for voice, bars in BACH.items() for note in read_voice(voice, bars, BACH_START, BACH_STRETCH)
    ]
    return sorted(notes, key=lambda note: (note.start, note.voice, note.pitch))
