"""Names for what is heard and played: keys and chords in Harte's syntax ('C:min', 'G:7', 'N'), as mir_eval reads it,
and runs of equal values as labelled stretches of time.

C. Harte et al., "Symbolic representation of musical chords", ISMIR 2005. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emohost import vocabulary

ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
NOTHING = "N"
SOUNDS = tuple(sound.name for sound in vocabulary.SOUNDS)
QUALITIES = tuple(quality.label for quality in vocabulary.QUALITIES)
NO_CHORD = vocabulary.NO_CHORD
CHORD_CLASSES = vocabulary.CHORD_CLASSES

Integers: TypeAlias = NDArray[np.integer]
Flags: TypeAlias = NDArray[np.bool_] | NDArray[np.integer]


class Segment(NamedTuple):
    """A stretch of time with one label; seconds."""

    start: float
    end: float
    label: str


def chord_label(chord: int) -> str:
    """Label of a chord class with absolute root; 'N' for no chord (60) and unknown (-1). Raises ValueError."""
    if not -1 <= chord < CHORD_CLASSES:
        raise ValueError(f"chord class {chord}; -1 to {CHORD_CLASSES - 1} expected")
    if chord in (-1, NO_CHORD):
        return NOTHING
    if chord > NO_CHORD:
        return f"{ROOTS[chord - NO_CHORD - 1]}:{vocabulary.DIMINISHED.label}"
    root, quality = divmod(chord, len(QUALITIES))
    return f"{ROOTS[root]}:{QUALITIES[quality]}"


def key_label(tonic: int, minor: bool) -> str:
    """'C:maj', 'G:min'; 'N' for unknown (-1). Raises ValueError."""
    if not -1 <= tonic < len(ROOTS):
        raise ValueError(f"tonic {tonic}; -1 to {len(ROOTS) - 1} expected")
    return NOTHING if tonic < 0 else f"{ROOTS[tonic]}:{'min' if minor else 'maj'}"


def sound_segments(starts_s: NDArray[np.float64], end_s: float, sounds: Integers) -> list[Segment]:
    """Kinds of sound over time, by their names in vocabulary.SOUNDS, 'N' for nothing; arrays of one length."""
    return segments(starts_s, end_s, [NOTHING if sound == 0 else SOUNDS[sound] for sound in sounds.tolist()])


def segments(
    starts_s: Sequence[float] | NDArray[np.float64], end_s: float, labels: Sequence[str]
) -> list[Segment]:
    """Merges equal neighbours. Label i holds from starts_s[i] to the next start, the last one to `end_s`."""
    merged: list[Segment] = []
    for number, (start, label) in enumerate(zip(starts_s, labels, strict=True)):
        end = float(starts_s[number + 1]) if number + 1 < len(starts_s) else end_s
        if merged and merged[-1].label == label:
            merged[-1] = merged[-1]._replace(end=end)
        else:
            merged.append(Segment(float(start), end, label))
    return merged


def key_segments(starts_s: NDArray[np.float64], end_s: float, tonic: Integers, minor: Flags) -> list[Segment]:
    """Keys over time; arrays of one length."""
    return segments(starts_s, end_s, [key_label(int(t), bool(m)) for t, m in zip(tonic, minor, strict=True)])


def chord_segments(starts_s: NDArray[np.float64], end_s: float, chords: Integers) -> list[Segment]:
    """Chords over time, from chord classes; arrays of one length."""
    return segments(starts_s, end_s, [chord_label(int(chord)) for chord in chords])
