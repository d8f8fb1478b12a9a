"""What is told to those who look on: the whole state first, then what has changed, EVERY_S apart, made once for all.

{"state": {...}} is everything; {"changed": {...}} has of "status" those entries that differ, and of the rest what
differs as a whole. A client that does not take what it is sent misses changes, and gets the whole again; one that takes
nothing for SLOW_S is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.types import Send
from starlette.websockets import WebSocketDisconnect

from emohost.errors import ControlError

EVERY_S = 0.05
SELDOM_S = 0.2
SLOW_S = 1.0  # a client that takes no state for so long is dropped
MOST_CLIENTS = 16

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
GONE = (RuntimeError, WebSocketDisconnect, OSError)  # what sending to a client that has left may raise


class State:
    """The state of the host. Any thread, one at a time."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._seldom: tuple[float, dict[str, Any]] = (-math.inf, {})

    def now(self) -> dict[str, Any]:
        """Status, what the parameters are set to and by whom, the snapshots' names, what is being learned."""
        return {
            "status": self._answer({"command": "status"})["status"],
            **self._answer({"command": "get"}),
            **self._of_files(),
        }

    def _of_files(self) -> dict[str, Any]:
        """Looked at every SELDOM_S: what people wait for is not among it."""
        now_s = time.monotonic()
        if now_s - self._seldom[0] >= SELDOM_S:
            told = {"snapshots": self._snapshots(), "learn": self._answer({"command": "learn"})}
            self._seldom = now_s, told
        return self._seldom[1]

    def _snapshots(self) -> list[str]:
        try:
            return list(self._answer({"command": "snapshot", "action": "list"})["snapshots"])
        except ControlError:  # a mistake in their file, told when one is recalled
            return []


def as_json(value: Any) -> str:
    """Infinity and NaN become null, which JSON knows."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """See above."""
    differs = {name: value for name, value in now.items() if before.get(name) != value}
    if "status" in differs:
        was = before.get("status", {})
        differs["status"] = {name: value for name, value in now["status"].items() if was.get(name) != value}
    return differs


class _Client:
    """One event loop."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.wants_all = True
        self.taking_since: float | None = None
        """When it was given what it has not taken yet."""
        self.text = ""
        self.given = asyncio.Event()
        self.too_slow = asyncio.Event()

    async def send(self) -> None:
        """What it is given, again and again."""
        while True:
            await self.given.wait()
            self.given.clear()
            await self._send({"type": "websocket.send", "text": self.text})
            self.taking_since = None


class Live:
    """One event loop."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._last: dict[str, Any] = {}
        self._clients: set[_Client] = set()
        self._telling: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        return len(self._clients) >= MOST_CLIENTS

    async def tell(self, send: Send) -> None:
        """Sends to a WebSocket until it has gone, or is too slow; then it is closed."""
        client = _Client(send)
        self._clients.add(client)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())
        sending = asyncio.create_task(client.send())
        slow = asyncio.create_task(client.too_slow.wait())
        try:
            await asyncio.wait([sending, slow], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._clients.discard(client)
            for each in (sending, slow):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError, *GONE):
                    await each
            with contextlib.suppress(asyncio.TimeoutError, *GONE):
                await asyncio.wait_for(send({"type": "websocket.close", "code": 1013}), SLOW_S)

    async def _tell_all(self) -> None:
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while self._clients:
            self._give(
                self._state.now(), loop.time()
            )  # a quarter of a millisecond: a thread of its own costs more
            next_s = max(next_s + EVERY_S, loop.time())
            await asyncio.sleep(next_s - loop.time())

    def _give(self, now: dict[str, Any], at_s: float) -> None:
        change = as_json({"changed": changed(self._last, now)})
        whole = ""
        self._last = now
        for client in self._clients:
            if client.taking_since is not None:
                client.wants_all = True
                if at_s - client.taking_since > SLOW_S:
                    client.too_slow.set()
                continue
            if client.wants_all:
                whole = whole or as_json({"state": now})
            client.text = whole if client.wants_all else change
            client.wants_all, client.taking_since = False, at_s
            client.given.set()
