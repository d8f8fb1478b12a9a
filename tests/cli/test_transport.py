"""`emohost tap` and `emohost transport` reach the running host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from click.testing import Result

from emohost._core import monotonic_ns
from emohost.control.local import ControlServer

STATUS = {
    "clock": "follow",
    "tempo": 96.2,
    "beat": 2.4,
    "beats_per_bar": 4,
    "clock_confidence": 0.93,
    "band": "counting_in",
}


@pytest.fixture
def asked() -> Iterator[list[dict[str, Any]]]:
    requests: list[dict[str, Any]] = []

    def handle(request: Mapping[str, Any]) -> dict[str, Any]:
        requests.append(dict(request))
        return {"status": STATUS} if request["command"] == "status" else {}

    server = ControlServer("my rig", handle)
    yield requests
    server.close()


def test_one_tap_is_of_now(emohost: Callable[..., Result], asked: list[dict[str, Any]]) -> None:
    before = monotonic_ns()
    assert emohost("tap", "--once").exit_code == 0
    assert [request["command"] for request in asked] == ["tap"]
    assert before <= asked[0]["at_ns"] <= monotonic_ns()


@pytest.mark.parametrize("action", ["start", "stop"])
def test_start_and_stop(emohost: Callable[..., Result], asked: list[dict[str, Any]], action: str) -> None:
    assert emohost("transport", action).exit_code == 0
    assert asked == [{"command": "transport", "action": action}]


def test_the_downbeat_is_now(emohost: Callable[..., Result], asked: list[dict[str, Any]]) -> None:
    before = monotonic_ns()
    assert emohost("transport", "downbeat").exit_code == 0
    assert asked[0]["command"] == "downbeat"
    assert before <= asked[0]["at_ns"] <= monotonic_ns()


def test_another_clock(emohost: Callable[..., Result], asked: list[dict[str, Any]]) -> None:
    assert emohost("transport", "--clock", "follow").exit_code == 0
    assert asked == [{"command": "clock", "source": "follow"}]


def test_it_tells_where_the_music_is(emohost: Callable[..., Result], asked: list[dict[str, Any]]) -> None:
    said = emohost("transport").stdout
    assert said == "follow: 96.2 bpm, beat 3 of 4, confidence 0.93, counting in\n"


def test_without_a_host_it_says_so(emohost: Callable[..., Result]) -> None:
    for arguments in (("tap", "--once"), ("transport", "start"), ("transport",)):
        done = emohost(*arguments)
        assert (done.exit_code, done.stderr) == (7, "no host is running\n")
