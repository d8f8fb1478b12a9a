"""Takes the parts of a human emotional input that a consent allows, and says why it leaves others out.

Every part is optional:

    {"text": "...",
     "biofeedback": {"heart_rate": 75.0, "gsr": 0.4, "eeg_alpha": 0.6},   beats a minute; see mappings.py for the others
     "voice": {"tone": 0.3, "intensity": 0.5},                            0 to 1
     "affect": {"valence": 0.4, "arousal": -0.2},                         what the person says, -1 to 1
     "intent": {"type": "creation"},                                      intent.py
     "consent": ...}                                                      framework.py

A value that is no number, or that no sensor can mean, is left out and named; it never reaches a message. Pure.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from emohost.errors import EmohostError

PARTS = ("text", "biofeedback", "voice", "affect", "intent", "consent")


class SignalError(EmohostError):
    """The input is no mapping of parts."""


@dataclass(frozen=True)
class Field:
    """A number of the input."""

    part: str
    key: str
    scope: str  # the signal of consent.SIGNALS that covers it
    low: float
    high: float  # beyond these, no working sensor


# By the name that results use. The bounds are those of what is possible, not of what is usual.
FIELDS: dict[str, Field] = {
    "heart_rate": Field("biofeedback", "heart_rate", "heart_rate", 25, 240),
    "gsr": Field("biofeedback", "gsr", "gsr", 0, 100),
    "eeg_alpha": Field("biofeedback", "eeg_alpha", "eeg_alpha", 0, 1),
    "voice_tone": Field("voice", "tone", "voice", 0, 1),
    "voice_intensity": Field("voice", "intensity", "voice", 0, 1),
    "affect_valence": Field("affect", "valence", "affect", -1, 1),
    "affect_arousal": Field("affect", "arousal", "affect", -1, 1),
}

Numbers: TypeAlias = dict[str, float]


@dataclass
class Signals:
    """What may be used of one input."""

    text: str | None = None
    numbers: Numbers = field(default_factory=dict)  # by the names of FIELDS
    left_out: dict[str, str] = field(default_factory=dict)  # name or part: why, without any value
    offered: int = 0  # signals in the input, used or not
    denied: int = 0  # of these: consent does not cover them


def parts_of(human_emotional_input: object) -> Mapping[str, Any]:
    """Raises SignalError if it is no mapping. Looks into nothing."""
    if not isinstance(human_emotional_input, Mapping):
        kind = type(human_emotional_input).__name__
        raise SignalError(f"human emotional input: found {kind}; expected a mapping of {', '.join(PARTS)}")
    return human_emotional_input


def take(parts: Mapping[str, Any], allowed: Collection[str]) -> Signals:
    """The signals of `parts` that `allowed` (names of consent.SIGNALS) covers. Never raises for what a part holds."""
    taken = Signals()
    _unknown(parts, PARTS, "", taken)
    if (text := parts.get("text")) is not None:
        taken.offered += 1
        if "text" not in allowed:
            _deny("text", taken)
        elif not isinstance(text, str):
            taken.left_out["text"] = f"found {type(text).__name__}; expected text"
        else:
            taken.text = text
    for part in ("biofeedback", "voice", "affect"):
        _take_part(part, parts.get(part), allowed, taken)
    return taken


def _take_part(part: str, values: object, allowed: Collection[str], taken: Signals) -> None:
    if values is None:
        return
    fields = {name: each for name, each in FIELDS.items() if each.part == part}
    if not isinstance(values, Mapping):
        taken.offered += 1
        if not any(each.scope in allowed for each in fields.values()):
            _deny(part, taken)
            return
        taken.left_out[part] = f"found {type(values).__name__}; expected a mapping"
        return
    _unknown(values, [each.key for each in fields.values()], f"{part}.", taken)
    for name, each in fields.items():
        if each.key not in values or values[each.key] is None:
            continue
        taken.offered += 1
        if each.scope not in allowed:
            _deny(name, taken)
        elif reason := _no_reading(values[each.key], each):
            taken.left_out[name] = reason
        else:
            taken.numbers[name] = float(values[each.key])


def _deny(name: str, taken: Signals) -> None:
    taken.denied += 1
    taken.left_out[name] = "no consent"


def _no_reading(value: object, wanted: Field) -> str | None:
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        return "no number"
    if not wanted.low <= number <= wanted.high:
        return f"absurd: outside of {wanted.low:g} to {wanted.high:g}"
    return None


def _unknown(values: Mapping[Any, Any], known: Collection[str], prefix: str, taken: Signals) -> None:
    """Names the part that was perhaps meant, not the key itself: whatever it holds, nobody has consented to it."""
    for number, key in enumerate(key for key in values if key not in known):
        close = difflib.get_close_matches(str(key), known, n=1)
        meant = f"; was '{prefix}{close[0]}' meant?" if close else ""
        taken.left_out[f"{prefix}unknown part {number + 1}"] = f"expected one of {', '.join(known)}{meant}"
