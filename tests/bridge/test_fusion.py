"""Fusion: precision weighting is the closed form, in any order; the tracker keeps its bounds at any spacing of time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.fusion import (
    MEMORY_S,
    SPREAD,
    VARIANCE_LEAST,
    VARIANCE_MOST,
    Observation,
    Tracker,
    fuse,
)

means = st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(np.array)
variances = st.tuples(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3)).map(np.array)
observations = st.builds(Observation, means, variances)
steps = st.lists(st.tuples(st.floats(-5, 1e4), st.none() | observations), max_size=30)


@given(st.lists(observations, min_size=1, max_size=8))
def test_fusing_is_the_closed_form(seen: list[Observation]) -> None:
    mean, variance = np.array([each.mean for each in seen]), np.array([each.variance for each in seen])
    fused = fuse(seen)
    total = (1 / variance).sum(axis=0)
    np.testing.assert_allclose(fused.mean, (mean / variance).sum(axis=0) / total, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(fused.variance, np.maximum(1 / total, VARIANCE_LEAST), rtol=1e-12)


@given(st.lists(observations, min_size=1, max_size=8), st.randoms())
def test_the_order_of_signals_does_not_matter(seen: list[Observation], random: object) -> None:
    shuffled = list(seen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = fuse(seen), fuse(shuffled)
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.variance, other.variance)


@given(observations, observations)
def test_the_surer_signal_weighs_more_and_no_signal_makes_less_sure(a: Observation, b: Observation) -> None:
    fused = fuse([a, b])
    for axis in (0, 1):
        near, far = sorted((a, b), key=lambda each: each.variance[axis])
        to_near, to_far = (abs(fused.mean[axis] - each.mean[axis]) for each in (near, far))
        assert to_near <= to_far + 1e-9
        assert fused.variance[axis] <= near.variance[axis]


@given(steps)
def test_the_state_stays_in_its_bounds_whatever_is_seen_and_whenever(
    track: list[tuple[float, Observation | None]],
) -> None:
    tracker = Tracker()
    for seconds, seen in track:
        tracker.advance(seconds)
        if seen is not None:
            tracker.update(seen)
        assert (np.abs(tracker.mean) <= 1).all()
        assert (tracker.variance <= SPREAD**2 + 1e-12).all()
        assert (tracker.variance > 0).all()
        assert 0 <= tracker.confidence <= 1


@given(observations, st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_time_in_pieces_is_time_in_one(seen: Observation, pieces: list[float]) -> None:
    one, other = Tracker(), Tracker()
    for tracker in (one, other):
        tracker.update(seen)
    one.advance(sum(pieces))
    for piece in pieces:
        other.advance(piece)
    np.testing.assert_allclose(one.mean, other.mean, atol=1e-9)
    np.testing.assert_allclose(one.variance, other.variance, atol=1e-9)


def test_one_update_is_bayes() -> None:
    """Normal prior, normal likelihood."""
    tracker = Tracker()
    tracker.update(Observation(np.array([0.4, -0.2]), np.array([0.1, 0.5])))
    precision = 1 / SPREAD**2 + 1 / np.array([0.1, 0.5])
    np.testing.assert_allclose(tracker.variance, 1 / precision)
    np.testing.assert_allclose(tracker.mean, np.array([0.4, -0.2]) / np.array([0.1, 0.5]) / precision)


def test_what_is_not_heard_of_again_fades_to_neutral() -> None:
    tracker = Tracker()
    tracker.update(Observation(np.array([0.5, 0.5]), np.array([0.01, 0.01])))
    before = tracker.mean.copy()
    tracker.advance(MEMORY_S)
    np.testing.assert_allclose(tracker.mean, before / math.e)
    tracker.advance(100 * MEMORY_S)
    np.testing.assert_allclose(tracker.mean, 0, atol=1e-12)
    np.testing.assert_allclose(tracker.variance, SPREAD**2)


def test_what_cannot_be_the_same_feeling_starts_anew() -> None:
    sure = np.full(2, 0.02)
    tracker = Tracker()
    tracker.update(Observation(np.array([0.8, 0.0]), sure))
    tracker.advance(0.1)
    tracker.update(Observation(np.array([-0.8, 0.0]), sure))
    assert tracker.mean[0] < -0.7


def test_the_tracker_follows_a_moving_state_better_than_any_single_reading() -> None:
    """A state that drifts as the model says, seen at irregular times: the root mean square error is below that of the
    readings, and 95 % intervals hold the state about that often."""
    random = np.random.default_rng(4)
    errors, raw, inside = [], [], []
    for _ in range(40):
        tracker, state = Tracker(), random.normal(0, SPREAD, 2)
        for _ in range(40):
            seconds = random.exponential(2.0)
            left = math.exp(-seconds / MEMORY_S)
            state = state * left + random.normal(0, SPREAD * math.sqrt(1 - left**2), 2)
            tracker.advance(seconds)
            variance = random.uniform(0.05, 0.3, 2)
            reading = state + random.normal(0, 1, 2) * np.sqrt(variance)
            tracker.update(Observation(reading, variance))
            errors.append((tracker.mean - np.clip(state, -1, 1)) ** 2)
            raw.append((reading - state) ** 2)
            inside.append(np.abs(tracker.mean - state) < 1.96 * np.sqrt(tracker.variance))
    assert np.mean(errors) < 0.6 * np.mean(raw)
    assert 0.85 < np.mean(inside) < 0.99


@pytest.mark.parametrize("hertz", [0.5, 2, 20])
def test_a_signal_read_more_often_says_no_more(hertz: float) -> None:
    """Errors of a sensor last: its readings at 20 Hz must not drown the others."""
    tracker = Tracker()
    seen = Observation(np.array([0.0, 0.6]), np.array([25.0, 0.1]))
    for _ in range(int(60 * hertz)):
        tracker.advance(1 / hertz)
        tracker.update(seen.at_pace(1 / hertz, 10.0))
    reference = Tracker()
    for _ in range(6):
        reference.advance(10.0)
        reference.update(seen)
    assert tracker.mean[1] == pytest.approx(reference.mean[1], abs=0.12)
    assert tracker.variance[1] > VARIANCE_LEAST


@pytest.mark.parametrize(
    ("mean", "variance"),
    [([np.nan, 0], [1, 1]), ([0, np.inf], [1, 1]), ([0, 0], [0, 1]), ([0, 0], [1, np.nan])],
)
def test_what_is_no_observation_is_refused(mean: list[float], variance: list[float]) -> None:
    with pytest.raises(ValueError, match="variance"):
        Observation(np.array(mean, float), np.array(variance, float))


@given(observations)
def test_variances_are_held_in_bounds(seen: Observation) -> None:
    assert (seen.variance >= VARIANCE_LEAST).all()
    assert (seen.variance <= VARIANCE_MOST).all()
