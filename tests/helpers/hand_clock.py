"""A clock that a test turns by hand."""

from __future__ import annotations


class Clock:
    """Steady seconds, turned by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s
