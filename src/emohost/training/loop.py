"""Fitting a small feed-forward network, in rounds, to the best of a validation split. Needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from emohost.emotion import CENTRES, SLOPE
from emohost.networks.roles import Role
from emohost.training.checkpoint import Checkpoint
from emohost.training.progress import Progress

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}
CHECK_EVERY = 10  # rounds


@dataclass(frozen=True)
class Rounds:
    most: int
    patience: int  # without a better validation
    learning_rate: float
    weight_decay: float


def standard_module(role: Role) -> nn.Sequential:
    """The role's standard architecture, of dense layers."""
    children: list[nn.Module] = []
    width = role.inputs
    for index, (_, size) in enumerate(role.layers):
        activation = role.output if index == len(role.layers) - 1 else role.hidden
        children += [nn.Linear(width, size), ACTIVATIONS[activation]()]
        width = size
    return nn.Sequential(*children)


def encoded(emotion: torch.Tensor) -> torch.Tensor:
    """(..., 2) valence and arousal to (..., 64), as emohost.emotion.encode."""
    centres = torch.tensor(CENTRES, dtype=torch.float32)
    code = torch.tanh(SLOPE * (emotion.clamp(-1, 1)[..., None] - centres))
    return code.flatten(-2)


def fit_best(
    module: nn.Module,
    rounds: Rounds,
    loss: Callable[[torch.Generator], torch.Tensor],
    validation: Callable[[], float],
    seed: int,
    what: str,
    progress: Progress,
    checkpoint: Checkpoint,
) -> None:
    """Moves the module's weights to where `validation` was best. `loss` draws a batch from the generator it is given;
    every draw is told by the seed, also after a resumption."""
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(
        module.parameters(), lr=rounds.learning_rate, weight_decay=rounds.weight_decay
    )
    best: dict[str, Any] = {"loss": float("inf"), "round": 0, "weights": module.state_dict()}
    first = 0
    if (state := checkpoint.load()) is not None:
        module.load_state_dict(state["weights"])
        optimiser.load_state_dict(state["optimiser"])
        random.set_state(state["random"])
        best, first = state["best"], state["round"]
    for done in range(first, rounds.most):
        if done % CHECK_EVERY == 0:
            best = _better(best, module, validation, done)
            progress(what, done, rounds.most)
            checkpoint.save(_state(module, optimiser, random, best, done))
            if done - best["round"] > rounds.patience or checkpoint.out_of_time:
                break
        error = loss(random)
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    progress(what, rounds.most, rounds.most)
    module.load_state_dict(best["weights"])


def _better(
    best: dict[str, Any], module: nn.Module, validation: Callable[[], float], done: int
) -> dict[str, Any]:
    with torch.no_grad():
        error = validation()
    if error >= best["loss"]:
        return best
    weights = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    return {"loss": error, "round": done, "weights": weights}


def _state(
    module: nn.Module, optimiser: Any, random: torch.Generator, best: dict[str, Any], done: int
) -> dict[str, Any]:
    return {
        "weights": module.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": random.get_state(),
        "best": best,
        "round": done,
    }
