"""What a loaded network tells of itself, and how it takes its input."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import random_network, rtneural, write

import emohost
from emohost import _core
from emohost.networks import Info, Network, load_model, measure_latency_us


@pytest.fixture
def network(tmp_path: Path) -> Network:
    content = {**rtneural(random_network()), "metadata": {"status": "trained", "version": "3"}}
    return load_model(write(tmp_path / "model.json", content))


def test_info_says_what_was_loaded(network: Network, tmp_path: Path) -> None:
    info = network.info
    assert emohost.load_model is load_model
    assert info == Info(
        file=tmp_path / "model.json",
        dialect="RTNeural",
        role=None,
        architecture="dense 7 tanh, lstm 5, dense 4 sigmoid",
        inputs=6,
        outputs=4,
        parameters=6 * 7 + 7 + 4 * 5 * (7 + 5 + 2) + 5 * 4 + 4,
        memory_bytes=network.native.memory_bytes,
        isa=_core.available_isas()[-1],
        precision="float32",
        deviation=None,
        metadata={"status": "trained", "version": "3"},
        status="trained",
        warnings=(),
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.role = "melody"  # type: ignore[misc]


def test_memory_is_weights_state_and_scratch(network: Network) -> None:
    assert 4 * network.info.parameters <= network.info.memory_bytes < 100_000


def test_process_takes_anything_like_an_array(network: Network) -> None:
    x = [[0.5] * 6, [1.0] * 6]
    first = network.process(x)
    network.reset()
    assert np.array_equal(network.process(np.array(x)), first)
    network.reset()
    assert np.array_equal(network.process(np.array(x, order="F", dtype=">f4")), first)
    assert first.shape == (2, 4)
    assert first.dtype == np.float32
    assert network.process(np.zeros((0, 6))).shape == (0, 4)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([0.5] * 6, r"x: expected shape \(steps, 6\), found \(6,\)"),
        ([[0.5] * 5], r"x: expected shape \(steps, 6\), found \(1, 5\)"),
        ([[[0.5] * 6]], r"found \(1, 1, 6\)"),
        ([[0.5] * 6, [0.5]], r"x: expected numbers of shape \(steps, 6\)"),
        ([["a"] * 6], r"x: expected numbers of shape \(steps, 6\)"),
        (None, "x: expected"),
        ([[np.nan] * 6], "x: expected finite numbers"),
        ([[1e300] * 6], "x: expected finite numbers"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_process_says_what_is_wrong_with_its_input(network: Network, x: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        network.process(x)


def test_state_lasts_from_call_to_call_until_reset(network: Network) -> None:
    x = np.full((3, 6), 0.5)
    first = network.process(x)
    assert not np.array_equal(network.process(x), first)
    network.reset()
    assert np.array_equal(network.process(x), first)


def test_latency_is_measured_and_leaves_no_trace(network: Network) -> None:
    x = np.full((3, 6), 0.5)
    first = network.process(x)
    assert measure_latency_us(network, steps=64) > 0
    assert np.array_equal(network.process(x), first)


@pytest.mark.parametrize("isa", _core.available_isas())
def test_the_instruction_set_can_be_chosen(tmp_path: Path, isa: str) -> None:
    assert load_model(write(tmp_path / "model.json", rtneural(random_network())), isa=isa).info.isa == isa


def test_an_instruction_set_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="isa: expected automatic or one of plain"):
        load_model(write(tmp_path / "model.json", rtneural(random_network())), isa="sse9")
