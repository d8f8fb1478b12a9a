"""What steers a host from outside, as functions of bytes: OSC's packets, MIDI that comes in and what is mapped to it,
messages of the page's WebSocket. Behind each is a host that does not run."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Any

from fuzz_control import idle_requests
from pydantic import ValidationError

from emohost.config.control import MidiMapping
from emohost.control.midi_map import MidiMap
from emohost.control.osc import LONGEST, OscServer, parsed
from emohost.control.web.app import Page
from emohost.control.web.description import LONGEST as LONGEST_REQUEST
from emohost.control.web.live import as_json
from emohost.errors import ConfigError
from emohost.host.requests import Requests

SENDER = ("127.0.0.1", 9)  # nobody listens there
INPUTS = ("keys", "pedals")
_requests: Requests | None = None


def _host() -> Requests:
    global _requests
    _requests = _requests or idle_requests()
    return _requests


# --- OSC: a datagram ------------------------------------------------------------------------------------------------


class _Answers(OscServer):
    """Without its thread; keeps what it would send."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", 0, [], _host().answer)
        self._closing.set()
        self._thread.join()
        self.sent: list[tuple[str, Any]] = []

    def take(self, data: bytes) -> None:
        self._counts.clear()  # of a sender that is slower
        self._subscriptions.clear()
        self._waiting.clear()
        self.sent.clear()
        self._take(data, SENDER)
        self._publish()

    def _send(self, to: tuple[str, int], address: str, value: float | str | bool) -> None:
        self.sent.append((address, value))


_osc: _Answers | None = None


def run_osc(data: bytes) -> None:
    global _osc
    _osc = _osc or _Answers()
    _osc.take(data[: LONGEST + 1])
    for address, value in _osc.sent:
        assert address.startswith(("/emohost/error", "/emohost/value/", "/emohost/reading/")), address
        assert isinstance(value, (bool, int, float, str))
    for at, _ in parsed(data) or ():
        assert isinstance(at, float)


def _osc_message(address: str, *values: float | str) -> bytes:
    def text(value: str) -> bytes:
        return value.encode() + bytes(4 - len(value.encode()) % 4)

    data = text(address) + text("," + "".join("s" if isinstance(value, str) else "f" for value in values))
    return data + b"".join(
        text(value) if isinstance(value, str) else struct.pack(">f", value) for value in values
    )


def osc_seeds() -> Iterator[bytes]:
    messages = [
        _osc_message("/emohost/set/density", 0.5, 2.0),
        _osc_message("/emohost/at/bar/listen", "answer"),
        _osc_message("/emohost/get/tempo"),
        _osc_message("/emohost/feel", 0.5, -0.5),
        _osc_message("/emohost/subscribe", 10.0, "tempo", "key"),
        _osc_message("/emohost/snapshot/recall", "verse"),
        _osc_message("/emohost/transport", "stop"),
    ]
    yield from messages
    inside = b"".join(struct.pack(">i", len(each)) + each for each in messages[:3])
    yield b"#bundle\0" + struct.pack(">II", 0, 1) + inside


# --- MIDI: a line of YAML's JSON that maps, then messages of three bytes, each with the number of its input ----------


def run_midi_map(data: bytes) -> None:
    head, _, rest = data.partition(b"\n")
    try:
        wanted = json.loads(head)
        mappings = [MidiMapping.model_validate(each) for each in wanted] if isinstance(wanted, list) else []
    except (ValueError, RecursionError, ValidationError, ConfigError):
        mappings = []
    asked: list[Mapping[str, Any]] = []

    def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(request)
        return _host().answer(request)

    host = _host()
    midi = MidiMap(
        mappings,
        INPUTS,
        answer,
        lambda name: float(host.answer({"command": "get"})["parameters"][name]),
        lambda number: "verse" if number == 0 else None,
    )
    midi.learn(lambda controller, channel, source: None)
    for at in range(0, len(rest) - 3, 4):
        length = 1 + rest[at] % 3
        midi.take(time.monotonic_ns(), rest[at + 1 : at + 1 + length], rest[at] >> 4)
        midi.step()
    for request in asked:
        assert isinstance(request["command"], str)
        assert request.get("command") != "set" or request["value"] == request["value"], "no number"


def midi_map_seeds() -> Iterator[bytes]:
    knobs = [
        {"controller": 20, "parameter": "density"},
        {"controller": 22, "parameter": "velocity", "relative": "offset"},
        {"controller": 1, "parameter": "tempo", "fine": True, "low": 60, "high": 140, "takeover": "jump"},
        {"controller": 65, "action": "tap"},
        {"note": 36, "parameter": "melody_enabled", "channel": 10, "input": "keys"},
        {"program": 5, "snapshot": "verse", "over_s": 2},
    ]
    messages = bytes(
        [2, 0xB0, 20, 64, 2, 0xB0, 22, 70, 2, 0xB0, 1, 9, 2, 0xB0, 33, 9, 18, 0x99, 36, 99, 1, 0xC0, 5, 0]
    )
    yield json.dumps(knobs).encode() + b"\n" + messages
    yield json.dumps(knobs[:1]).encode() + b"\n" + bytes([2, 0xB0, 20, 127, 2, 0xB0, 20, 0])
    yield b"[]\n" + bytes([1, 0xC0, 0, 0])


# --- the page's WebSocket: one message ------------------------------------------------------------------------------


def run_page(data: bytes) -> None:
    told = asyncio.run(_page().asked(data[:LONGEST_REQUEST], "fuzz"))
    answer = json.loads(as_json({"answer": told}))["answer"]
    assert answer["ok"] is True or answer["error"]


def _page() -> Page:
    return Page(_direct)


def _direct(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return _host().answer(request)


def page_seeds() -> Iterator[bytes]:
    for request in (
        {"command": "set", "name": "tempo", "value": 90, "at": "bar", "over_s": 1.5, "id": 7},
        {"command": "snapshot", "action": "save", "name": "verse"},
        {"command": "snapshot", "action": "recall", "name": "verse", "over_s": 4},
        {"command": "feel", "valence": 0.5, "arousal": -0.5, "weight": 1, "seconds": 10},
        {"command": "learn", "parameter": "density"},
        {"command": "clock", "source": "follow"},
        {"command": "side_b", "on": False},
        {"command": "transport", "action": "stop"},
        {"command": "panic", "id": None},
    ):
        yield json.dumps(request).encode()
