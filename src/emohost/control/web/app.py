"""The page's server: files, requests of the control socket as JSON, and the state several times a second.

GET  /                 the page, with its scripts and its style
GET  /api/surface      parameters, actions, clocks: what there is to turn, of emohost.vocabulary
GET  /api/state        the host's status, what the parameters are set to and by whom, the snapshots' names
GET  /api/openapi.json what these are, as OpenAPI describes it
POST /api/request      a request of the control socket, as JSON; answered as there
WS   /api/live         the state, then what changes of it (emohost.control.web.live); requests, answered with their "id"

Where the rig opens OSC: GET /?HOST_INFO, /emohost … tell OSC's addresses (emohost.control.web.osc_query).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from emohost.control.web.access import COOKIE, Access
from emohost.control.web.description import COMMANDS, LONGEST, fits, openapi, surface
from emohost.control.web.live import GONE, SLOW_S, Answer, Live, State, as_json
from emohost.control.web.osc_query import OscQuery
from emohost.errors import ControlError

MOST_A_SECOND = 200  # requests of one client
BODY_S = 5.0  # for the body of a request
PAGE = Path(__file__).parent / "page"
FILES = {f"/{file.name}": file for file in sorted(PAGE.iterdir()) if file.suffix in (".css", ".js")}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_app(answer: Answer, access: Access, osc: tuple[str, int] | None = None) -> Starlette:
    """`answer` takes a request of the control socket, on any thread, and may raise ControlError. `osc`: the address and
    port at which the rig listens to OSC, if it does."""
    page = Page(answer)
    query = None if osc is None else OscQuery(answer, *osc)

    async def root(request: Request) -> Response:
        """The page for a browser; for whoever asks in OSCQuery's way, its root."""
        if query is not None and (request.url.query or "text/html" not in request.headers.get("accept", "")):
            return await query.tell(request)
        return FileResponse(PAGE / "index.html")

    routes = [
        Route("/", root),
        *(Route(path, _file(file)) for path, file in FILES.items()),
        Route("/api/surface", lambda _request: JSONResponse(surface())),
        Route("/api/openapi.json", lambda _request: JSONResponse(openapi())),
        Route("/api/state", page.tell_state),
        Route("/api/request", page.take_request, methods=["POST"]),
        WebSocketRoute("/api/live", _LiveRoute(page)),
        *(
            []
            if query is None
            else [Route("/emohost", query.tell), Route("/emohost/{rest:path}", query.tell)]
        ),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Guard, access=access)])


class Page:
    """One event loop."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._state = State(answer)
        self._live = Live(self._state)

    async def tell_state(self, _request: Request) -> Response:
        return Response(as_json(await asyncio.to_thread(self._state.now)), media_type="application/json")

    async def take_request(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _refusal("expected application/json", 415)
        try:
            body = await asyncio.wait_for(_body(request), BODY_S)
        except asyncio.TimeoutError:
            return _refusal(f"expected the whole of it within {BODY_S:g} s", 408)
        if len(body) > LONGEST:
            return _refusal(f"expected at most {LONGEST} bytes", 413)
        told = await self.asked(body, "page")
        status = 200 if told["ok"] else 409 if fits(body) else 400
        return Response(as_json(told), status, media_type="application/json")

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if self._live.is_full:
            await socket.close(1013)
            return
        await socket.accept()
        telling = asyncio.create_task(self._live.tell(send))
        try:
            await self._take_messages(socket)
        except (TimeoutError, *GONE):  # it has gone, was dropped while we waited, or takes no answer
            pass
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling

    async def _take_messages(self, socket: WebSocket) -> None:
        by = f"page {socket.client.host}" if socket.client is not None else "page"
        second, count = 0, 0
        while True:
            message = await socket.receive()
            if message["type"] != "websocket.receive":
                return
            body = message.get("bytes") or (message.get("text") or "").encode()
            now = int(asyncio.get_running_loop().time())
            second, count = (now, 1) if now != second else (second, count + 1)
            if len(body) > LONGEST or count > MOST_A_SECOND:
                await socket.close(1008)
                return
            await _within(socket.send_text(as_json({"answer": await self.asked(body, by)})))

    async def asked(self, body: bytes, by: str) -> dict[str, Any]:
        """The control socket's answer, with the request's "id"."""
        number: Any = None
        try:
            request = read_request(body)
            number = request.pop("id", None)
            if request["command"] not in COMMANDS:
                expected = ", ".join(sorted(COMMANDS))
                raise ControlError(f"command: found {request['command']!r}; expected one of {expected}")
            told = await asyncio.to_thread(self._answer, {**request, "by": by})
            return {"ok": True, "id": number, **told}
        except ControlError as error:
            return {"ok": False, "id": number, "error": str(error)}


async def _body(request: Request) -> bytes:
    """No more of it than tells that it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            break
    return body


def _refusal(error: str, status: int) -> Response:
    return JSONResponse({"ok": False, "id": None, "error": error}, status)


def read_request(body: bytes) -> dict[str, Any]:
    """Raises ControlError."""
    try:
        request = orjson.loads(body)
    except ValueError:  # too deep or too large a number, too
        raise ControlError("found no JSON") from None
    if not isinstance(request, dict) or not isinstance(request.get("command"), str):
        raise ControlError('expected a JSON object such as {"command": "panic"}')
    request.pop("at_ns", None)  # of a clock that is not ours
    return request


class _LiveRoute:
    """Given to Starlette as an application, so that what is sent twenty times a second to each goes straight out."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._page.live(scope, receive, send)


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
        if scope["type"] == "websocket":
            if why_not is not None:
                return await WebSocket(scope, receive, send).close(1008)
            return await self._app(scope, receive, send)
        if why_not is not None:
            return await PlainTextResponse(why_not + "\n", 403, HEADERS)(scope, receive, send)
        if given:  # out of the address line and into a cookie
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


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def give(_request: Request) -> Response:
        return FileResponse(path)

    return give


async def _within(sending: Awaitable[None]) -> None:
    """Raises TimeoutError for a client that does not take what it is sent."""
    try:
        await asyncio.wait_for(sending, SLOW_S)
    except asyncio.TimeoutError:
        raise TimeoutError from None
