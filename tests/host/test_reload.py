"""A host that plays exchanges networks and its own style without losing a block or a note, and refuses what is bad."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from host_runs import Run
from model_files import random_network, rtneural
from waiting import wait_for

from emohost.control.local import send_command
from emohost.errors import ControlError

RIG = (
    "audio: {backend: dummy, signal: noise, level_db: -12, block_size: 128}\n"
    "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
    "networks: {melody: {file: mine.json}}\n"
    "engine: {precision: float32}\n"
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and terminals")


def network(path: Path, seed: int, inputs: int = 64, outputs: int = 128) -> None:
    path.write_text(json.dumps(rtneural(random_network(seed, inputs, 4, outputs))), encoding="utf-8")


@pytest.fixture(autouse=True)
def _own_control_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    config = tmp_path / "rig.yaml"
    config.write_text(RIG, encoding="utf-8")
    network(tmp_path / "mine.json", 0)
    playing = Run(config)
    playing.wait_playing()
    yield playing
    playing.end()


def reloaded() -> dict[str, Any]:
    told = send_command("reload")
    return {kind: told[kind] for kind in ("live", "swap", "restart")}


def test_a_hundred_swaps_while_it_plays_lose_no_block_and_no_note(run: Run, tmp_path: Path) -> None:
    engine = run.engine_pid
    for seed in range(1, 101):
        network(tmp_path / "mine.json", seed)
        assert reloaded()["swap"] == ["networks.melody.file"]
    last = run.host.monitor.last
    assert int(last["block"]) + 1 == run.host.monitor.blocks  # every one was reported
    assert run.engine_pid == engine
    assert not run.status.dropped
    assert "event_ring_full" not in run.status.flags
    played = len(run.port.sent)
    run.wait_for(lambda: len(run.port.sent) > played + 20, "it plays on")
    run.end()
    assert run.finish().last.restarts == 0
    assert run.port.ledger.sounding == 0
    ons = sum(data[0] & 0xF0 == 0x90 and data[2] > 0 for _, data in run.port.sent)
    left_out = run.finish().stale + run.finish().ended  # by a busy machine, and planned for after the end
    assert ons + left_out == run.finish().last.notes


def test_an_engine_after_a_loss_begins_with_what_was_exchanged(run: Run, tmp_path: Path) -> None:
    network(tmp_path / "other.json", 7)
    (tmp_path / "mine.yaml").write_text("name: Mine\nsource: by hand\n", encoding="utf-8")
    text = RIG.replace("mine.json", "other.json").replace("tempo: 240", "tempo: 240, style: mine.yaml")
    run.config.write_text(text, encoding="utf-8")
    assert reloaded() == {"live": [], "swap": ["music.style", "networks.melody.file"], "restart": []}
    (tmp_path / "mine.json").unlink()  # whoever needs it fails
    run.wait_for(lambda: run.status.style == "own", "the style, from the next bar on")
    os.kill(run.engine_pid, signal.SIGKILL)
    run.wait_for(lambda: run.status.restarts == 1 and run.status.state == "playing", "the next engine")
    run.wait_for(lambda: run.status.style == "own", "the same style")


def test_a_bad_network_changes_nothing_and_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    run.config.write_text(RIG.replace("tempo: 240", "tempo: 120"), encoding="utf-8")
    for content, said in (
        ("{", r"mine\.json: not JSON: line 1, column"),
        ("", r"mine\.json: the file is empty"),
        (None, r"melody: .*mine\.json"),
    ):
        file.unlink()
        if content is not None:
            file.write_text(content, encoding="utf-8")
        with pytest.raises(ControlError, match=said):
            reloaded()
        file.touch()
    assert run.status.tempo == 240
    network(file, 3)
    assert reloaded()["swap"] == ["networks.melody.file"]
    run.wait_for(lambda: run.status.tempo == 120, "what was put right")
    network(file, 3, inputs=128, outputs=64)
    with pytest.raises(ControlError, match=r"expected 64 -> 128 for the role melody, found 128 -> 64"):
        reloaded()


def test_an_emotion_network_that_hears_otherwise_waits_for_a_start(run: Run, tmp_path: Path) -> None:
    network(tmp_path / "mel.json", 3, inputs=128, outputs=64)  # mel128, as no file of ours
    run.config.write_text(RIG.replace("melody: {", "emotion: {file: mel.json}, melody: {"), encoding="utf-8")
    assert reloaded() == {"live": [], "swap": [], "restart": ["networks.emotion.file"]}


@posix
def test_sighup_reads_the_rig_again(tmp_path: Path) -> None:
    host = hosted(tmp_path, start_new_session=True)
    config = tmp_path / "rig.yaml"
    config.write_text(RIG.replace("tempo: 240", "tempo: 120, seed: 9"), encoding="utf-8")
    host.send_signal(signal.SIGHUP)
    wait_for(lambda: send_command("status")["status"]["tempo"] == 120, "the tempo")
    config.write_text(RIG.replace("tempo: 240", "tempo: fast"), encoding="utf-8")
    host.send_signal(signal.SIGHUP)
    wait_for(
        lambda: any("music.tempo: found 'fast'" in each for each in messages()), "the mistake to be told"
    )
    assert "from the next start on: midi.api, music.seed" in " ".join(messages())
    send_command("stop")
    assert host.wait(20) == 0


@posix
def test_the_end_of_its_terminal_ends_the_run(tmp_path: Path) -> None:
    """The same signal; but a host whose window is closed is not to play on."""
    import pty

    ours, theirs = pty.openpty()
    host = hosted(
        tmp_path,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(theirs)
    host.send_signal(signal.SIGHUP)  # the terminal is there: somebody asks for a reload
    wait_for(lambda: any(re.match("reloaded", each) for each in messages()), "the reload")
    os.close(ours)
    assert host.wait(20) == 0


def take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def messages() -> list[str]:
    return list(send_command("status")["status"]["messages"])


def hosted(folder: Path, **how: Any) -> subprocess.Popen[bytes]:
    """A host as a program of its own, once it plays."""
    (folder / "rig.yaml").write_text(RIG + "midi: {api: none}\n", encoding="utf-8")
    network(folder / "mine.json", 0)
    host = subprocess.Popen([sys.executable, "-m", "emohost", "run", str(folder / "rig.yaml")], **how)

    def plays() -> bool:
        assert host.poll() is None
        try:
            return bool(send_command("status")["status"]["blocks"])
        except ControlError:
            return False

    wait_for(plays, "the first block")
    return host
