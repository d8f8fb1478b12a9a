"""Fitting in passes over the training data, with the rate of learning falling along a cosine. Needs torch.

On one thread, so that one seed gives one network on one machine, resumed or not: whatever a batch draws hangs on the
seed and on the number of the batch, and on nothing else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.errors import EmohostError
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.progress import Progress

DECIMALS = 6  # of a weight: what lies further behind the point only makes the file long
LAST_RATE = 0.02  # share of the first
LARGEST_GRADIENT = 1.0
TELL_EVERY = 20  # batches

# Loss of a batch: indices of its examples, and random numbers.
Loss = Callable[[NDArray[np.int64], np.random.Generator], torch.Tensor]


@dataclass(frozen=True)
class Passes:
    """How a network is fitted."""

    count: int
    batch: int  # examples
    rate: float  # of learning, at first
    decay: float = 1e-4  # of weights
    average: int = (
        0  # batches over which the weights are averaged, the older the less; 0: the last ones count
    )


def fit_in_passes(
    module: nn.Module,
    loss: Loss,
    validate: Callable[[nn.Module], float],
    passes: Passes,
    *,
    what: str,
    examples: int,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint,
) -> nn.Module:
    """The module as it was after the pass with the least validation loss, for playing. Saves now and then, and when the
    time is over. Raises EmohostError for a checkpoint of other data or another plan."""
    torch.set_num_threads(1)
    optimiser = torch.optim.AdamW(module.parameters(), passes.rate, weight_decay=passes.decay)
    batch = min(passes.batch, examples)
    per_pass = examples // batch
    total = passes.count * per_pass
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, total), passes.rate * LAST_RATE)
    best: dict[str, Any] = {"loss": float("inf"), "module": copy.deepcopy(module.state_dict())}
    # What is judged and kept: the weights as they are, or their average.
    kept = copy.deepcopy(module).requires_grad_(requires_grad=False) if passes.average else module
    done, plan = 0, f"{passes}, {examples} examples"
    if (saved := checkpoint.load()) is not None:
        if saved.get("plan") != plan:
            raise EmohostError(
                f"{checkpoint.file}: expected a checkpoint of {plan}; found one of {saved.get('plan')}: "
                "train without --resume"
            )
        module.load_state_dict(saved["module"])
        if passes.average:
            kept.load_state_dict(saved["kept"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        best, done = saved["best"], saved["done"]

    def save() -> None:
        parts = {"module": module, "kept": kept, "optimiser": optimiser, "schedule": schedule}
        state = {name: part.state_dict() for name, part in parts.items()}
        checkpoint.save({**state, "best": best, "done": done, "plan": plan})

    order = _order(seed, done // per_pass, examples)
    while done < total and not checkpoint.out_of_time:
        number = done % per_pass
        if number == 0:
            order = _order(seed, done // per_pass, examples)
            module.train()
        random = np.random.default_rng([seed, done])
        torch.manual_seed(int(random.integers(2**31)))
        optimiser.zero_grad()
        loss(order[number * batch : (number + 1) * batch], random).backward()
        nn.utils.clip_grad_norm_(module.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        done += 1
        if passes.average:
            _average(kept, module, min(done, passes.average))
        if done % per_pass == 0:
            best = _better(best, kept, validate)
        if done % TELL_EVERY == 0 or done == total:
            progress(what, done, total)
        if checkpoint.due:
            save()
    save()
    module.load_state_dict(best["module"])
    return _rounded(module).eval()


def _order(seed: int, number: int, examples: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, number, examples]).permutation(examples)


@torch.no_grad()
def _average(kept: nn.Module, module: nn.Module, batches: int) -> None:
    """An exponential average (B. Polyak and A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992,
    as it is done today)."""
    for average, now in zip(kept.parameters(), module.parameters(), strict=True):
        average.lerp_(now, 1 / batches)


def _better(
    best: dict[str, Any], module: nn.Module, validate: Callable[[nn.Module], float]
) -> dict[str, Any]:
    module.eval()
    with torch.no_grad():
        held_out = validate(module)
    module.train()
    if held_out >= best["loss"]:
        return best
    return {"loss": held_out, "module": copy.deepcopy(module.state_dict())}


def _rounded(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        for weights in module.parameters():
            weights.copy_(weights.round(decimals=DECIMALS))
    return module
