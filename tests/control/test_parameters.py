"""What can be set while playing: every parameter the engine knows, within its range, nothing else."""

from __future__ import annotations

import pytest

from emohost._core import PARAMETERS
from emohost.control.parameters import RANGES, checked
from emohost.errors import ControlError


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


def test_a_way_to_listen_is_said_by_its_name_or_its_number() -> None:
    assert checked("listen", "answer") == ("listen", 1.0)
    assert checked("listen", 2) == ("listen", 2.0)
    for wrong in ("loudly", 0.5):
        with pytest.raises(
            ControlError, match=f"listen: found {wrong!r}; expected one of follow, answer, lead"
        ):
            checked("listen", wrong)
