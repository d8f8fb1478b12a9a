"""What `make bench` computes with: its own small pieces, not the timings."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emohost.networks import ROLES, find_model
from emohost.networks.load import parse_model

BENCH = Path(__file__).parents[2] / "bench" / "speed"

Script = Callable[[str], Any]  # gives the module of bench/speed of that name


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Imports a module of bench/speed, and forgets it afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    yield importlib.import_module
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and BENCH in Path(file).parents:
            del sys.modules[name]


def test_figures_say_what_they_mean(bench: Script) -> None:
    figures = bench("figures")
    readings = np.arange(1.0, 101.0)
    assert figures.spread(readings) == ["1.0", "50.5", "99.0", "100.0"]
    assert figures.ratio(2 * readings, readings) == "2.00 (2.00)"
    assert figures.growth(readings) == pytest.approx(95.5 / 5.5)
    assert figures.growth(np.full(50, 3.0)) == 1
    assert figures.table(["a", "b"], [["x", "1"]]) == ["| a | b |", "| --- | --: |", "| x | 1 |"]


@pytest.mark.parametrize("role", ROLES)
def test_the_plugins_export_that_is_timed_is_the_same_network(
    bench: Script, role: str, tmp_path: Path
) -> None:
    parsed = parse_model(find_model(role, None, None), role)
    file = tmp_path / "export.json"
    file.write_text(json.dumps(bench("loading").plugin_export(parsed)))
    again = parse_model(file, role)
    assert again.draft.dialect == 'plugin export "2.0"'
    x = np.random.default_rng(0).uniform(-1, 1, (3, parsed.draft.inputs)).astype(np.float32)
    assert np.array_equal(again.network().process(x), parsed.network().process(x))


@pytest.mark.parametrize("role", ROLES)
def test_numpy_and_onnx_runtime_are_given_the_same_network(bench: Script, role: str) -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra 'bench'")
    pytest.importorskip("onnx", reason="needs the extra 'bench'")
    pytest.importorskip("torch", reason="needs the extra 'bench'")
    others = bench("others")
    parsed = parse_model(find_model(role, None, None), role)
    x = np.random.default_rng(0).uniform(-1, 1, (4, parsed.draft.inputs)).astype(np.float32)
    expected = parsed.network().process(x)
    for step in (others.numpy_step(parsed.draft), others.onnx_step(parsed.draft)):
        np.testing.assert_allclose(np.stack([step(each) for each in x]), expected, atol=1e-5, rtol=0)
