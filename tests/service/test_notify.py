"""The host tells the systemd that started it that it plays, and goes on playing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emohost.host.status import Status
from emohost.service.notify import Notifier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
RIG = "name: Stage left\naudio: {backend: dummy}\nmidi: {api: none}\n"


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        yield manager


def take(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().splitlines()


def test_the_watchdog_is_fed_by_blocks_alone(tmp_path: Path, heard: socket.socket) -> None:
    now = [0.0]
    manager = Notifier(str(tmp_path / "notify"), lambda: now[0])
    starting, playing = Status("starting"), Status("playing", blocks=10)

    def told(status: Status) -> list[str]:
        now[0] += 1.0
        manager.tell(status)
        return [line for line in take(heard) if not line.startswith("STATUS=")]

    assert told(starting) == ["WATCHDOG=1"]
    assert told(playing) == ["READY=1", "WATCHDOG=1"]
    assert told(replace(playing, blocks=20)) == ["WATCHDOG=1"]
    assert told(replace(playing, blocks=20)) == []  # it hangs
    assert told(replace(playing, state="restarting", blocks=20)) == ["WATCHDOG=1"]  # and is being mended
    manager.ending()
    assert take(heard) == ["STOPPING=1"]


def test_without_a_manager_nothing_is_said(tmp_path: Path) -> None:
    Notifier.of_environment({}).tell(Status("playing"))
    Notifier(str(tmp_path / "nobody")).tell(Status("playing"))


def test_a_host_that_systemd_started_says_when_it_plays(tmp_path: Path, heard: socket.socket) -> None:
    (tmp_path / "rig.yaml").write_text(RIG)
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "XDG_RUNTIME_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "emohost", "run", "--quiet", "--duration", "3", str(tmp_path / "rig.yaml")],
        env=environment,
    ) as process:
        try:
            said = [take(heard)]
            while "READY=1" not in said[-1]:
                said.append(take(heard))
            while "STOPPING=1" not in said[-1]:
                said.append(take(heard))
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert sum("WATCHDOG=1" in each for each in said) >= 2
