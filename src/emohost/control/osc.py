"""Open Sound Control over UDP: the same requests as the control socket's, as messages (OSC 1.0, M. Wright 2002).

    /emohost/set/density 0.6 [seconds]         a parameter, gliding over seconds if they are given
    /emohost/at/bar/density 0.6 [seconds]      with the next bar ('beat': the next beat)
    /emohost/get/density                       answered by /emohost/value/density
    /emohost/snapshot/recall "verse" [seconds] also save, delete
    /emohost/transport "start"                 or "stop"; /emohost/tap, /emohost/downbeat, /emohost/clock "follow"
    /emohost/feel valence arousal [weight] [seconds]
    /emohost/panic, /emohost/reload
    /emohost/subscribe 10 "tempo" "chord_played"   readings so often a second, as /emohost/reading/tempo; renewed each
                                                   minute; without names all of them; 0 ends it

What is refused is answered by /emohost/error with a text. A bundle's time tag is honoured up to ten seconds ahead.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from emohost.errors import ControlError

LONGEST = 8192  # bytes of a datagram
MOST_A_SECOND = 2000  # messages of one sender; more are dropped
MOST_SENDERS = 256  # that are counted
MOST_SUBSCRIBERS = 32
MOST_WAITING = 1024  # messages of bundles
FASTEST_HZ, SUBSCRIBED_S, FARTHEST_S = 50.0, 60.0, 10.0
WAIT_S = 0.02
FEEL = {"valence": 0.0, "arousal": 0.0, "weight": 1.0, "seconds": 10.0}
_BUNDLE = b"#bundle\0"
_log = logging.getLogger("emohost.control")

Sender = tuple[str, int]
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class _Subscription:
    names: tuple[str, ...]
    every_s: float
    until_s: float
    next_s: float


class OscServer:
    """Answers on a thread of its own until `close`."""

    def __init__(self, host: str, port: int, allow: Sequence[str], answer: Answer) -> None:
        """`answer` takes a request of the control socket, and may raise ControlError. With `allow`, only those
        addresses are listened to. Raises ControlError if the port cannot be had."""
        self._answer, self._allow = answer, frozenset(allow)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise ControlError(f"control.osc: {host}:{port}: {error.strerror}") from None
        self._socket.settimeout(WAIT_S)
        self.port: int = self._socket.getsockname()[1]
        self._subscriptions: dict[Sender, _Subscription] = {}
        self._waiting: list[tuple[float, int, OscMessage, Sender]] = []
        self._numbers = itertools.count()
        self._second, self._counts = 0, dict[str, int]()
        self.dropped = 0
        """Messages that were too many, not allowed, or no OSC."""
        self._closing = threading.Event()
        self._quiet = _Quiet()
        logging.getLogger().addFilter(self._quiet)
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(1.0)
        self._socket.close()
        logging.getLogger().removeFilter(self._quiet)

    # --- its thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError, OSError):  # nothing came, or what we sent was refused
                data, sender = self._socket.recvfrom(LONGEST + 1)
                self._take(data, (sender[0], sender[1]))
            now = time.time()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, message, asker = heapq.heappop(self._waiting)
                self._do(message, asker)
            self._publish()

    def _take(self, data: bytes, sender: Sender) -> None:
        if (self._allow and sender[0] not in self._allow) or self._too_many(sender[0]):
            self.dropped += 1
            return
        messages = parsed(data)
        if messages is None:
            self.dropped += 1
            self._send(sender, "/emohost/error", "found no OSC message")
            return
        now = time.time()
        for at, message in messages:
            if at <= now:
                self._do(message, sender)
            elif at > now + FARTHEST_S or len(self._waiting) >= MOST_WAITING:
                self.dropped += 1
                self._send(sender, "/emohost/error", f"{message.address}: its time is too far ahead")
            else:
                heapq.heappush(self._waiting, (at, next(self._numbers), message, sender))

    def _too_many(self, address: str) -> bool:
        second = int(time.monotonic())
        if second != self._second or len(self._counts) > MOST_SENDERS:
            self._second, self._counts = second, {}
        self._counts[address] = self._counts.get(address, 0) + 1
        return self._counts[address] > MOST_A_SECOND

    def _do(self, message: OscMessage, sender: Sender) -> None:
        try:
            self._obey(message.address, list(message.params), sender)
        except ControlError as error:
            self._send(sender, "/emohost/error", str(error))

    def _obey(self, address: str, arguments: list[Any], sender: Sender) -> None:
        root, *path = address.removeprefix("/").split("/")
        if root != "emohost" or not path:
            raise ControlError(f"{address}: expected an address that begins with /emohost/")
        if path[0] == "subscribe":
            return self._subscribe(arguments, sender)
        request = request_of(path, arguments, address)
        answer = self._answer({**request, "by": f"osc {sender[0]}"})
        if request["command"] == "get":
            name = path[1] if len(path) > 1 else ""
            values = answer["parameters"]
            for each in values if name == "" else [name]:
                if each not in values:
                    raise ControlError(f"there is no parameter {each!r}; expected one of {', '.join(values)}")
                self._send(sender, f"/emohost/value/{each}", float(values[each]))
        return None

    def _subscribe(self, arguments: list[Any], sender: Sender) -> None:
        rate, *names = arguments or [10.0]
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= FASTEST_HZ:
            raise ControlError(f"subscribe: found {rate!r}; expected 0 to {FASTEST_HZ:g} times a second")
        there = self._readings()
        if unknown := [name for name in names if name not in there]:
            raise ControlError(f"there is no reading {unknown[0]!r}; expected some of {', '.join(there)}")
        if rate == 0:
            self._subscriptions.pop(sender, None)
            return
        if sender not in self._subscriptions and len(self._subscriptions) >= MOST_SUBSCRIBERS:
            raise ControlError(f"subscribe: {MOST_SUBSCRIBERS} others are subscribed")
        now = time.monotonic()
        self._subscriptions[sender] = _Subscription(tuple(names or there), 1 / rate, now + SUBSCRIBED_S, now)

    def _publish(self) -> None:
        now = time.monotonic()
        due = [(sender, each) for sender, each in self._subscriptions.items() if each.next_s <= now]
        if not due:
            return
        values = self._readings()
        for sender, each in due:
            if each.until_s < now:
                del self._subscriptions[sender]
                continue
            each.next_s = max(each.next_s + each.every_s, now)
            for name in each.names:
                self._send(sender, f"/emohost/reading/{name}", values[name])

    def _readings(self) -> dict[str, Any]:
        """What of the status is one value: a number, a text, true or false."""
        status = self._answer({"command": "status"})["status"]
        return {name: value for name, value in status.items() if isinstance(value, (bool, int, float, str))}

    def _send(self, to: Sender, address: str, value: float | str | bool) -> None:
        builder = OscMessageBuilder(address)
        builder.add_arg(value)
        with contextlib.suppress(OSError):  # nobody is there
            self._socket.sendto(builder.build().dgram, to)


def request_of(path: Sequence[str], arguments: Sequence[Any], address: str) -> dict[str, Any]:
    """The control socket's request for a message to /emohost/PATH. Raises ControlError."""
    match [*path]:
        case ["set", name]:
            value, over_s = _take(arguments, address, "a value", optional=("seconds", 0.0))
            return {"command": "set", "name": name, "value": value, "over_s": over_s}
        case ["at", "beat" | "bar" as at, name]:
            value, over_s = _take(arguments, address, "a value", optional=("seconds", 0.0))
            return {"command": "set", "name": name, "value": value, "over_s": over_s, "at": at}
        case ["get"] | ["get", _]:
            return {"command": "get"}
        case ["snapshot", "recall"]:
            name, over_s = _take(arguments, address, "a name", optional=("seconds", 0.0))
            return {"command": "snapshot", "action": "recall", "name": name, "over_s": over_s}
        case ["snapshot", "save" | "delete" as action]:
            (name,) = _take(arguments, address, "a name")
            return {"command": "snapshot", "action": action, "name": name}
        case ["transport"]:
            (action,) = _take(arguments, address, "'start' or 'stop'")
            return {"command": "transport", "action": action}
        case ["clock"]:
            (source,) = _take(arguments, address, "a clock's name")
            return {"command": "clock", "source": source}
        case ["feel"]:
            if not 2 <= len(arguments) <= len(FEEL):
                raise ControlError(f"{address}: found {len(arguments)} arguments; expected {', '.join(FEEL)}")
            return {"command": "feel", **FEEL, **dict(zip(FEEL, arguments, strict=False))}
        case ["tap" | "downbeat" | "panic" | "reload" as command]:
            return {"command": command}
        case _:
            raise ControlError(f"there is no {address}; emohost.control.osc lists what there is")


def _take(
    arguments: Sequence[Any], address: str, what: str, optional: tuple[str, float] | None = None
) -> list[Any]:
    most = 1 if optional is None else 2
    if not 1 <= len(arguments) <= most:
        more = "" if optional is None else f" and {optional[0]}, if any"
        raise ControlError(f"{address}: found {len(arguments)} arguments; expected {what}{more}")
    return [*arguments, *([] if optional is None or len(arguments) == most else [optional[1]])]


def parsed(data: bytes) -> list[tuple[float, OscMessage]] | None:
    """Messages with their times (Unix seconds); None for what is no OSC."""
    if len(data) > LONGEST or len(data) % 4 or not data.startswith((b"/", _BUNDLE)):
        return None
    try:
        return [(each.time, each.message) for each in OscPacket(data).messages]
    except (
        Exception
    ):  # python-osc 1.10 tells of a bad packet in many ways, IndexError and UnicodeDecodeError among them
        return None


class _Quiet(logging.Filter):
    """python-osc logs each bad packet by itself: a sender of rubbish would fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "pythonosc" not in record.pathname
