"""Fitting in passes: it learns, it can be ended and resumed, and it returns the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="fitting needs the extra `train`")

from torch import Tensor, nn  # noqa: E402

from emohost.errors import EmohostError  # noqa: E402
from emohost.training.fitting.checkpoint import Checkpoint  # noqa: E402
from emohost.training.fitting.passes import Passes, fit_in_passes  # noqa: E402
from emohost.training.progress import silent  # noqa: E402

INPUTS = torch.from_numpy(np.random.default_rng(0).normal(size=(256, 3)).astype(np.float32))
TARGETS = INPUTS @ torch.tensor([[1.0], [-2.0], [0.5]])


class Ended(Checkpoint):
    """Its time is over after so many batches, and it saves after every one."""

    def __init__(self, file: Path, resume: bool, batches: int) -> None:
        super().__init__(file, resume)
        self.left = batches

    @property
    def due(self) -> bool:
        return True

    @property
    def out_of_time(self) -> bool:
        self.left -= 1
        return self.left < 0


def fitted(
    checkpoint: Checkpoint, passes: int = 3, seed: int = 1, examples: int = 256, average: int = 0
) -> nn.Module:
    torch.manual_seed(seed)
    module = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Dropout(0.1))

    def loss(chosen: np.ndarray, random: np.random.Generator) -> Tensor:
        noisy = INPUTS[chosen] + torch.from_numpy(random.normal(0, 0.01, (len(chosen), 3)).astype(np.float32))
        return torch.nn.functional.mse_loss(module(noisy), TARGETS[chosen])

    return fit_in_passes(
        module,
        loss,
        lambda now: float(torch.nn.functional.mse_loss(now(INPUTS), TARGETS)),
        Passes(count=passes, batch=16, rate=0.05, average=average),
        what="fitting a line",
        examples=examples,
        seed=seed,
        progress=silent,
        checkpoint=checkpoint,
    )


def weights(module: nn.Module) -> np.ndarray:
    found: np.ndarray = module[0].weight.detach().numpy()
    return found


def test_it_learns_and_rounds_its_weights(tmp_path: Path) -> None:
    module = fitted(Checkpoint(tmp_path / "line", False), 12)
    np.testing.assert_allclose(weights(module), [[1, -2, 0.5]], atol=0.15)
    np.testing.assert_allclose(weights(module) * 1e6, np.round(weights(module) * 1e6), atol=0.2)
    assert not module.training


def test_a_seed_is_a_network_whether_the_run_was_ended_or_not(tmp_path: Path) -> None:
    whole, again, other = (fitted(Checkpoint(tmp_path / "x", False), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(weights(whole), weights(again))
    assert (weights(whole) != weights(other)).any()
    file = tmp_path / "ended"
    for batches in (1, 20, 7):  # the second crosses the border of a pass
        fitted(Ended(file, batches > 1 or file.exists(), batches))
    np.testing.assert_array_equal(weights(whole), weights(fitted(Checkpoint(file, resume=True))))
    np.testing.assert_array_equal(weights(whole), weights(fitted(Checkpoint(file, resume=True))))


def test_averaged_weights_are_kept_in_place_of_the_last_and_resumed_alike(tmp_path: Path) -> None:
    last = fitted(Checkpoint(tmp_path / "last", False), 24)
    averaged = fitted(Checkpoint(tmp_path / "averaged", False), 24, average=20)
    assert (weights(averaged) != weights(last)).any()
    best = np.array([[1, -2, 0.5]]) * 0.9  # the least loss: of the outputs one in ten is left out
    assert np.abs(weights(averaged) - best).max() < 0.02
    file = tmp_path / "ended"
    for batches in (20, 7):
        fitted(Ended(file, file.exists(), batches), 24, average=20)
    resumed = fitted(Checkpoint(file, resume=True), 24, average=20)
    np.testing.assert_array_equal(weights(averaged), weights(resumed))


def test_a_run_that_is_out_of_time_leaves_what_it_began_with(tmp_path: Path) -> None:
    torch.manual_seed(1)
    untouched = torch.nn.Linear(3, 1).weight.detach().numpy()
    module = fitted(Checkpoint(tmp_path / "line", False, minutes=1e-9))
    np.testing.assert_allclose(weights(module), untouched, atol=1e-6)


def test_a_checkpoint_of_other_data_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "line"
    fitted(Checkpoint(file, False))
    with pytest.raises(EmohostError, match="256 examples: train without --resume"):
        fitted(Checkpoint(file, True), examples=128)


def test_what_another_run_had_come_to_is_kept_when_one_begins_afresh(tmp_path: Path) -> None:
    file = tmp_path / "line"
    fitted(Checkpoint(file, False))
    before = file.read_bytes()
    fitted(Checkpoint(file, False), seed=2)
    assert (tmp_path / "line.old").read_bytes() == before
    fitted(Checkpoint(file, True), seed=2)
    assert (tmp_path / "line.old").read_bytes() == before
