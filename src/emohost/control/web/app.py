"""The page's server: files, requests of the control socket as JSON, and the state several times a second.

GET  /                 the page, with page.js and page.css
GET  /api/surface      parameters, actions, clocks: what there is to turn, of emohost.vocabulary
GET  /api/state        the host's status, what the parameters are set to and by whom, the snapshots' names
POST /api/request      a request of the control socket, as JSON; answered as there
WS   /api/live         the state again and again; requests, each answered with its "id"
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from emohost import vocabulary
from emohost.control.web.access import COOKIE, Access
from emohost.errors import ControlError

EVERY_S = 0.05
SLOW_S = 1.0  # a client that takes no state for so long is dropped
LONGEST = 4096  # bytes of a request
MOST_CLIENTS = 16
MOST_A_SECOND = 200  # requests of one client
COMMANDS = frozenset(
    {"set", "snapshot", "clock", "transport", "tap", "downbeat", "feel", "panic", "reload", "learn", "side_b"}
)
"""What of the control socket's the page may ask for."""
FILES = {"/": "page.html", "/page.js": "page.js", "/page.css": "page.css"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_FOLDER = Path(__file__).parent

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def make_app(answer: Answer, access: Access) -> Starlette:
    """`answer` takes a request of the control socket, on any thread, and may raise ControlError."""
    page = _Page(answer)
    routes = [
        *(Route(path, _file(name)) for path, name in FILES.items()),
        Route("/api/surface", lambda _request: JSONResponse(surface())),
        Route("/api/state", page.tell_state),
        Route("/api/request", page.take_request, methods=["POST"]),
        WebSocketRoute("/api/live", page.live),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Guard, access=access)])


def surface() -> dict[str, Any]:
    """What there is to turn."""
    return {
        "parameters": [each._asdict() for each in vocabulary.PARAMETERS],
        "actions": [each._asdict() for each in vocabulary.ACTIONS],
        "clocks": [each._asdict() for each in vocabulary.CLOCK_SOURCES],
        "every_s": EVERY_S,
    }


class _Page:
    """One event loop."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._clients = 0
        self._state, self._told_s = "", -1.0

    async def tell_state(self, _request: Request) -> Response:
        return Response(await self._now(), media_type="application/json")

    async def take_request(self, request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST:
                return JSONResponse({"ok": False, "error": f"expected at most {LONGEST} bytes"}, 413)
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return JSONResponse({"ok": False, "error": "expected application/json"}, 415)
        told = await self._asked(body, "page")
        return JSONResponse(told, 200 if told["ok"] else 400)

    async def live(self, socket: WebSocket) -> None:
        if self._clients >= MOST_CLIENTS:
            await socket.close(1013)
            return
        await socket.accept()
        self._clients += 1
        sending = asyncio.create_task(self._send_states(socket))
        try:
            await self._take_messages(socket)
        except (WebSocketDisconnect, RuntimeError):  # it has gone, or was dropped while we waited
            pass
        finally:
            self._clients -= 1
            sending.cancel()
            with contextlib.suppress(BaseException):
                await sending

    async def _take_messages(self, socket: WebSocket) -> None:
        by = f"page {socket.client.host}" if socket.client is not None else "page"
        second, count = 0, 0
        while True:
            text = await socket.receive_text()
            now = int(asyncio.get_running_loop().time())
            second, count = (now, 1) if now != second else (second, count + 1)
            if len(text) > LONGEST or count > MOST_A_SECOND:
                await socket.close(1008)
                return
            await _within(socket.send_text(json.dumps({"answer": await self._asked(text.encode(), by)})))

    async def _send_states(self, socket: WebSocket) -> None:
        while True:
            try:
                await _within(socket.send_text(await self._now()))
            except (TimeoutError, RuntimeError, WebSocketDisconnect):
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(socket.close(1013), SLOW_S)
                return
            await asyncio.sleep(EVERY_S)

    async def _now(self) -> str:
        """The state as JSON; made once for all clients of a moment."""
        now = asyncio.get_running_loop().time()
        if now - self._told_s > EVERY_S / 2:
            self._told_s = now
            self._state = await asyncio.to_thread(self._made)
        return self._state

    def _made(self) -> str:
        status = dict(self._answer({"command": "status"})["status"])
        set_now = self._answer({"command": "get"})
        return json.dumps({"status": _finite(status), **set_now, "snapshots": self._snapshots()})

    def _snapshots(self) -> list[str]:
        try:
            return list(self._answer({"command": "snapshot", "action": "list"})["snapshots"])
        except ControlError:  # a mistake in their file, told when one is recalled
            return []

    async def _asked(self, body: bytes, by: str) -> dict[str, Any]:
        """The control socket's answer, with the request's "id"."""
        number: Any = None
        try:
            request = json.loads(body)
            if not isinstance(request, dict) or not isinstance(request.get("command"), str):
                raise ControlError('expected a JSON object such as {"command": "panic"}')
            number = request.pop("id", None)
            if request["command"] not in COMMANDS:
                expected = ", ".join(sorted(COMMANDS))
                raise ControlError(f"command: found {request['command']!r}; expected one of {expected}")
            request.pop("at_ns", None)  # of a clock that is not ours
            told = await asyncio.to_thread(self._answer, {**request, "by": by})
            return {"ok": True, "id": number, **told}
        except ControlError as error:
            return {"ok": False, "id": number, "error": str(error)}
        except (ValueError, RecursionError):
            return {"ok": False, "id": number, "error": "found no JSON"}


class _Guard:
    """Lets in what Access lets in, and says so to the browser in every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        asked = HTTPConnection(scope)
        given = asked.query_params.get("token")
        why_not = self._access.refused(
            scope.get("method", "GET") if scope["type"] == "http" else "WS",
            asked.headers,
            given or asked.cookies.get(COOKIE),
        )
        if why_not is not None:
            if scope["type"] == "websocket":
                await WebSocket(scope, receive, send).close(1008)
                return None
            return await PlainTextResponse(why_not + "\n", 403, HEADERS)(scope, receive, send)
        if given and scope["type"] == "http":  # out of the address line and into a cookie
            away = RedirectResponse(scope["path"], 303, HEADERS)
            away.set_cookie(COOKIE, given, httponly=True, samesite="strict", max_age=30 * 86400)
            return await away(scope, receive, send)

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (name.lower().encode(), value.encode()) for name, value in HEADERS.items()
                ]
            await send(message)

        return await self._app(scope, receive, with_headers)


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def give(_request: Request) -> Response:
        return FileResponse(_FOLDER / name)

    return give


async def _within(sending: Awaitable[None]) -> None:
    """Raises TimeoutError for a client that does not take what it is sent."""
    try:
        await asyncio.wait_for(sending, SLOW_S)
    except asyncio.TimeoutError:
        raise TimeoutError from None


def _finite(value: Any) -> Any:
    """JSON knows no infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value
