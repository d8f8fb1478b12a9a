"""The control socket answers its user, refuses others, and no request can disturb the host."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from emohost.control import local
from emohost.control.local import ControlServer, panic, running_hosts, runtime_folder, send_command
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
    assert send_command("status")["ok"]
    server.close()


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
    ControlServer("short", handler).close()
    assert list(folder.iterdir()) == []
    with pytest.raises(ControlError, match="no host is running"):
        send_command("panic")
    assert panic() == []


def test_what_a_dead_host_left_is_cleared_away(folder: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    runtime_folder()
    socket_path = folder / f"host-{dead.pid}.sock"
    socket_path.write_bytes(b"")
    card = {"name": "dead", "address": str(socket_path), "key": "00"}
    (folder / f"host-{dead.pid}.json").write_text(json.dumps(card))
    assert running_hosts() == []
    assert list(folder.iterdir()) == []


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
