"""`emohost panic` ends every note, in the hosts that run or on the port that a rig names, and says so or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from click.testing import Result

from emohost.cli.remote.panic import silence
from emohost.control.local import ControlServer


def test_without_a_host_and_without_a_rig_it_says_so(emohost: Callable[..., Result]) -> None:
    done = emohost("panic")
    assert (done.exit_code, done.stdout) == (7, "")
    assert (
        done.stderr
        == "no host is running; a rig that names an existing port may be given: emohost panic CONFIG\n"
    )


def test_a_rig_without_an_existing_port_is_no_help(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    done = emohost("panic", rig("audio: {backend: dummy}"))
    assert done.exit_code == 7
    assert "names no existing port (midi.connect)" in done.stderr


def test_a_port_that_is_not_there_is_a_midi_error(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    done = emohost("panic", rig("audio: {backend: dummy}\nmidi: {connect: no such port here}"))
    assert done.exit_code == 5
    assert done.stderr.count("\n") == 1


def test_it_reaches_a_running_host(emohost: Callable[..., Result]) -> None:
    asked: list[Any] = []

    def handle(request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(request["command"])
        return {}

    server = ControlServer("my rig", handle)
    try:
        done = emohost("panic")
    finally:
        server.close()
    assert (done.exit_code, done.stdout, asked) == (0, "notes off in my rig\n", ["panic"])


def test_silence_ends_every_note_of_every_channel() -> None:
    messages = set(silence())
    for channel in range(16):
        assert {bytes([0xB0 | channel, controller, 0]) for controller in (64, 120, 123)} <= messages
        assert {bytes([0x80 | channel, note, 0]) for note in range(128)} <= messages


def test_one_rig_of_several_may_be_meant(emohost: Callable[..., Result]) -> None:
    server = ControlServer("stage", lambda request: {})
    try:
        assert emohost("panic", "--rig", "stage").stdout == "notes off in stage\n"
        done = emohost("panic", "--rig", "studio")
        assert (done.exit_code, "no host 'studio' is running; there is 'stage'" in done.stderr) == (7, True)
    finally:
        server.close()
