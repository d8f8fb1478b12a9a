"""The control socket answers its user, refuses others, and no request can disturb the host."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_for

from emohost.control import local
from emohost.control.local import (
    ControlServer,
    panic,
    running_hosts,
    runtime_environment,
    runtime_folder,
    send_command,
)
from emohost.errors import ControlError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    return tmp_path / "run"


def handler(request: Any) -> dict[str, Any]:
    if request["command"] == "refuse":
        raise ControlError("no, and this is why")
    return {"echo": request}


@pytest.fixture
def server() -> Iterator[ControlServer]:
    server = ControlServer("test rig", handler)
    yield server
    server.close()


def raw(data: bytes) -> dict[str, Any]:
    host = running_hosts()[0]
    with Client(host.address, authkey=host.key) as connection:
        connection.send_bytes(data)
        answer: dict[str, Any] = json.loads(connection.recv_bytes())
        return answer


def test_a_command_reaches_the_only_host_and_is_answered(server: ControlServer) -> None:
    assert [(host.pid, host.name) for host in running_hosts()] == [(os.getpid(), "test rig")]
    answer = send_command("set", name="tempo", value=90)
    assert answer["echo"] == {"command": "set", "name": "tempo", "value": 90}


def test_a_refusal_is_an_error_with_its_reason(server: ControlServer) -> None:
    with pytest.raises(ControlError, match="no, and this is why"):
        send_command("refuse")


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b"[]", b'{"command": 5}', b"\xff\xfe", b"[" * 60000, b"{}", b'"panic"']
)
def test_what_is_no_request_is_answered_with_an_error(server: ControlServer, data: bytes) -> None:
    answer = raw(data)
    assert answer["ok"] is False
    assert answer["error"]
    assert send_command("status")["ok"]


def test_a_request_beyond_all_measure_is_not_read(server: ControlServer) -> None:
    with pytest.raises((OSError, EOFError)):
        raw(b" " * 10_000_000)
    assert send_command("status")["ok"]


def test_without_the_key_there_is_no_answer(server: ControlServer) -> None:
    host = running_hosts()[0]
    with pytest.raises(AuthenticationError):
        Client(host.address, authkey=b"guessed")
    assert send_command("status")["ok"]


@posix
def test_clients_that_say_nothing_do_not_keep_others_waiting(server: ControlServer) -> None:
    host = running_hosts()[0]
    silent = []
    for _ in range(20):
        client = socket.socket(socket.AF_UNIX)
        client.connect(host.address)
        silent.append(client)
    assert send_command("status")["ok"]
    for client in silent:
        client.close()


@posix
def test_clients_that_say_nothing_are_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(local, "PATIENCE_S", 0.3)
    server = ControlServer("busy", handler)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for client in silent:
        client.connect(running_hosts()[0].address)
    for client in silent:
        client.settimeout(10)
        while client.recv(4096):  # the challenge, then the end
            pass
        client.close()
    monkeypatch.setattr(local, "PATIENCE_S", 5)
    wait_for(_is_answered, "an answer, once the threads of the three have ended")
    server.close()


def _is_answered() -> bool:
    with contextlib.suppress(ControlError):
        return bool(send_command("status")["ok"])
    return False


def test_many_at_once_are_all_answered(server: ControlServer) -> None:
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(send_command("x", n=n)["echo"]["n"]))
        for n in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(30))


@posix
def test_key_and_socket_are_closed_to_other_users(server: ControlServer, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_nothing_is_left_after_close(folder: Path) -> None:
    before = set(threading.enumerate())
    ControlServer("short", handler).close()
    assert list(folder.iterdir()) == []
    assert set(threading.enumerate()) <= before
    with pytest.raises(ControlError, match="no host is running"):
        send_command("panic")
    assert panic() == []


def card(folder: Path, pid: int, **content: object) -> Path:
    socket_path = folder / f"host-{pid}.sock"
    socket_path.write_bytes(b"")
    path = folder / f"host-{pid}.json"
    path.write_text(json.dumps({"name": "dead", "address": str(socket_path), "key": "00", **content}))
    return path


def test_what_a_dead_host_left_is_cleared_away(folder: Path) -> None:
    """By whoever looks for hosts and by the next host; also a card that cannot be read."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for spoilt in (False, True):
        runtime_folder()
        path = card(folder, dead.pid)
        if spoilt:
            path.write_text("{")
        assert running_hosts() == []
        assert list(folder.iterdir()) == []
    card(folder, dead.pid)
    server = ControlServer("next", handler)
    assert not list(folder.glob(f"*{dead.pid}*"))
    server.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process is known by its number alone")
