"""Clocks outside: one that leads no longer says nothing more, whenever another takes over."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np
import pytest

from emohost.config.music import Music
from emohost.host.clock_peers import ClockPeers
from emohost.host.timing import Timing


class Peer:
    """A clock outside, which has news each time."""

    def __init__(self) -> None:
        self.followed = 0

    def step(self) -> None:
        pass

    def due(self) -> bool:
        return True

    def follow(self, *_: object) -> None:
        self.followed += 1

    def lead(self, *_: object) -> None:
        pass


class Commands:
    """The lock of the command ring; `before` gets it first."""

    def __init__(self, before: Any) -> None:
        self._before = before

    def __enter__(self) -> None:
        self._before()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Playing:
    """An engine's memory, as far as a clock sees it."""

    def time(self) -> tuple[int, float, int]:
        return 48000, 120.0, 0

    def lead(self, _source: str) -> bool:
        return True


@pytest.mark.parametrize("source", ["jack", "link"])
@pytest.mark.parametrize("taken_over", [False, True])
def test_a_clock_that_was_to_be_followed_is_not_where_another_was_let_lead_first(
    source: str, taken_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing = Timing(source, "hold", lambda: 0.0)
    peers = ClockPeers(Music(), timing, lambda: 120.0)
    peer, playing = Peer(), Playing()
    monkeypatch.setattr(peers, f"_{source}", peer)
    monkeypatch.setattr(timing, "frame_at", lambda *_: 1)
    shared: Any = playing
    monitor: Any = type("NothingYet", (), {"sample_rate": 48000.0, "blocks": 0, "last": np.zeros(1)})()
    peers.step(
        shared, monitor, 0.0, Commands(lambda: timing.lead(shared, "internal") if taken_over else None)
    )
    assert peer.followed == (0 if taken_over else 1)
