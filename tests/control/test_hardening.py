"""Clients that are slow, half-open, too many or too large do the music no harm, and keep nobody else out."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from browser import free_port
from host_process import HostProcess

pytest.importorskip("starlette", reason="the page needs the extra `web`")
pytest.importorskip("websockets", reason="the page needs the extra `web`")

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

SECONDS = 3.0
MOST_MB = 40  # more of memory than before, whatever is thrown at it
HALF_OPEN = 100  # uvicorn would take 64 connections
SHAKE = (
    "GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def osc_port() -> int:
    return free_port()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int, osc_port: int) -> Iterator[HostProcess]:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    running = HostProcess(
        tmp_path,
        "audio: {backend: dummy, signal: noise, level_db: -12}\n"
        "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
        f"midi: {{api: none}}\ncontrol: {{web: {{port: {port}}}, osc: {{port: {osc_port}}}}}\n",
    )
    running.wait_playing()
    yield running
    running.kill()


@contextlib.contextmanager
def half_open(port: int) -> Iterator[None]:
    """They begin a request, and say no more."""
    with contextlib.ExitStack() as ends:
        for number in range(HALF_OPEN):
            client = ends.enter_context(socket.create_connection(("127.0.0.1", port), 2))
            client.sendall((b"GET / HT", b"POST /api/request HTTP/1.1\r\n", b"")[number % 3])
        yield


def slow(port: int, ends: threading.Event) -> None:
    """It asks for the live state and does not read it, with the smallest buffer there is."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.connect(("127.0.0.1", port))
        client.sendall(SHAKE.format(port=port).encode())
        ends.wait()


def flooding(port: int, ends: threading.Event) -> None:
    """As many requests as it can send, again as soon as it is thrown out; some far too long."""
    texts = ['{"command": "set", "name": "density", "value": 1}', "{", "[" * 3000, "x" * 100_000]
    while not ends.is_set():
        with contextlib.suppress(Exception), connect(f"ws://127.0.0.1:{port}/api/live") as live:
            while not ends.is_set():
                for text in texts[:3] * 30 + texts:
                    live.send(text)


def oversized(port: int, ends: threading.Event) -> None:
    """Bodies and heads without an end."""
    long = b"Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
    starts = (b"POST /api/request HTTP/1.1\r\nHost: 127.0.0.1\r\n" + long, b"GET /")
    while not ends.is_set():
        for start in starts:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as client:
                client.sendall(start)
                for _ in range(100):
                    client.sendall(b"x" * 65536)


def datagrams(port: int, ends: threading.Event) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        while not ends.is_set():
            for data in (b"/emohost/tap\0\0\0\0,\0\0\0", bytes(60000), b"\xff" * 40):
                client.sendto(data, ("127.0.0.1", port))
            time.sleep(0.0005)


Abuse = Callable[[int, threading.Event], None]


@contextlib.contextmanager
def abused(clients: list[tuple[Abuse, int]]) -> Iterator[None]:
    ends = threading.Event()
    threads = [threading.Thread(target=each, args=(port, ends)) for each, port in clients]
    for thread in threads:
        thread.start()
    yield
    ends.set()
    for thread in threads:
        thread.join()


def panic(port: int) -> tuple[int, int]:
    """As a player would, who opens the page. Returns states seen and answers."""
    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
    with connect(f"ws://127.0.0.1:{port}/api/live") as live:
        live.send(json.dumps({"command": "panic", "id": 1}))
        states = 0
        while "answer" not in (told := json.loads(live.recv(5))):
            states += 1
        return states, int(told["answer"]["ok"])


def test_bad_clients_do_the_music_no_harm_and_keep_nobody_out(
    host: HostProcess, port: int, osc_port: int
) -> None:
    before, memory_mb = host.status(), psutil.Process(host.pid).memory_info().rss / 1e6
    clients: list[tuple[Abuse, int]] = [
        (flooding, port),
        (oversized, port),
        (datagrams, osc_port),
    ]
    answers, states = 0, 0
    with half_open(port), abused(clients + [(slow, port)] * 3):
        began = time.monotonic()
        while time.monotonic() - began < SECONDS or answers == 0 or states == 0:
            assert time.monotonic() - began < 30, "nobody else gets in"
            with contextlib.suppress(OSError, WebSocketException):
                seen, done = panic(port)
                states, answers = states + seen, answers + done
            time.sleep(0.1)
    after = host.status()
    lasted = after["seconds"] - before["seconds"]
    blocks = after["blocks"] - before["blocks"]
    assert blocks * after["audio"]["block_size"] == pytest.approx(lasted * after["audio"]["sample_rate"])
    assert lasted > 0.5 * SECONDS, "the music stood still"
    assert after["notes"] > before["notes"]
    assert after["restarts"] == 0
    # Work that is shed says how busy the machine is, which these clients share.
    assert {flag for flag in after["flags"] if not flag.startswith("shed_")} == set()
    assert after["dropped"] == {}
    assert answers > 0
    assert states > 0
    assert psutil.Process(host.pid).memory_info().rss / 1e6 - memory_mb < MOST_MB
    assert "Traceback" not in host.log


def test_who_begins_a_request_and_does_not_end_it_is_hung_up_on(host: HostProcess, port: int) -> None:
    head = b"POST /api/request HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 9\r\n"
    page = b"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    body = head + b"Content-Type: application/json\r\n\r\n{"
    begun = [b"", b"GET / HT", page + b"GET / HT", body]
    clients = [socket.create_connection(("127.0.0.1", port), 20) for _ in begun]
    for client, data in zip(clients, begun, strict=True):
        client.sendall(data)
    for client, data in zip(clients, begun, strict=True):
        said = b""
        while received := client.recv(65536):  # until it is closed
            said += received
        assert (b" 408 " in said) == (data == body)
        client.close()
