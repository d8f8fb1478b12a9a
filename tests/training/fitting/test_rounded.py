"""Rounded weights play the same as int8 and as float32, and do not move twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emohost.networks.formats.layers import Layer
from emohost.networks.formats.write import write_model
from emohost.networks.load import parse_model
from emohost.training.fitting.rounded import rounded

UNITS = {"lstm": (4, 4), "gru": (3, 6)}  # gates, columns of biases


def layer(kind: str, inputs: int, outputs: int, random: np.random.Generator) -> Layer:
    def some(*shape: int) -> np.ndarray:
        return (random.normal(size=shape) * random.choice([0.01, 0.3], size=shape)).astype(np.float32)

    if kind == "dense":
        return Layer(kind, inputs, outputs, [some(inputs, outputs), some(outputs)], "tanh")
    gates = UNITS[kind][0]
    bias = some(gates * outputs) if kind == "lstm" else some(2, gates * outputs)
    return Layer(kind, inputs, outputs, [some(inputs, gates * outputs), some(outputs, gates * outputs), bias])


@pytest.mark.parametrize("kind", ["dense", "lstm", "gru"])
@pytest.mark.parametrize("inputs", [64, 70, 128])
def test_as_int8_it_plays_what_it_plays_as_float32(tmp_path: Path, kind: str, inputs: int) -> None:
    random = np.random.default_rng(inputs)
    exact = [layer(kind, inputs, 80, random), layer("dense", 80, 5, random)]
    x = random.uniform(-1, 1, size=(100, inputs)).astype(np.float32)

    def distance(layers: list[Layer]) -> float:
        file = tmp_path / "m.json"
        write_model(file, layers, {})
        parsed = parse_model(file)
        return float(
            np.abs(
                parsed.network("int8").native.process(x) - parsed.network("float32").native.process(x)
            ).max()
        )

    assert distance(rounded(exact)) < 3e-4 < distance(exact)


@pytest.mark.parametrize("kind", ["dense", "lstm", "gru"])
def test_what_was_rounded_stays(kind: str) -> None:
    once = rounded([layer(kind, 70, 20, np.random.default_rng(1))])
    for before, after in zip(once[0].weights, rounded(once)[0].weights, strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-6)


def test_other_layers_and_what_was_given_are_left_as_they_are() -> None:
    random = np.random.default_rng(2)
    given = layer("dense", 70, 20, random)
    kept = [array.copy() for array in given.weights]
    slope = Layer("prelu", 20, 20, [random.normal(size=20).astype(np.float32)])
    result = rounded([given, slope])
    assert all(np.array_equal(array, copy) for array, copy in zip(given.weights, kept, strict=True))
    assert np.array_equal(result[1].weights[0], slope.weights[0])
    assert np.array_equal(result[0].weights[1], kept[1])  # a bias
    assert not np.array_equal(result[0].weights[0], kept[0])


def test_a_row_of_zeros_stays_one() -> None:
    given = Layer("dense", 64, 2, [np.zeros((64, 2), dtype=np.float32), np.zeros(2, dtype=np.float32)])
    assert not rounded([given])[0].weights[0].any()
