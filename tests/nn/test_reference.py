"""Every layer type, in any combination and width, computes what the formats say: an independent float64 reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from random_networks import RandomNetwork, networks
from reference import run

from emohost import _core

STEPS = 12


@settings(max_examples=150, deadline=None)
@given(networks())
def test_any_network_agrees_with_the_reference_on_every_instruction_set(network: RandomNetwork) -> None:
    inputs, layers, random = network
    x = random.uniform(-1, 1, (STEPS, inputs)).astype(np.float32)
    expected = run(layers, x)
    for isa in _core.available_isas():
        found = _core.Model(inputs, layers, isa).process(x)
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5, err_msg=isa)


@pytest.mark.parametrize("isa", _core.available_isas())
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "elu", "relu"])
def test_activations_are_within_1e_6_over_their_whole_range(activation: str, isa: str) -> None:
    x = np.concatenate(
        [np.linspace(-100, 100, 4096), np.linspace(-2, 2, 4096), [0, -0.0, 1e-30, 3e38, -3e38]]
    )
    width = len(x)
    layers = [
        {"kind": "activation", "activation": activation, "inputs": width, "outputs": width, "weights": []}
    ]
    with np.errstate(over="ignore"):
        expected = run(layers, x.astype(np.float32)[None])
    found = _core.Model(width, layers, isa).process(x.astype(np.float32)[None])
    np.testing.assert_allclose(found, expected, rtol=3e-7, atol=5e-7)


@pytest.mark.parametrize("isa", _core.available_isas())
def test_softmax_of_large_logits_is_a_distribution(isa: str) -> None:
    layers = [{"kind": "activation", "activation": "softmax", "inputs": 5, "outputs": 5, "weights": []}]
    model = _core.Model(5, layers, isa)
    for logits in ([100, 100, 0, -100, 3e38], [-3e38] * 5, [0] * 5, [500, 400, 300, 200, 100]):
        y = model.process(np.array([logits], dtype=np.float32))[0]
        assert np.isfinite(y).all()
        assert (y >= 0).all()
        assert y.sum() == pytest.approx(1, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_instruction_sets_agree_closely_with_each_other(network: RandomNetwork) -> None:
    inputs, layers, random = network
    x = random.uniform(-1, 1, (STEPS, inputs)).astype(np.float32)
    results = [_core.Model(inputs, layers, isa).process(x) for isa in _core.available_isas()]
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], rtol=2e-5, atol=2e-5)
