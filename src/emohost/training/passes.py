"""Fitting in passes over the training data, with the rate of learning falling along a cosine. Needs torch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emohost.training.checkpoint import Checkpoint
from emohost.training.progress import Progress

DECIMALS = 6  # of a weight: what lies further behind the point only makes the file long
LAST_RATE = 0.02  # share of the first
LARGEST_GRADIENT = 1.0
TELL_EVERY = 20  # batches

# Loss of a batch: indices of its examples, and random numbers.
Loss = Callable[[NDArray[np.int64], np.random.Generator], torch.Tensor]


def fit_in_passes(
    module: nn.Module,
    loss: Loss,
    validate: Callable[[], float],
    *,
    what: str,
    examples: int,
    batch: int,
    passes: int,
    rate: float,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint,
) -> nn.Module:
    """The module as it was after the pass with the least validation loss, for playing. Saves after each pass."""
    optimiser = torch.optim.AdamW(module.parameters(), rate, weight_decay=1e-4)
    per_pass = examples // batch
    total = passes * per_pass
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, total), rate * LAST_RATE)
    best: dict[str, Any] = {"loss": float("inf"), "module": copy.deepcopy(module.state_dict())}
    done = 0
    if (saved := checkpoint.load()) is not None:
        module.load_state_dict(saved["module"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        best, done = saved["best"], saved["done"]
    while done < passes and not checkpoint.out_of_time:
        random = np.random.default_rng([seed, done])
        order = random.permutation(examples)
        module.train()
        for number in range(per_pass):
            optimiser.zero_grad()
            loss(order[number * batch : (number + 1) * batch], random).backward()
            nn.utils.clip_grad_norm_(module.parameters(), LARGEST_GRADIENT)
            optimiser.step()
            schedule.step()
            if number % TELL_EVERY == 0:
                progress(what, done * per_pass + number, total)
                if checkpoint.out_of_time:
                    break
        done += 1
        module.eval()
        with torch.no_grad():
            held_out = validate()
        if held_out < best["loss"]:
            best = {"loss": held_out, "module": copy.deepcopy(module.state_dict())}
        checkpoint.save(
            {
                "module": module.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "best": best,
                "done": done,
            }
        )
        progress(what, done * per_pass, total)
    module.load_state_dict(best["module"])
    with torch.no_grad():
        for weights in module.parameters():
            weights.copy_(weights.round(decimals=DECIMALS))
    return module.eval()
