"""The modules that train and score each role."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any, Protocol, cast

from emohost.errors import EmohostError
from emohost.networks.load import Network
from emohost.networks.roles import role_named
from emohost.training.checkpoint import Checkpoint
from emohost.training.progress import Progress
from emohost.training.score import Score

TRAIN_EXTRA = "pip install 'emohost[train]'"


class Trainer(Protocol):
    """A module ROLE.py."""

    DATA: str  # what it is trained on, for the metadata
    LICENCE: str  # of the weights, with the attribution that the data asks for

    def prepare(self, data: Path, cache: Path, progress: Progress) -> Any: ...

    def fit(self, arrays: Any, seed: int, progress: Progress, checkpoint: Checkpoint) -> Any:
        """A torch.nn.Module, that export.layers_of() can read."""


class Scorer(Protocol):
    """A module scores_ROLE.py."""

    def evaluate(self, data: Path, network: Network, progress: Progress) -> list[Score]: ...


def trainer(role: str) -> Trainer:
    """Raises EmohostError where torch or the role's training is not there; ValueError for no role."""
    _find(role, role, "training")
    if importlib.util.find_spec("torch") is None:
        raise EmohostError(f"training needs torch, which is not installed here: {TRAIN_EXTRA}")
    return cast(Trainer, importlib.import_module(f"emohost.training.{role}"))


def scorer(role: str) -> Scorer:
    """Raises EmohostError where the role's scores are not there; ValueError for no role."""
    _find(role, f"scores_{role}", "scoring")
    return cast(Scorer, importlib.import_module(f"emohost.training.scores_{role}"))


def can_score(role: str) -> bool:
    return importlib.util.find_spec(f"emohost.training.scores_{role_named(role).name}") is not None


def _find(role: str, module: str, what: str) -> None:
    role_named(role)
    if importlib.util.find_spec(f"emohost.training.{module}") is None:
        raise EmohostError(f"{what} of the role {role} is not in this version of emohost")
