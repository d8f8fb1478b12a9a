"""A step can be evaluated without being taken: what every block of the host relies on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import Layer, RandomNetwork, conv1d, conv2d, gru, lstm, networks

from emohost import _core


def steps(random: np.random.Generator, count: int, inputs: int) -> np.ndarray:
    return random.uniform(-1, 1, (count, inputs)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(networks(), st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_evaluating_any_number_of_times_changes_nothing_that_is_committed(
    network: RandomNetwork, evaluations: list[int]
) -> None:
    inputs, layers, random = network
    x = steps(random, len(evaluations), inputs)
    expected = _core.Model(inputs, layers).process(x)
    model = _core.Model(inputs, layers)
    for step, others in enumerate(evaluations):
        for _ in range(others):
            model.evaluate(steps(random, 1, inputs)[0])  # something else, not committed
        once = model.evaluate(x[step])
        assert np.array_equal(model.evaluate(x[step]), once)
        assert np.array_equal(once, expected[step])
        model.commit()


@settings(max_examples=40, deadline=None)
@given(networks())
def test_commit_without_an_evaluation_does_nothing(network: RandomNetwork) -> None:
    inputs, layers, random = network
    x = steps(random, 6, inputs)
    expected = _core.Model(inputs, layers).process(x)
    model = _core.Model(inputs, layers)
    model.commit()
    for step in range(6):
        assert np.array_equal(model.evaluate(x[step]), expected[step])
        model.commit()
        model.commit()
        model.commit()


@settings(max_examples=40, deadline=None)
@given(networks())
def test_reset_is_the_state_before_the_first_step(network: RandomNetwork) -> None:
    inputs, layers, random = network
    x = steps(random, 8, inputs)
    model = _core.Model(inputs, layers)
    first = model.process(x)
    model.evaluate(x[0])  # not committed: reset forgets that, too
    model.reset()
    model.commit()
    assert np.array_equal(model.process(x), first)


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(1, 7))
def test_processing_in_pieces_is_processing_at_once(network: RandomNetwork, piece: int) -> None:
    inputs, layers, random = network
    x = steps(random, 16, inputs)
    expected = _core.Model(inputs, layers).process(x)
    model = _core.Model(inputs, layers)
    pieces = [model.process(x[start : start + piece]) for start in range(0, 16, piece)]
    assert np.array_equal(np.concatenate(pieces), expected)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from([lstm, gru, conv1d, conv2d]), st.integers(0, 2**32 - 1))
def test_layers_with_a_state_have_one(
    data: st.DataObject, kind: Callable[..., st.SearchStrategy[Layer]], seed: int
) -> None:
    """Else the tests above would promise nothing."""
    random = np.random.default_rng(seed)
    layer = data.draw(kind(12, random))
    model = _core.Model(12, [layer])
    first = model.process(np.ones((1, 12), np.float32))
    again = model.process(np.ones((1, 12), np.float32))
    recurrent = layer["kind"] in ("lstm", "gru")
    remembers = recurrent or (layer["kernel_size"] > 1 and layer["dilation"] == 1)
    assert remembers <= (not np.array_equal(first, again)) or layer["activation"] in ("relu", "softmax")


@pytest.mark.parametrize("isa", _core.available_isas())
@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_a_value_that_is_not_finite_does_not_stay_in_a_recurrent_state(
    kind: str, bad: float, isa: str
) -> None:
    gates = {"lstm": 4, "gru": 3}[kind]
    random = np.random.default_rng(1)
    weights = [random.uniform(-1, 1, (size, gates * 20)).astype(np.float32) for size in (10, 20)]
    layers = [{"kind": kind, "inputs": 10, "outputs": 20, "weights": weights}]
    model = _core.Model(10, layers, isa)
    model.process(np.full((3, 10), bad, np.float32))
    after = model.process(np.zeros((200, 10), np.float32))
    assert np.isfinite(after).all()
    assert (np.abs(after) <= 1).all()


def test_shapes_are_checked() -> None:
    model = _core.Model(3, [{"kind": "dense", "inputs": 3, "outputs": 2, "weights": [np.ones((3, 2))]}])
    assert model.process(np.zeros((0, 3), np.float32)).shape == (0, 2)
    for shape in ((2, 4), (3,), (1, 1, 3)):
        with pytest.raises(ValueError, match="expected"):
            model.process(np.zeros(shape, np.float32))
    for shape in ((4,), (1, 3)):
        with pytest.raises(ValueError, match="expected"):
            model.evaluate(np.zeros(shape, np.float32))
