"""The page: what it asks for is what the control socket does; strangers, floods and rubbish do not get in."""

from __future__ import annotations

import contextlib
import json
import socket
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the page needs the extra `web`")
pytest.importorskip("uvicorn", reason="the page needs the extra `web`")
pytest.importorskip("httpx", reason="starlette's test client needs httpx")

from host_runs import Run
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from emohost import vocabulary
from emohost.control.web.access import Access, kept_token
from emohost.control.web.app import FILES, MOST_A_SECOND, make_app
from emohost.control.web.description import COMMANDS, LONGEST
from emohost.control.web.live import MOST_CLIENTS
from emohost.control.web.server import WebServer
from emohost.errors import ControlError

HERE = "http://127.0.0.1:8666"
LIVE = "ws://127.0.0.1:8666/api/live"


class Host:
    """In place of one."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        command = request["command"]
        if command == "status":
            return {"status": {"state": "playing", "level_db": float("-inf"), "messages": ()}}
        if command == "get":
            return {"parameters": {"density": 0.5}, "set_by": {"density": "a pedal"}}
        if command == "snapshot" and request.get("action") == "list":
            return {"snapshots": {"verse": {}}}
        if command == "learn" and "parameter" not in request:
            return {"waits": False}
        self.asked.append(dict(request))
        if request.get("name") == "densty":
            raise ControlError("there is no parameter 'densty'")
        return {}


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def client(host: Host) -> TestClient:
    return TestClient(make_app(host.answer, Access("127.0.0.1", 8666, None)), base_url=HERE)


def test_the_page_and_what_it_needs_are_small_and_come_from_here_alone(client: TestClient) -> None:
    size = 0
    assert {"/main.js", "/page.css"} <= FILES.keys()
    for path in ("/", *FILES):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "http://" not in answer.text.replace("http://www.w3.org", "")
        assert "https://" not in answer.text
        size += len(answer.content)
    assert size < 150_000


def test_the_surface_is_the_vocabularys(client: TestClient) -> None:
    told = client.get("/api/surface").json()
    assert [each["name"] for each in told["parameters"]] == [each.name for each in vocabulary.PARAMETERS]
    assert [each["name"] for each in told["actions"]] == [each.name for each in vocabulary.ACTIONS]


def test_the_state_is_json_whatever_the_numbers(client: TestClient) -> None:
    told = client.get("/api/state").json()
    assert told["status"]["level_db"] is None
    assert told["parameters"] == {"density": 0.5}
    assert told["snapshots"] == ["verse"]


def test_a_request_is_that_of_the_control_socket(client: TestClient, host: Host) -> None:
    answer = client.post("/api/request", json={"command": "set", "name": "density", "value": 0.7})
    assert answer.json() == {"ok": True, "id": None}
    assert host.asked == [{"command": "set", "name": "density", "value": 0.7, "by": "page"}]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"command": "set", "name": "densty", "value": 1}, "there is no parameter 'densty'"),
        ({"command": "stop"}, "command: found 'stop'; expected one of"),
        ({"command": 3}, "expected a JSON object"),
        ([1], "expected a JSON object"),
    ],
)
def test_what_is_refused_says_why(client: TestClient, body: object, error: str) -> None:
    answer = client.post("/api/request", json=body)
    assert answer.status_code == 400
    assert error in answer.json()["error"]


def test_rubbish_and_giants_are_refused(client: TestClient, host: Host) -> None:
    json_type = {"content-type": "application/json"}
    assert client.post("/api/request", content=b"\xff{", headers=json_type).status_code == 400
    assert client.post("/api/request", content=b"[" * 4000, headers=json_type).status_code == 400
    assert client.post("/api/request", content=b" " * (LONGEST + 1), headers=json_type).status_code == 413
    assert client.post("/api/request", content=b'{"command": "panic"}').status_code == 415
    assert client.get("/api/request").status_code == 405
    assert host.asked == []


@pytest.mark.parametrize("path", ["/", "/api/state", "/api/surface"])
def test_another_host_name_is_refused(client: TestClient, path: str) -> None:
    """A page elsewhere whose name was made to lead here."""
    answer = client.get(path, headers={"host": "evil.example:8666"})
    assert answer.status_code == 403
    assert "another host" in answer.text


def test_another_page_is_refused(client: TestClient, host: Host) -> None:
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        answer = client.post("/api/request", json={"command": "panic"}, headers=headers)
        assert answer.status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(LIVE, headers={"origin": "http://evil.example"}),
    ):
        pass
    assert host.asked == []
    assert client.post("/api/request", json={"command": "panic"}, headers={"origin": HERE}).status_code == 200


def test_with_a_token_nobody_gets_in_without(host: Host) -> None:
    app = make_app(host.answer, Access("0.0.0.0", 8666, "x" * 32), ("0.0.0.0", 9000))
    client = TestClient(app, base_url="http://rig.local:8666", follow_redirects=False)
    for path in (
        "/",
        "/main.js",
        "/api/state",
        "/api/openapi.json",
        "/?HOST_INFO",
        "/emohost",
        "/?token=wrong",
    ):
        assert client.get(path).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://rig.local:8666/api/live"):
        pass
    answer = client.get("/?token=" + "x" * 32, headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "<!doctype html>" in client.get("/", headers={"accept": "text/html"}).text  # the cookie
    with client.websocket_connect("ws://rig.local:8666/api/live") as live:
        assert "parameters" in live.receive_json()["state"]


def test_the_token_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "web-token"
    token = kept_token(file)
    assert len(token) >= 32
    assert kept_token(file) == token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("short")
    with pytest.raises(ControlError, match="found 5 characters; expected a token"):
        kept_token(file)


def test_the_state_comes_again_and_again_and_requests_are_answered(client: TestClient, host: Host) -> None:
    with client.websocket_connect(LIVE) as live:
        assert live.receive_json()["state"]["parameters"] == {"density": 0.5}
        live.send_json({"command": "panic", "id": 7})
        told = next(each for each in iter(live.receive_json, None) if "answer" in each)
        assert told == {"answer": {"ok": True, "id": 7}}
        live.send_text("{")
        told = next(each for each in iter(live.receive_json, None) if "answer" in each)
        assert told["answer"]["error"] == "found no JSON"
    assert host.asked == [{"command": "panic", "by": "page testclient"}]


def test_a_flood_ends_the_connection(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as live:
        assert "parameters" in live.receive_json()["state"]
        for _ in range(3 * MOST_A_SECOND):
            live.send_text("{}")
        received = 0
        with contextlib.suppress(WebSocketDisconnect):
            while received < 10 * MOST_A_SECOND:
                live.receive_json()
                received += 1
    assert received < 3 * MOST_A_SECOND


def test_what_the_page_may_ask_for_the_host_knows() -> None:
    from emohost.host.requests import Requests

    assert {f"_do_{command}" for command in COMMANDS} <= set(vars(Requests))


@pytest.fixture
def server(host: Host) -> Iterator[WebServer]:
    opened = WebServer("127.0.0.1", 0, None, host.answer)
    yield opened
    opened.close()


def test_a_port_that_is_taken_is_said(server: WebServer, host: Host) -> None:
    with pytest.raises(ControlError, match=f"control.web: 127.0.0.1:{server.port}: Address already in use"):
        WebServer("127.0.0.1", server.port, None, host.answer)


def test_half_open_and_rubbish_connections_keep_nobody_out(server: WebServer) -> None:
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(MOST_CLIENTS)]
    for number, each in enumerate(idle):
        each.sendall(
            (b"\x16\x03\x01rubbish\r\n\r\n", b"GET / HT", b"POST /api/request HTTP/1.1\r\n")[number % 3]
        )
    url = f"http://127.0.0.1:{server.port}/api/state"
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert json.load(answer)["parameters"] == {"density": 0.5}
    for each in idle:
        each.close()


def test_a_host_shows_its_page_and_is_steered_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: dummy, signal: noise, level_db: -12}\n"
        f"control: {{web: {{port: {port}}}}}\n"
        "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
    )
    run = Run(config)
    url = f"http://127.0.0.1:{port}/api/"
    try:
        run.wait_playing()
        request = urllib.request.Request(
            url + "request",
            json.dumps({"command": "set", "name": "tempo", "value": 120}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["ok"]
        run.wait_for(lambda: run.status.tempo == 120, "the tempo")
        with urllib.request.urlopen(url + "state", timeout=5) as answer:
            told = json.load(answer)
        assert told["parameters"]["tempo"] == 120
        assert told["set_by"] == {"tempo": "page"}
        assert told["status"]["state"] == "playing"
    finally:
        run.end()
    time.sleep(0.1)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url + "state", timeout=2)
