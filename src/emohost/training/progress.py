"""How long work tells how far it is. Nothing here prints; the command line does."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called from the thread that works."""

    def __call__(self, what: str, done: float, total: float) -> None:
        """`what` is being done, and `done` of `total` of it is. A new `what` is a new line."""


def silent(what: str, done: float, total: float) -> None:
    """Tells nobody."""
