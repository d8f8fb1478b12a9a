"""Open Sound Control: messages become the control socket's requests, answers come back, rubbish does no harm.

The client's bytes are written here by the specification, not by the server's library.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from host_runs import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.config.load import parse_rig
from emohost.control.osc import LONGEST, MOST_A_SECOND, OscServer, parsed
from emohost.errors import ConfigError, ControlError

EPOCH = 2208988800  # of NTP's seconds, 1900, in Unix seconds


def text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return data + bytes(-len(data) % 4)


def message(address: str, *values: float | int | str) -> bytes:
    """By OSC 1.0, written here: no library of the server's."""
    tags = "," + "".join({float: "f", int: "i", str: "s"}[type(value)] for value in values)
    data = text(address) + text(tags)
    for value in values:
        data += (
            text(value)
            if isinstance(value, str)
            else struct.pack(">f" if isinstance(value, float) else ">i", value)
        )
    return data


def bundle(at_s: float, *messages: bytes) -> bytes:
    seconds, fraction = divmod(at_s + EPOCH, 1)
    head = b"#bundle\0" + struct.pack(">II", int(seconds), int(fraction * 2**32))
    return head + b"".join(struct.pack(">i", len(each)) + each for each in messages)


def read(data: bytes) -> tuple[str, Any]:
    """Address and first value."""
    address, _ = data.split(b"\0", 1)
    tags_at = len(text(address.decode()))
    kind = chr(data[tags_at + 1])
    body = data[tags_at + len(text("," + kind)) :]
    value: Any = {"T": True, "F": False}.get(kind)
    if kind == "f":
        (value,) = struct.unpack(">f", body[:4])
    elif kind == "i":
        (value,) = struct.unpack(">i", body[:4])
    elif kind == "s":
        value = body.split(b"\0")[0].decode()
    return address.decode(), value


class Client:
    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(2)
        self._to = ("127.0.0.1", port)

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._to)

    def receive(self) -> tuple[str, Any]:
        return read(self._socket.recv(65536))

    def ask(self, address: str, *values: float | int | str) -> tuple[str, Any]:
        self.send(message(address, *values))
        return self.receive()

    def close(self) -> None:
        self._socket.close()


