"""The ring's protocol, model-checked: with its four orders of memory it is right, and each of them is needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).resolve().parents[2] / "ext" / "proof" / "ring.pml"

pytestmark = pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="checking the model needs spin (Debian: spin) and gcc",
)


def check(folder: Path, *changes: str) -> str:
    """Every interleaving of the model, changed by definitions such as HEAD_ACQUIRE=0; what the checker prints."""
    definitions = [f"-D{change}" for change in changes]
    subprocess.run(["spin", *definitions, "-a", str(MODEL)], cwd=folder, check=True, capture_output=True)
    subprocess.run(["gcc", "-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"], cwd=folder, check=True)
    result = subprocess.run(
        [folder / "pan", "-m1000000"], cwd=folder, check=True, capture_output=True, text=True
    )
    assert "max search depth too small" not in result.stdout
    return result.stdout


@pytest.mark.parametrize("size", [("CAPACITY=2", "ITEMS=5"), ("CAPACITY=4", "ITEMS=7")])
def test_nothing_is_lost_torn_or_out_of_order_in_any_interleaving(
    size: tuple[str, str], tmp_path: Path
) -> None:
    """Nor is there a data race, nor does a side ever wait."""
    assert "errors: 0" in check(tmp_path, *size)


@pytest.mark.parametrize(
    "change",
    ["HEAD_RELEASE=0", "HEAD_ACQUIRE=0", "TAIL_RELEASE=0", "TAIL_ACQUIRE=0", "EARLY_HEAD=1", "OVERFULL=1"],
)
def test_without_one_of_its_orders_the_checker_finds_what_goes_wrong(change: str, tmp_path: Path) -> None:
    """The check is shown to fire: each acquire and release taken away, a slot published early, a ring overfilled."""
    printed = check(tmp_path, change)
    assert "assertion violated" in printed
    assert "errors: 1" in printed
