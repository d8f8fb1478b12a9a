"""The notation of a line: a character a sixteenth, bars and beats divided by '|' for reading.

`X...|....|X.x.|....` is struck hard on the one and the three. Spaces and bar lines mean nothing; `written` sets them.
"""

from __future__ import annotations

from emohost.errors import ConfigError

STEPS_PER_BEAT = 4
MOST_STEPS = 32  # of a line (ext/core/music/styles/style.h)
RESTS = ".-"

DRUMS = {
    "X": "accented",
    "x": "struck",
    "o": "soft, a ghost note",
    "?": "struck the likelier the livelier it is",
    ".": "nothing",
}
CHORDS = {
    "X": "accented",
    "x": "struck",
    "o": "soft",
    "?": "struck the likelier the livelier it is",
    ">": "struck, on the chord of the next beat where that is foreseen",
    "-": "held",
    ".": "silent",
}
BASS = {
    "R": "root",
    "r": "root, the likelier the livelier it is",
    "3": "third",
    "5": "fifth",
    "7": "seventh",
    "8": "octave",
    "a": "leads to the root of the next beat, where that is another; else the fifth",
    "-": "held",
    ".": "silent",
}


class NotationError(ConfigError):
    """What was found in a line, and what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found, self.expected = found, expected


def read(text: str, marks: dict[str, str]) -> str:
    """The line's characters, one a sixteenth. Raises NotationError."""
    steps = []
    for place, character in enumerate(text, 1):
        if character in marks:
            steps.append(character)
        elif character not in "| ":
            raise NotationError(
                f"'{character}' as character {place} of '{text}'",
                f"a character of {' '.join(marks)}, with | between beats",
            )
    if not steps:
        raise NotationError("an empty line", "a character a sixteenth")
    return "".join(steps)


def read_bars(text: str, marks: dict[str, str], beats: int) -> str:
    """Of a line that is one bar or two. Raises NotationError."""
    steps, bar = read(text, marks), beats * STEPS_PER_BEAT
    if len(steps) != bar and not (len(steps) == 2 * bar <= MOST_STEPS):
        two = f" or {2 * bar} (two)" if 2 * bar <= MOST_STEPS else ""
        raise NotationError(f"{len(steps)} sixteenths", f"{bar} (a bar of {beats} beats){two}")
    return steps


def written(steps: str, beats: int) -> str:
    """The line for people: '|' between beats, '||' between bars."""
    bar = beats * STEPS_PER_BEAT
    bars = [steps[at : at + bar] for at in range(0, len(steps), bar)]
    return " || ".join(
        "|".join(each[at : at + STEPS_PER_BEAT] for at in range(0, len(each), STEPS_PER_BEAT))
        for each in bars
    )
