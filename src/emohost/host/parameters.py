"""What can be set while the host plays, and within which limits."""

from __future__ import annotations

import difflib
import math

from emohost.errors import ControlError

RANGES: dict[str, tuple[float, float]] = {
    "tempo": (20, 300),  # beats per minute
    "density": (0, 2),
    "velocity": (0, 2),
    "transpose": (-24, 24),  # semitones
    "melody_enabled": (0, 1),
    "chords_enabled": (0, 1),
    "bass_enabled": (0, 1),
    "drums_enabled": (0, 1),
    "accents_enabled": (0, 1),
    "emotion_weight": (0, 1),
}


def checked(name: object, value: object) -> tuple[str, float]:
    """The pair, if it can be set. Raises ControlError saying what was found and what is allowed."""
    if not isinstance(name, str) or name not in RANGES:
        near = difflib.get_close_matches(str(name), RANGES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(RANGES)}"
        raise ControlError(f"there is no parameter {name!r}; {hint}")
    low, high = RANGES[name]
    if isinstance(value, bool):
        value = float(value)
    if not isinstance(value, (int, float)) or not math.isfinite(value) or not low <= value <= high:
        raise ControlError(f"{name}: found {value!r}; expected a number from {low:g} to {high:g}")
    return name, float(value)
