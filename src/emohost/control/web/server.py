"""uvicorn, on a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from emohost.control.web.access import Access
from emohost.control.web.app import make_app
from emohost.control.web.live import Answer
from emohost.errors import ControlError

START_S, END_S = 5.0, 2.0
REQUEST_S = 5.0  # for the head of a request


class WebServer:
    """Serves until `close`."""

    def __init__(
        self, host: str, port: int, token: str | None, answer: Answer, osc: tuple[str, int] | None = None
    ) -> None:
        """`token`: needed of everybody, where `host` is not this machine's own address. `osc`: the address and port at
        which the rig listens to OSC. Raises ControlError if the port cannot be had."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise ControlError(f"control.web: {host}:{port}: {error.strerror}") from None
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            make_app(answer, Access(host, self.port, token), osc),
            log_config=None,
            access_log=False,
            lifespan="off",
            http=_Impatient,
            ws="websockets-sansio",
            ws_max_size=16384,
            ws_max_queue=8,
            ws_per_message_deflate=False,  # what changes is small, and packing it for each client costs more
            limit_concurrency=64,
            timeout_keep_alive=5,
            h11_max_incomplete_event_size=16384,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        if not self._server.started:
            self._socket.close()
            raise ControlError(f"control.web: {host}:{port}: the page's server does not start")

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(END_S)
        self._socket.close()


class _Impatient(H11Protocol):
    """Hangs up on a client that begins a request and does not come to its end: uvicorn waits for it for ever, and 64 of
    them would keep everybody out."""

    _hangs_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._mind()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._mind()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._forget()
        super().handle_websocket_upgrade(event)

    def _mind(self) -> None:
        if self.conn.their_state is not h11.IDLE:  # a whole request is there
            self._forget()
        elif self._hangs_up is None:
            self._hangs_up = self.loop.call_later(REQUEST_S, self.transport.close)

    def _forget(self) -> None:
        if self._hangs_up is not None:
            self._hangs_up.cancel()
            self._hangs_up = None


class _Server(uvicorn.Server):
    """Signals are the host's."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield
