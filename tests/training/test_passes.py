"""Fitting in passes: it learns, it can be ended and resumed, and it returns the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="fitting needs the extra `train`")

from emohost.training.checkpoint import Checkpoint  # noqa: E402
from emohost.training.passes import fit_in_passes  # noqa: E402
from emohost.training.progress import silent  # noqa: E402

INPUTS = torch.from_numpy(np.random.default_rng(0).normal(size=(256, 3)).astype(np.float32))
TARGETS = INPUTS @ torch.tensor([[1.0], [-2.0], [0.5]])


def fitted(folder: Path, passes: int, resume: bool = False, minutes: float | None = None) -> torch.nn.Module:
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(3, 1))

    def loss(chosen: np.ndarray, random: np.random.Generator) -> torch.Tensor:
        return torch.nn.functional.mse_loss(module(INPUTS[chosen]), TARGETS[chosen])

    return fit_in_passes(
        module,
        loss,
        lambda: float(torch.nn.functional.mse_loss(module(INPUTS), TARGETS)),
        what="fitting a line",
        examples=len(INPUTS),
        batch=16,
        passes=passes,
        rate=0.05,
        seed=1,
        progress=silent,
        checkpoint=Checkpoint(folder / "line.checkpoint", resume, minutes),
    )


def test_it_learns_and_rounds_its_weights(tmp_path: Path) -> None:
    module = fitted(tmp_path, 12)
    weights = module[0].weight.detach().numpy()
    np.testing.assert_allclose(weights, [[1, -2, 0.5]], atol=0.05)
    np.testing.assert_allclose(weights * 1e6, np.round(weights * 1e6), atol=0.2)
    assert not module.training


def test_the_same_seed_fits_the_same_and_a_finished_run_resumed_changes_nothing(tmp_path: Path) -> None:
    first, again = fitted(tmp_path, 3), fitted(tmp_path, 3)
    resumed = fitted(tmp_path, 3, resume=True)
    for module in (again, resumed):
        np.testing.assert_array_equal(first[0].weight.detach(), module[0].weight.detach())


def test_a_run_that_is_out_of_time_leaves_what_it_began_with(tmp_path: Path) -> None:
    torch.manual_seed(1)
    untouched = torch.nn.Linear(3, 1).weight.detach().numpy()
    module = fitted(tmp_path, 3, minutes=1e-9)
    np.testing.assert_allclose(module[0].weight.detach(), untouched, atol=1e-6)
