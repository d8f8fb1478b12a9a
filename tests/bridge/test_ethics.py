"""Steering is bounded in range and in rate, whatever is asked, at any spacing of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.ethics import AROUSAL, BURST, PER_S, VALENCE, Steering

wishes = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-5, 60)), max_size=15)


@given(wishes)
def test_range_and_rate_hold_over_every_stretch_of_time(asked: list[tuple[float, float, float]]) -> None:
    steering, now_s = Steering(), 0.0
    path = [(asked[0][2] if asked else 0.0, 0.0)]
    for valence, arousal, seconds in asked:
        now_s += seconds
        left = steering.leave(valence, arousal, now_s)
        assert VALENCE[0] <= left[0] <= VALENCE[1]
        assert AROUSAL[0] - 1e-9 <= left[1] <= AROUSAL[1] + 1e-9
        path.append((max(now_s, path[-1][0]), left[1]))
    for first in range(len(path)):
        travelled = 0.0
        for (_, before), (then_s, after) in zip(path[first:], path[first + 1 :], strict=False):
            travelled += abs(after - before)
            assert travelled <= BURST + PER_S * (then_s - path[first][0]) + 1e-6


def test_a_body_and_its_music_cannot_run_away_with_each_other() -> None:
    """Each step asks for more than the last one gave."""
    steering, arousal = Steering(), 0.1
    for second in range(600):
        _, arousal = steering.leave(0.0, 2 * arousal + 0.1, float(second))
    assert arousal == pytest.approx(AROUSAL[1])


def test_what_is_within_bounds_leaves_as_it_is_and_the_rest_comes_in_time() -> None:
    steering = Steering()
    assert steering.leave(0.3, 0.7, 0.0) == (0.3, 0.7)
    _, held = steering.leave(0.3, -0.5, 1.0)
    assert held == pytest.approx(0.7 - (BURST - 0.7 + PER_S))
    for second in range(2, 20):
        _, held = steering.leave(0.3, -0.5, float(second))
    assert held == pytest.approx(-0.5)


def test_what_is_no_number_does_not_leave() -> None:
    for point in ((float("nan"), 0.0), (0.0, float("nan"))):
        with pytest.raises(ValueError, match="NaN"):
            Steering().leave(*point, 0.0)