def test_a_process_that_has_the_number_of_a_dead_host_is_no_host(folder: Path) -> None:
    runtime_folder()
    path = card(folder, os.getppid(), begun=1)
    assert running_hosts() == []
    assert not path.exists()


@posix
def test_where_the_folders_path_is_long_the_socket_has_a_folder_that_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / ("long" * 30)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server = ControlServer("long", handler)
    assert send_command("status")["ok"]
    assert list(tmp_path.glob("emohost-*"))
    server.close()
    assert not list(tmp_path.glob("emohost-*"))


@posix
def test_a_host_that_does_not_answer_is_an_error_within_seconds(
    server: ControlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "PATIENCE_S", 0.2)
    waiting = threading.Event()
    server._handler = lambda _request: {"done": waiting.wait(5)}
    with pytest.raises(ControlError, match="does not answer"):
        send_command("status")
    waiting.set()


@posix
def test_a_session_folder_that_is_not_there_yet_is_made_and_all_meet_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first host, whoever looks for it and the next host agree; other users stay outside."""
    session = tmp_path / "not" / "there"
    monkeypatch.delenv("EMOHOST_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    look = "from emohost.control.local import runtime_folder; print(runtime_folder())"
    found = [
        subprocess.run(
            [sys.executable, "-c", look], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert found == [str(session / "emohost")] * 2
    assert runtime_folder() == session / "emohost"
    assert stat.S_IMODE(session.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("named", ["/proc/nobody/makes/this", "relative/folder", "a file"])
def test_a_session_folder_that_there_cannot_be_is_passed_over_and_all_meet_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """As in a container, where the variable names a folder that nobody may make; nothing is made where one stands."""
    (tmp_path / "a file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.delenv("EMOHOST_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / named) if named == "a file" else named)
    look = "import os; from emohost.control.local import runtime_folder; print(runtime_folder()); "
    look += "print(os.environ['XDG_RUNTIME_DIR'])"
    told = {
        subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    (lines,) = (each.splitlines() for each in told)
    assert Path(lines[0]).is_dir()
    assert str(named) not in lines[0]
    assert lines[1] == os.environ["XDG_RUNTIME_DIR"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "run") == ["a file", "tmp"]


def test_a_folder_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "file" / "below"))
    with pytest.raises(ControlError, match=r"below: cannot be used for the control socket: Not a directory$"):
        runtime_folder()


@posix
def test_a_process_decides_once_and_hands_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the folder goes, or is spoilt, meanwhile."""
    session = tmp_path / "session"
    monkeypatch.delenv("EMOHOST_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    first = runtime_folder()
    session.chmod(0o755)
    assert runtime_folder() == first
    first.rmdir()
    session.rmdir()
    assert runtime_folder() == first
    assert runtime_environment() == {"EMOHOST_RUNTIME": str(first)}


def _elsewhere(name: str, tmp: Path) -> subprocess.Popen[str]:
    code = (
        "import sys, time\n"
        "from emohost.control.local import ControlServer\n"
        f"server = ControlServer({name!r}, lambda request: {{}}, 'ring')\n"
        "print(server.name, flush=True)\n"
        "sys.stdin.read()\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_hosts_of_one_name_are_numbered_also_when_they_start_together(tmp_path: Path) -> None:
    processes = [_elsewhere("stage", tmp_path) for _ in range(4)]
    try:
        names = {process.stdout.readline().strip() for process in processes if process.stdout}
        assert names == {"stage", "stage-2", "stage-3", "stage-4"}
        assert {host.name for host in running_hosts()} == names
        assert panic("stage-3") == ["stage-3"]
        with pytest.raises(ControlError, match="no host 'stage-5' is running; there is 'stage"):
            panic("stage-5")
    finally:
        for process in processes:
            process.communicate(timeout=20)
