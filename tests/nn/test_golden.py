"""Networks compute what RTNeural computes, on every instruction set of this machine."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from emohost import _core, load_model

HERE = Path(__file__).resolve().parent
SMALL = HERE.parent / "golden"
BIG = HERE.parents[1].parent / "shared" / "golden"
SMALL_CASES = sorted(folder.name for folder in SMALL.iterdir() if folder.is_dir())
BIG_CASES = ["big_emotion", "big_melody", "big_harmony", "big_dynamics", "big_groove"]
ISAS = _core.available_isas()
TOLERANCE = 1e-5


def check(folder: Path, model: Path, isa: str) -> None:
    network = load_model(model, isa=isa)
    assert network.info.isa == isa
    x, expected = np.load(folder / "input.npy"), np.load(folder / "output_f64.npy")
    found = network.process(x)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def test_there_are_vectors_for_every_layer_type() -> None:
    assert len(SMALL_CASES) == 31


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("case", SMALL_CASES)
def test_outputs_are_rtneurals_double_precision_results_within_1e_5(case: str, isa: str) -> None:
    check(SMALL / case, SMALL / case / "model.json", isa)


@pytest.mark.skipif(not BIG.is_dir(), reason=f"the five roles' golden vectors (5 MB) are not at {BIG}")
@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("case", BIG_CASES)
def test_the_five_roles_architectures_compute_what_rtneural_computes(
    case: str, isa: str, tmp_path: Path
) -> None:
    model = tmp_path / "model.json"
    model.write_bytes(gzip.decompress((BIG / case / "model.json.gz").read_bytes()))
    check(BIG / case, model, isa)


def test_a_wrong_weight_would_be_noticed(tmp_path: Path) -> None:
    """The trap itself: the tolerance is not so wide that an error could hide in it."""
    text = (SMALL / "lstm" / "model.json").read_text()
    first = text[text.index("[[[") + 3 : text.index(",", text.index("[[["))]
    changed = tmp_path / "model.json"
    changed.write_text(text.replace(first, str(float(first) + 0.001), 1))
    with pytest.raises(AssertionError):
        check(SMALL / "lstm", changed, ISAS[-1])
