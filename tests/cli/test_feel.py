"""`emohost feel`: a running host feels it, at once; without one, or without consent, nothing is felt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from host_runs import Run

from emohost._core import emotion_writes
from emohost.control.local import RunningHost, running_hosts, send_command
from emohost.errors import ControlError


@pytest.fixture
def host(emohost: Callable[..., Result], tmp_path: Path) -> Iterator[Run]:
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: dummy, block_size: 480}\nmusic: {play: always}\nbridge: {ring: stage, weight: 0.9}\n"
    )
    run = Run(config)
    run.wait_for(lambda: run.statuses and run.status.blocks, "it plays")
    yield run
    run.end()


def felt(run: Run, condition: Callable[[float, float], bool]) -> None:
    run.wait_for(lambda: condition(run.status.valence, run.status.arousal), "it is felt")


def test_a_running_host_feels_it_until_it_is_over_or_switched_off(
    emohost: Callable[..., Result], host: Run
) -> None:
    done = emohost("feel", "--valence", "0.9", "--arousal", "-0.8", "--for", "600")
    assert done.exit_code == 0
    assert done.output == "valence +0.90 arousal -0.80, weight 1, for 600 s\n"
    felt(host, lambda valence, arousal: valence > 0.7 and arousal < -0.6)
    host.wait_for(lambda: host.status.side_b["share"] == pytest.approx(0.9, abs=0.01), "in full")
    assert emohost("feel", "--off").exit_code == 0
    host.wait_for(lambda: host.status.side_b["share"] == 0, "Side B is out")
    assert emohost("feel", "--on").exit_code == 0
    host.wait_for(lambda: host.status.side_b["share"] > 0.89, "Side B is back, as the rig has it")
    assert emohost("feel", "--arousal", "0", "--for", "0.1").exit_code == 0
    host.wait_for(lambda: host.status.side_b["share"] == 0, "it is over")
    assert host.status.side_b["lost"] == host.status.side_b["torn"] == 0


def test_a_sentence_is_felt_with_consent_alone(emohost: Callable[..., Result], host: Run) -> None:
    sentence = "I am so happy, this is the most wonderful day of my life!"
    refused = emohost("feel", sentence)
    assert refused.exit_code == 1
    assert "--consent" in refused.output
    assert host.status.side_b["taken"] == 0
    started = time.monotonic()
    done = emohost("feel", "--consent", "--for", "1", sentence)
    assert done.exit_code == 0, done.output
    assert time.monotonic() - started >= 1
    assert float(done.output.split()[1]) > 0.05
    host.wait_for(lambda: host.status.side_b["taken"] == 2, "it was written, and taken back")
    assert sentence not in str(send_command("status"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--valence", "0.4"], 7, "no host is running"),
        (["--off"], 7, "no host is running"),
        (["--consent", "hello"], 7, "no host is running"),
        ([], 2, "expected one of"),
        (["--valence", "0.4", "--off"], 2, "expected one of"),
        (["--valence", "2"], 2, "-1<=x<=1"),
        (["--valence", "0", "--for", "-1"], 2, "--for"),
    ],
)
def test_what_cannot_be_felt_is_said(
    emohost: Callable[..., Result], arguments: list[str], code: int, said: str
) -> None:
    done = emohost("feel", *arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_a_ring_that_nobody_listens_to_is_named(emohost: Callable[..., Result], host: Run) -> None:
    done = emohost("feel", "--valence", "0", "--ring", "other")
    assert (done.exit_code, done.output) == (7, "no host listens to the ring 'other'; there is stage\n")


def test_off_and_on_at_once_is_refused(emohost: Callable[..., Result]) -> None:
    assert emohost("feel", "--off", "--on").exit_code == 2


def test_one_rig_may_be_meant_by_its_name(emohost: Callable[..., Result], host: Run) -> None:
    assert emohost("feel", "--rig", "rig", "--valence", "0.9", "--for", "60").exit_code == 0
    felt(host, lambda valence, arousal: valence > 0.5)
    assert emohost("feel", "--rig", "rig", "--off").output == "Side B is off in rig\n"
    done = emohost("feel", "--rig", "other", "--valence", "0.9")
    assert (done.exit_code, "no host 'other' is running; there is 'rig'" in done.stderr) == (7, True)


def test_a_rig_that_shares_its_ring_is_felt_alone(
    emohost: Callable[..., Result], host: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person says goes through the ring alone, from which it can be taken back: there it is refused."""
    (own,) = running_hosts()
    other = RunningHost(1, "other", "", b"", own.ring)
    monkeypatch.setattr("emohost.control.local.running_hosts", lambda: [own, other])
    written = emotion_writes()
    assert emohost("feel", "--rig", "rig", "--valence", "0.9", "--for", "60").exit_code == 0
    felt(host, lambda valence, arousal: valence > 0.5)
    assert emotion_writes() == written
    done = emohost("feel", "--rig", "rig", "--consent", "What a day!")
    assert (done.exit_code, "is heard by 'other', too" in done.stderr) == (7, True)


@pytest.mark.parametrize(
    ("name", "value"), [("valence", 2), ("arousal", "x"), ("weight", -1), ("seconds", 1e9)]
)
def test_what_the_host_is_told_to_feel_is_checked(host: Run, name: str, value: object) -> None:
    point: dict[str, Any] = {"valence": 0.0, "arousal": 0.0, "weight": 1.0, "seconds": 1.0, name: value}
    with pytest.raises(ControlError, match=f"{name}: found"):
        send_command("feel", **point)
