"""A chord's name as people write it ('Am7', 'Bb', 'F#m7b5', 'C/E', 'C^7', 'N.C.') as one of the chord classes."""

from __future__ import annotations

import re

from emohost import vocabulary

PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
NO_CHORD_NAMES = ("N.C.", "NC", "N.C", "N", "n", "x")
NAME = re.compile(r"([A-G])([#b♯♭]?)([^/]*)(?:/([A-G])([#b♯♭]?))?$")
QUALITIES = [quality.label for quality in vocabulary.QUALITIES]
DIMINISHED = re.compile(r"(dim|o|°|m7b5|min7b5|-7b5|h|ø)")
# What follows a root, in order: the first that fits says the quality. The band knows triads, sevenths and no more: what
# stands above a seventh is left out.
SUFFIXES = (
    (re.compile(r"(maj7|maj9|maj13|ma7|ma9|M7|M9|\^|Δ)"), "maj7"),
    (re.compile(r"(maj|major|M)(?!\d)"), "maj"),
    (re.compile(r"(m|mi|min|-)(maj|ma|M|\^|Δ)"), "min"),
    (re.compile(r"(m|mi|min|-)(6|add|$|\(|sus)"), "min"),
    (re.compile(r"(m|mi|min|-)(7|9|11|13)"), "min7"),
    (re.compile(r"(6|69|add\d+|sus[24]?$|2$|4$|5$|\+$|aug$|\(add\d+\)|$)"), "maj"),
    (re.compile(r"(7|9|11|13)"), "7"),
)


def chord_class(name: str) -> int | None:
    """The class (0 to 63, absolute root) of a chord's name; None where it is no chord's name. A bass after a slash
    must be a note and changes nothing: the band's bass chooses its own."""
    if name in NO_CHORD_NAMES:
        return vocabulary.NO_CHORD
    found = NAME.fullmatch(name)
    if not found:
        return None
    letter, accidental, suffix = found[1], found[2], found[3]
    root = (PITCH_CLASSES[letter] + ACCIDENTALS[accidental]) % 12
    if DIMINISHED.match(suffix):
        return vocabulary.NO_CHORD + 1 + root % 3
    for pattern, quality in SUFFIXES:
        if pattern.match(suffix):
            return root * len(QUALITIES) + QUALITIES.index(quality)
    return None
