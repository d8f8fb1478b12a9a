"""uvicorn, on a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import uvicorn

from emohost.control.web.access import Access
from emohost.control.web.app import Answer, make_app
from emohost.errors import ControlError

START_S, END_S = 5.0, 2.0


class WebServer:
    """Serves until `close`."""

    def __init__(self, host: str, port: int, token: str | None, answer: Answer) -> None:
        """`token`: needed of everybody, where `host` is not this machine's own address. Raises ControlError if the port
        cannot be had."""
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
            make_app(answer, Access(host, self.port, token)),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=16384,
            ws_max_queue=8,
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


class _Server(uvicorn.Server):
    """Signals are the host's."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield
