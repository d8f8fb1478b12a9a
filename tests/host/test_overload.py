"""Overload is said once, worse at once, and its end."""

from __future__ import annotations

from emohost._core import FLAGS
from emohost.host.overload import OverloadNews

EVALUATIONS = FLAGS["hop"] | FLAGS["shed_evaluations"]
LISTENING = EVALUATIONS | FLAGS["shed_listening"]
NETWORKS = LISTENING | FLAGS["shed_networks"]


def test_each_step_down_is_said_once_and_the_end_once() -> None:
    news = OverloadNews()
    said = [
        news.of(flags)
        for flags in (0, EVALUATIONS, EVALUATIONS, NETWORKS, NETWORKS, LISTENING, NETWORKS, 0, 0)
    ]
    assert [said[i] is None for i in range(9)] == [True, False, True, False, True, True, True, False, True]
    assert "between their ticks" in str(said[1])
    assert "what they said last" not in str(said[1])
    assert "what they said last" in str(said[3])
    assert "over" in str(said[7])


def test_what_comes_again_is_said_again() -> None:
    news = OverloadNews()
    assert [news.of(flags) is not None for flags in (EVALUATIONS, 0, EVALUATIONS)] == [True, True, True]
