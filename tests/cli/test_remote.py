"""Commands that steer a running host: what they ask of it, and a host that does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from host_runs import Run

from emohost.control.local import ControlServer

Emohost = Callable[..., Result]


@pytest.fixture
def asked(emohost: Emohost) -> Iterator[list[dict[str, Any]]]:
    requests: list[dict[str, Any]] = []

    def handle(request: Mapping[str, Any]) -> dict[str, Any]:
        requests.append(dict(request))
        return {}

    server = ControlServer("my rig", handle)
    yield requests
    server.close()


SET = {"command": "set", "by": "command line", "at": "now", "over_s": 0.0}


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        (("set", "density", "0.6"), {"name": "density", "value": 0.6}),
        (("set", "transpose", "-2", "--at", "bar"), {"name": "transpose", "value": -2.0, "at": "bar"}),
        (("set", "tempo", "92", "--over", "4s"), {"name": "tempo", "value": 92.0, "over_s": 4.0}),
        (("set", "listen", "answer"), {"name": "listen", "value": "answer"}),
    ],
)
def test_set_asks_for_what_it_is_told(
    emohost: Emohost, asked: list[dict[str, Any]], arguments: tuple[str, ...], request_: dict[str, Any]
) -> None:
    assert emohost(*arguments).exit_code == 0
    assert asked == [{**SET, **request_}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "density", "3"), "density: found 3.0; expected a number from 0 to 2"),
        (("set", "densty", "1"), "there is no parameter 'densty'; did you mean 'density'?"),
        (("set", "density", "nan"), "density: found nan; expected a number"),
        (("set", "density", "1", "--over", "x"), "found 'x'; expected a number"),
        (("set", "listen", "loud"), "listen: found 'loud'; expected one of follow, answer, lead"),
        (("mute", "horns"), "'horns' is not one of"),
    ],
)
def test_a_mistake_on_the_command_line_reaches_nobody(
    emohost: Emohost, asked: list[dict[str, Any]], arguments: tuple[str, ...], message: str
) -> None:
    done = emohost(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert asked == []


def test_parts_are_muted_one_by_one(emohost: Emohost, asked: list[dict[str, Any]]) -> None:
    assert emohost("mute", "drums", "bass", "--at", "beat").exit_code == 0
    assert [(each["name"], each["value"], each["at"]) for each in asked] == [
        ("drums_enabled", "off", "beat"),
        ("bass_enabled", "off", "beat"),
    ]


@pytest.fixture
def run(emohost: Emohost, tmp_path: Path) -> Iterator[Run]:
    config = tmp_path / "stage.yaml"
    config.write_text(
        "audio: {backend: dummy, signal: noise, level_db: -12}\n"
        "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
    )
    playing = Run(config)
    playing.wait_playing()
    yield playing
    playing.end()


def channels(run: Run, after: int) -> set[int]:
    """On which notes have begun since so many messages."""
    return {data[0] & 15 for _, data in run.port.sent[after:] if data[0] & 0xF0 == 0x90 and data[2]}


def test_a_host_is_steered_from_the_command_line(emohost: Emohost, run: Run) -> None:
    """Each command is seen in what the host plays and tells."""
    assert emohost("mute", "drums", "chords", "bass").exit_code == 0
    assert "off" in emohost("get", "drums_enabled").output
    before = run.status.seconds
    run.wait_for(lambda: run.status.seconds > before + 1, "a second")
    sent = len(run.port.sent)
    run.wait_for(lambda: len(channels(run, sent)) >= 1, "the melody")
    assert channels(run, sent) == {0}
    assert emohost("snapshot", "save", "melody only").exit_code == 0
    assert emohost("unmute", "drums", "chords", "bass", "--at", "beat").exit_code == 0
    run.wait_for(lambda: channels(run, sent) >= {0, 1, 2, 9}, "everybody to play again")
    assert emohost("set", "tempo", "120").exit_code == 0
    run.wait_for(lambda: run.status.tempo == 120, "the tempo")
    assert emohost("snapshot", "recall", "melody only", "--over", "0.2").exit_code == 0
    run.wait_for(lambda: run.status.tempo == 240, "the tempo of the snapshot")
    assert "drums_enabled off" in emohost("snapshot", "list").output
    listed = json.loads(emohost("get", "--json").stdout)
    assert listed["tempo"] == {"value": 240.0, "set_by": "snapshot melody only, command line"}
    assert "tempo 240.0" in emohost("status").output
    assert json.loads(emohost("status", "--json").stdout)["tempo"] == 240.0
    assert emohost("stop").exit_code == 0
    run.thread.join(10)
    assert not run.thread.is_alive()
    assert run.port.ledger.sounding == 0


def test_an_edited_rig_is_read_again(emohost: Emohost, run: Run) -> None:
    text = run.config.read_text()
    run.config.write_text(text.replace("tempo: 240", "tempo: 133, seed: 9"))
    done = emohost("reload")
    assert done.stdout == "changed now: music.tempo\nfrom the next start on: music.seed\n"
    run.wait_for(lambda: run.status.tempo == 133, "the tempo")
    assert emohost("reload").stdout == "from the next start on: music.seed\n"
    run.config.write_text(text.replace("tempo: 240", "tempo: fast, listen: lead"))
    done = emohost("reload")
    assert done.exit_code != 0
    assert "stage.yaml:2:" in done.output
    assert "music.tempo: found 'fast'" in done.output
    assert emohost("get", "listen").stdout == "follow\n"
