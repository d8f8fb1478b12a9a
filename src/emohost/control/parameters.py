"""What can be set while the host plays, and within which limits."""

from __future__ import annotations

import difflib
from functools import reduce
from typing import TYPE_CHECKING, Any

from emohost.errors import ControlError
from emohost.vocabulary import PARAMETERS, Parameter

if TYPE_CHECKING:
    from emohost.config.schema import Rig

BY_NAME: dict[str, Parameter] = {each.name: each for each in PARAMETERS}
RANGES: dict[str, tuple[float, float]] = {each.name: (each.low, each.high) for each in PARAMETERS}
SWITCH = ("off", "on")
FELT = {"valence": (-1.0, 1.0), "arousal": (-1.0, 1.0), "weight": (0.0, 1.0), "seconds": (0.0, 1e6)}
"""Limits of what a person or program says is felt, its weight, and for how long."""
OWN_STYLE = BY_NAME["style"].choices[-1]


def checked(name: object, value: object) -> tuple[str, float]:
    """The pair, if it can be set. Raises ControlError saying what was found and what is allowed."""
    if not isinstance(name, str) or name not in BY_NAME:
        near = difflib.get_close_matches(str(name), BY_NAME, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(BY_NAME)}"
        raise ControlError(f"there is no parameter {name!r}; {hint}")
    parameter = BY_NAME[name]
    words = SWITCH if parameter.kind == "switch" else parameter.choices
    if isinstance(value, str) and words:
        if value not in words:
            raise ControlError(f"{name}: found {value!r}; expected one of {', '.join(words)}")
        return name, float(words.index(value))
    if parameter.kind == "switch" and isinstance(value, bool):
        value = float(value)
    found = number(name, value, parameter.low, parameter.high)
    if parameter.kind in ("choice", "whole") and not found.is_integer():
        expected = f"one of {', '.join(words)}" if words else "a whole number"
        raise ControlError(f"{name}: found {value!r}; expected {expected}")
    return name, found


def number(name: str, value: object, low: float, high: float) -> float:
    """Raises ControlError if it is none within these limits."""
    # A truth is no number, though Python takes it for one. NaN is not within them, and no integer is too large.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ControlError(f"{name}: found {value!r}; expected a number from {low:g} to {high:g}")
    return float(value)


def shown(name: str, value: float) -> str:
    """As people read and write it: 'off', 'answer', '0.6'."""
    parameter = BY_NAME[name]
    if parameter.kind == "choice":
        return parameter.choices[round(value)]
    if parameter.kind == "switch" and value in (0.0, 1.0):
        return SWITCH[round(value)]
    return f"{value:g}"


def glides(name: str) -> bool:
    """Whether there is anything between two values."""
    return BY_NAME[name].kind == "number"


def configured(rig: Rig) -> dict[str, float]:
    """What each is at the start of a run of this rig."""
    return {each.name: _configured(rig, each) for each in PARAMETERS}


def absent(rig: Rig) -> dict[tuple[str, float], str]:
    """Values that a run of this rig does not have, and why."""
    own = float(len(BY_NAME["style"].choices) - 1)
    if configured(rig)["style"] == own:
        return {}
    return {("style", own): "expected a style that is there: the rig's music.style names no file"}


def _configured(rig: Rig, parameter: Parameter) -> float:
    if parameter.key is None:
        return float(parameter.default)
    value: Any = reduce(getattr, parameter.key.split("."), rig)
    if parameter.name == "style" and value not in parameter.choices:
        value = OWN_STYLE  # a path
    return checked(parameter.name, value)[1]
