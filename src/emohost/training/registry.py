"""The modules that train and score each role."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any, Protocol, cast

from emohost.errors import EmohostError
from emohost.networks.load import Network
from emohost.networks.roles import role_named
from emohost.training.extra import needed
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.progress import Progress
from emohost.training.score import Score


class Trainer(Protocol):
    """A module ROLE/training.py."""

    DATA: str  # what it is trained on, for the metadata
    LICENCE: str  # of the weights, with the attribution that the data asks for

    def prepare(self, data: Path, cache: Path, progress: Progress) -> Any: ...

    def fit(self, arrays: Any, seed: int, progress: Progress, checkpoint: Checkpoint) -> Any:
        """A torch.nn.Module, that fitting.export.layers_of() can read."""


class Scorer(Protocol):
    """A module ROLE/scores.py."""

    def evaluate(self, data: Path, network: Network, progress: Progress) -> list[Score]: ...


def trainer(role: str) -> Trainer:
    """Raises EmohostError where torch or the role's training is not there; ValueError for no role."""
    _find(role, "training", "training")
    needed("torch")
    return cast(Trainer, importlib.import_module(f"emohost.training.{role}.training"))


def scorer(role: str) -> Scorer:
    """Raises EmohostError where the role's scores are not there; ValueError for no role."""
    _find(role, "scores", "scoring")
    return cast(Scorer, importlib.import_module(f"emohost.training.{role}.scores"))


def can_score(role: str) -> bool:
    return _exists(role, "scores")


def _find(role: str, module: str, what: str) -> None:
    if not _exists(role, module):
        raise EmohostError(f"{what} of the role {role} is not in this version of emohost")


def _exists(role: str, module: str) -> bool:
    package = f"emohost.training.{role_named(role).name}"
    return (
        importlib.util.find_spec(package) is not None
        and importlib.util.find_spec(f"{package}.{module}") is not None
    )
