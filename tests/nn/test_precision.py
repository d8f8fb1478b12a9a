"""float16 and int8 weights: the same meaning on every instruction set, near what float32 computes, as deterministic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import random_networks
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost import _core, load_model

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ISAS = _core.available_isas()
PRECISIONS = ("float32", "float16", "int8")
SMALLER = ("float16", "int8")
# Of one layer or two of random weights, outputs about 1: rounding of the weights is what is left.
NEAR = {"float16": 2e-3, "int8": 5e-2}


@pytest.mark.parametrize("precision", SMALLER)
@pytest.mark.parametrize(
    "case", ["dense_tanh", "lstm", "gru", "conv1d_k3_d8", "conv1d_groups2", "conv2d_same_s2"]
)
def test_smaller_weights_stay_near_rtneurals_results(case: str, precision: str) -> None:
    folder = GOLDEN / case
    network = load_model(folder / "model.json", precision=precision)
    assert network.info.precision == network.native.precision == precision
    found, expected = network.process(np.load(folder / "input.npy")), np.load(folder / "output_f64.npy")
    assert 0 < np.abs(found - expected).max() < NEAR[precision]


@pytest.mark.parametrize("precision", PRECISIONS)
@settings(max_examples=25, deadline=None)
@given(made=random_networks.networks(max_layers=2), steps=st.integers(1, 6))
def test_instruction_sets_agree_in_every_precision(
    made: random_networks.RandomNetwork, steps: int, precision: str
) -> None:
    """Up to float rounding; one step of a rounded activation where two of them stand at a tie."""
    inputs, layers, random = made
    x = random.uniform(-1, 1, (steps, inputs)).astype(np.float32)
    answers = [_core.Model(inputs, layers, isa, precision).process(x) for isa in ISAS]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-3, atol=1e-3 if precision == "int8" else 1e-4)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("precision", SMALLER)
def test_weights_that_a_precision_holds_exactly_lose_nothing(precision: str, isa: str) -> None:
    """Powers of two as float16; whole numbers up to 127 times a power of two as int8."""
    random = np.random.default_rng(3)
    whole = random.integers(-127, 128, (70, 33)).astype(np.float32)
    whole[0] = whole[64] = 127  # in every group: fixes the scale at 1/64
    halves = np.exp2(random.integers(-14, 3, (70, 33))).astype(np.float32)
    kernel = whole / 64 if precision == "int8" else halves
    layer = random_networks.layer("dense", 70, 33, [kernel])
    x = random.integers(-32767, 32768, (5, 70)).astype(np.float32)
    x[:, 0] = 32767
    found = _core.Model(70, [layer], isa, precision).process(x)
    np.testing.assert_allclose(found, reference.run([layer], x), rtol=2e-6, atol=1)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_step_is_the_same_bits_again_however_steps_are_grouped(precision: str) -> None:
    random = np.random.default_rng(4)
    layers = [
        random_networks.layer(
            "lstm",
            20,
            24,
            [random_networks.uniform(random, 20, n, 96) for n in (20, 24)] + [np.zeros(96, np.float32)],
        ),
        random_networks.layer("gru", 24, 9, [random_networks.uniform(random, 24, n, 27) for n in (24, 9)]),
    ]
    x = random.uniform(-1, 1, (12, 20)).astype(np.float32)
    model = _core.Model(20, layers, precision=precision)
    at_once = model.process(x)
    model.reset()
    pieces = np.concatenate([model.process(piece) for piece in (x[:1], x[1:5], x[5:])])
    assert np.array_equal(at_once, pieces)
    model.evaluate(-x[0])  # provisional: the state stays
    again = _core.Model(20, layers, precision=precision)
    again.process(x)
    assert np.array_equal(model.evaluate(x[3]), again.evaluate(x[3]))


@pytest.mark.parametrize("isa", ISAS)
def test_subnormal_float16_weights_count(isa: str) -> None:
    layer = random_networks.layer("dense", 1, 1, [np.array([[3 * 2.0**-24]], np.float32)])
    found = _core.Model(1, [layer], isa, "float16").process(np.array([[2.0**20]], np.float32))
    assert found == 3 * 2.0**-4


@pytest.mark.parametrize(("precision", "weight"), [("float16", 7e4), ("int8", 1e31)])
def test_a_weight_too_large_for_a_precision_is_an_error_that_names_it(precision: str, weight: float) -> None:
    layer = random_networks.layer("dense", 1, 1, [np.array([[weight]], np.float32)])
    with pytest.raises(ValueError, match=rf"layer 0 \(dense\): kernel: the weight .* more than {precision}"):
        _core.Model(1, [layer], precision=precision)
    _core.Model(1, [layer])


def test_smaller_weights_take_less_memory() -> None:
    layers = [random_networks.layer("dense", 512, 512, [np.ones((512, 512), np.float32)])]
    full, half, byte = (
        _core.Model(512, layers, precision=precision).memory_bytes for precision in PRECISIONS
    )
    assert half < 0.52 * full
    assert byte < 0.30 * full


def test_steps_are_timed_and_so_is_reading_their_memory() -> None:
    layers = [random_networks.layer("dense", 64, 64, [np.ones((64, 64), np.float32)])]
    models = [_core.Model(64, layers), _core.Model(64, layers)]
    for reading in (False, True):
        times = _core.time_steps(models, 5, touched_bytes=1024, pause_s=0.001, reading=reading)
        assert times.shape == (5,)
        assert (times > 0).all()
    with pytest.raises(ValueError, match="pause"):
        _core.time_steps(models, 5, pause_s=7)
