"""What can be set while playing: every parameter the engine knows, within its range, nothing else."""

from __future__ import annotations

import pytest

from emohost._core import PARAMETERS
from emohost.errors import ControlError
from emohost.host.parameters import RANGES, checked


def test_exactly_the_engines_parameters_can_be_set() -> None:
    assert set(RANGES) == set(PARAMETERS)


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_the_range_are_allowed_and_beyond_is_not(name: str) -> None:
    low, high = RANGES[name]
    assert checked(name, low) == (name, low)
    assert checked(name, high) == (name, high)
    for beyond in (low - 0.01, high + 0.01):
        with pytest.raises(ControlError, match=rf"{name}: found .*expected a number from {low} to {high}"):
            checked(name, beyond)


@pytest.mark.parametrize("value", ["90", None, [], float("nan"), float("inf"), {}])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ControlError, match="expected a number"):
        checked("tempo", value)


def test_on_and_off_may_be_said_as_such() -> None:
    assert checked("drums_enabled", True) == ("drums_enabled", 1.0)


@pytest.mark.parametrize(
    ("name", "hint"), [("tmpo", "did you mean 'tempo'"), ("x", "expected one of"), (None, "expected")]
)
def test_an_unknown_name_gets_the_nearest_one(name: object, hint: str) -> None:
    with pytest.raises(ControlError, match=hint):
        checked(name, 1)