class Host:
    """In place of one: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if request["command"] == "status":
            return {"status": {"tempo": 96.0, "notes": 3, "key": "C major", "clock_lost": False, "flags": {}}}
        self.asked.append({name: value for name, value in request.items() if name != "by"})
        if request["command"] == "get":
            return {"parameters": {"density": 0.5, "tempo": 96.0}}
        if request.get("name") == "densty":
            raise ControlError("there is no parameter 'densty'")
        return {}

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + 5
        while len(self.asked) < count:
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.002)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def server(host: Host) -> Iterator[OscServer]:
    opened = OscServer("127.0.0.1", 0, [], host.answer)
    yield opened
    opened.close()


@pytest.fixture
def client(server: OscServer) -> Iterator[Client]:
    opened = Client(server.port)
    yield opened
    opened.close()


REQUESTS = [
    (("/emohost/set/density", 0.5), {"command": "set", "name": "density", "value": 0.5, "over_s": 0.0}),
    (("/emohost/set/transpose", 2, 1.5), {"command": "set", "name": "transpose", "value": 2, "over_s": 1.5}),
    (
        ("/emohost/at/bar/listen", "answer"),
        {"command": "set", "name": "listen", "value": "answer", "over_s": 0.0, "at": "bar"},
    ),
    (
        ("/emohost/snapshot/recall", "verse", 2.0),
        {"command": "snapshot", "action": "recall", "name": "verse", "over_s": 2.0},
    ),
    (("/emohost/snapshot/save", "verse"), {"command": "snapshot", "action": "save", "name": "verse"}),
    (("/emohost/transport", "stop"), {"command": "transport", "action": "stop"}),
    (("/emohost/clock", "follow"), {"command": "clock", "source": "follow"}),
    (
        ("/emohost/feel", 0.5, -0.25),
        {"command": "feel", "valence": 0.5, "arousal": -0.25, "weight": 1.0, "seconds": 10.0},
    ),
    (
        ("/emohost/feel", 0.5, -0.25, 0.5, 2.0),
        {"command": "feel", "valence": 0.5, "arousal": -0.25, "weight": 0.5, "seconds": 2.0},
    ),
    *((("/emohost/" + name,), {"command": name}) for name in ("tap", "downbeat", "panic", "reload")),
]


@pytest.mark.parametrize(("sent", "asked"), REQUESTS)
def test_a_message_is_the_request_that_it_names(
    client: Client, host: Host, sent: tuple[Any, ...], asked: dict[str, Any]
) -> None:
    client.send(message(*sent))
    host.wait(1)
    assert host.asked == [asked]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (("/emohost/set/densty", 1.0), "there is no parameter 'densty'"),
        (("/emohost/set/density",), "found 0 arguments; expected a value and seconds, if any"),
        (("/emohost/set/density", 1.0, 1.0, 1.0), "found 3 arguments"),
        (("/emohost/feel", 1.0), "found 1 arguments"),
        (("/other/set/density", 1.0), "expected an address that begins with /emohost/"),
        (("/emohost/nothing", 1.0), "there is no /emohost/nothing"),
        (("/emohost/get/densty",), "there is no parameter 'densty'"),
        (("/emohost/subscribe", 1000.0), "subscribe: found 1000.0; expected 0 to 50 times a second"),
        (("/emohost/subscribe", 1.0, "temp"), "there is no reading 'temp'"),
    ],
)
def test_what_is_refused_is_answered_by_an_error(client: Client, sent: tuple[Any, ...], error: str) -> None:
    address, said = client.ask(*sent)
    assert address == "/emohost/error"
    assert error in said


def test_get_is_answered_by_values(client: Client) -> None:
    assert client.ask("/emohost/get/density") == ("/emohost/value/density", 0.5)
    assert client.ask("/emohost/get") == ("/emohost/value/density", 0.5)
    assert client.receive() == ("/emohost/value/tempo", 96.0)


def test_readings_come_as_often_as_asked_until_they_are_ended(client: Client) -> None:
    client.send(message("/emohost/subscribe", 20.0, "tempo", "key"))
    began = time.monotonic()
    got = [client.receive() for _ in range(10)]
    assert 0.15 < time.monotonic() - began < 1.0
    assert got == [("/emohost/reading/tempo", 96.0), ("/emohost/reading/key", "C major")] * 5
    client.send(message("/emohost/subscribe", 0))
    time.sleep(0.1)
    client._socket.settimeout(0.3)
    with contextlib.suppress(TimeoutError):  # what was under way
        for _ in range(10):
            client.receive()
        pytest.fail("readings still come")


def test_all_readings_have_their_types(client: Client) -> None:
    client.send(message("/emohost/subscribe", 1))
    got = dict(client.receive() for _ in range(4))
    assert got == {
        "/emohost/reading/tempo": 96.0,
        "/emohost/reading/notes": 3,
        "/emohost/reading/key": "C major",
        "/emohost/reading/clock_lost": False,
    }


def test_a_bundle_waits_for_its_time(client: Client, host: Host) -> None:
    client.send(bundle(time.time() + 0.3, message("/emohost/tap"), message("/emohost/panic")))
    client.send(message("/emohost/downbeat"))
    host.wait(1)
    assert host.asked == [{"command": "downbeat"}]
    began = time.monotonic()
    host.wait(3)
    assert time.monotonic() - began > 0.1
    assert [each["command"] for each in host.asked] == ["downbeat", "tap", "panic"]
    client.send(bundle(time.time() + 3600, message("/emohost/tap")))
    assert "too far ahead" in client.receive()[1]


def test_a_flood_is_cut_off(client: Client, server: OscServer, host: Host) -> None:
    for _ in range(3 * MOST_A_SECOND):
        client.send(message("/emohost/tap"))
    time.sleep(0.3)
    assert len(host.asked) <= 2 * MOST_A_SECOND
    time.sleep(1.1)
    before = len(host.asked)
    client.send(message("/emohost/panic"))
    host.wait(before + 1)
    assert host.asked[-1] == {"command": "panic"}


def test_others_than_those_allowed_are_not_heard(host: Host) -> None:
    server = OscServer("127.0.0.1", 0, ["127.0.0.9"], host.answer)
    client = Client(server.port)
    client.send(message("/emohost/panic"))
    deadline = time.monotonic() + 5
    while not server.dropped:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert host.asked == []
    client.close()
    server.close()


def test_a_port_that_is_taken_is_said(server: OscServer, host: Host) -> None:
    with pytest.raises(ControlError, match=f"control.osc: 127.0.0.1:{server.port}: Address already in use"):
        OscServer("127.0.0.1", server.port, [], host.answer)


def test_rubbish_gets_an_error_and_the_server_goes_on(client: Client, host: Host) -> None:
    for rubbish in (b"", b"abc", b"\xff" * 40, b"/a", b"#bundle\0" + b"\xff" * 16, bytes(LONGEST)):
        client.send(rubbish)
        assert client.receive()[0] == "/emohost/error"
    client.send(message("/emohost/tap"))
    host.wait(1)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=100), st.binary(max_size=96).map(lambda tail: b"/a\0\0," + tail)))
def test_no_datagram_breaks_the_parser(data: bytes) -> None:
    for at, found in parsed(data) or ():
        assert isinstance(at, float)
        assert isinstance(found.address, str)


@pytest.mark.parametrize(
    ("osc", "error"),
    [
        ("{host: 0.0.0.0}", "expected the addresses that may steer it under allow"),
        ("{host: stage.local}", "expected an IP address such as 127.0.0.1"),
        ("{port: 0}", "found 0; expected"),
    ],
)
def test_a_rig_that_lets_anybody_in_is_refused(osc: str, error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        parse_rig(f"audio: {{backend: dummy}}\ncontrol: {{osc: {osc}}}\n")


def test_a_host_is_steered_and_tells_its_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: dummy, signal: noise, level_db: -12}\n"
        f"control: {{osc: {{port: {port}}}}}\n"
        "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
    )
    run, client = Run(config), Client(port)
    try:
        run.wait_playing()
        client.send(message("/emohost/set/tempo", 120))
        run.wait_for(lambda: run.status.tempo == 120, "the tempo")
        assert client.ask("/emohost/get/tempo") == ("/emohost/value/tempo", 120.0)
        client.send(message("/emohost/subscribe", 10, "tempo"))
        assert client.receive() == ("/emohost/reading/tempo", 120.0)
        client.send(message("/emohost/transport", "stop"))
        run.wait_for(lambda: run.status.band == "stopped" and not run.port.ledger.sounding, "silence")
    finally:
        client.close()
        run.end()
