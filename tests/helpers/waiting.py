"""Waiting in tests for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 30.0


def wait_for(condition: Callable[..., object], what: str = "it", timeout_s: float = PATIENCE_S) -> None:
    """Until it is true; fails with `what` after the time. `condition` is called without arguments: those that a lambda
    has keep what a loop goes over."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.005)
