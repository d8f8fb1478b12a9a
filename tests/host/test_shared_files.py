"""Memory that is full, files that somebody spoils: the host says so and plays on, whatever becomes of its engine."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from file_limits import no_larger_files
from host_runs import music

from emohost.bridge.queues import queue_paths
from emohost.bridge.ring_use import RingUse, remove_unused_rings
from emohost.control.local import send_command
from emohost.errors import ControlError
from emohost.process.memory import memory_folder
from emohost.process.shared_memory import SharedMemory, map_memory

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Linux: sealed files, prlimit, mount namespaces"
)
RIG = (
    "audio: {backend: dummy, signal: noise}\n"
    "music: {play: always, clock: {source: internal}, tempo: 240}\nmidi: {api: none}\n"
)
FULL = "mount -t tmpfs -o size=4k tmpfs /dev/shm && head -c 4096 /dev/zero > /dev/shm/rest && exec "
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def _own_control_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))


def emohost(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "emohost", *map(str, arguments)]


def with_dev_shm_full(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs emohost where /dev/shm has no room left; the rest of the machine sees nothing of it."""
    private = ["unshare", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*private, FULL + "true"], check=False).returncode:
        pytest.skip("no right to mount a file system (unshare --mount)")
    command = [*private, FULL + '"$@"', "sh", *emohost(*arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


class Playing:
    """`emohost run` as a process of its own."""

    def __init__(self, folder: Path, text: str = RIG) -> None:
        config = folder / "rig.yaml"
        config.write_text(text)
        self.log = folder / "log.txt"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(emohost("run", config), stdout=log, stderr=log)
        self.wait_for(lambda: self.status["blocks"], "the first block")

    @property
    def status(self) -> dict[str, Any]:
        try:
            answer = send_command("status")
        except ControlError:
            return {"blocks": 0, "notes": 0, "restarts": 0}
        return {**answer["status"], **{name: answer[name] for name in ("engine_pid", "memory")}}

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, f"the host has ended: {self.log.read_text()}"
            assert time.monotonic() < deadline, f"not in time: {what}\n{self.log.read_text()}"
            time.sleep(0.02)

    def plays_on(self) -> None:
        notes = self.status["notes"]
        self.wait_for(lambda: self.status["notes"] > notes + 5, "more notes")


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[[], Playing]]:
    started: list[Playing] = []

    def start() -> Playing:
        started.append(Playing(tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.process.terminate()
        assert each.process.wait(PATIENCE_S) == 0, each.log.read_text()
        assert "Traceback" not in each.log.read_text()
    assert not any(path.exists() for path in queue_paths("emohost"))


def test_with_dev_shm_full_the_host_plays_and_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "rig.yaml").write_text(RIG)
    done = with_dev_shm_full("run", tmp_path / "rig.yaml", "--duration", 1)
    assert done.returncode == 0, done.stderr
    assert "Side B is not heard: /dev/shm/" in done.stderr
    assert "bytes needed, 0 free in /dev/shm" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["render", "--jobs", 2], ["analyze", "--jobs", 2], ["validate", "--help"]]
)
def test_with_dev_shm_full_files_are_worked_on_by_several_processes(
    tmp_path: Path, command: list[object]
) -> None:
    files = [music(tmp_path / f"{name}.wav", 2) for name in "ab"]
    if command[0] == "render":
        done = with_dev_shm_full(*command, *files, tmp_path / "out")
    elif command[0] == "analyze":
        done = with_dev_shm_full(*command, *files)
    else:
        done = with_dev_shm_full(*command)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_memory_that_cannot_be_had_for_another_engine_is_asked_for_again(play: Callable[[], Playing]) -> None:
    """By a limit on the size of files, which counts for files in memory as well."""
    host = play()
    with no_larger_files(host.process.pid, 100_000):
        os.kill(host.status["engine_pid"], signal.SIGKILL)
        host.wait_for(lambda: "no engine can be started" in host.log.read_text(), "the reason")
        said = host.log.read_text()
        assert "bytes needed" in said
        assert said.count("no engine can be started") == 1
    host.plays_on()


def test_nobody_truncates_the_rings_and_who_truncates_a_queue_ends_no_host(
    play: Callable[[], Playing],
) -> None:
    host = play()
    for size in (0, 100, 10_000_000):
        with pytest.raises(PermissionError):
            os.truncate(host.status["memory"], size)
    for path in queue_paths("emohost"):
        os.truncate(path, 0)
    host.plays_on()
    assert "Side B is not heard" in host.log.read_text()
    for path in queue_paths("emohost"):
        path.unlink()


def test_no_room_is_told_in_bytes_before_anything_is_mapped(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        for folder in (None, tmp_path):
            with pytest.raises(OSError, match="8192 bytes needed"):
                SharedMemory(8192, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.glob("*.rings"))


def test_every_byte_of_a_shared_file_is_there_before_it_is_mapped(tmp_path: Path) -> None:
    size = 1 << 20
    for memory in (SharedMemory(size), SharedMemory(size, tmp_path)):
        assert memory.path.stat().st_blocks * 512 >= size
        assert map_memory(str(memory.path))[size - 1] == 0
        memory.remove()
        memory.remove()


def test_what_killed_hosts_left_goes_with_the_next_host_of_any_name(
    play: Callable[[], Playing], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rings in use, by a host or by a writer, stay."""
    before = {path.name for path in memory_folder().glob("emohost-*")}
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "other"))
    killed = Playing(tmp_path, RIG + "bridge: {ring: another-9}\n")
    left = queue_paths("another-9")
    killed.process.kill()
    killed.process.wait()
    assert all(path.exists() for path in left)
    used = RingUse("used")
    try:
        monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
        play()
        assert not any(path.exists() for path in left)
        names = {path.name for path in memory_folder().glob("emohost-*")} - before
        assert sum("-used" in name for name in names) == 1
    finally:
        used.release()
    remove_unused_rings()
    assert not {path.name for path in memory_folder().glob("emohost-*-used*")}
