"""Opens the page that the rig asks for, with its token where one is needed, and says where it is: on a terminal also as
a QR code, for a phone's camera, where another machine may see the page."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import logging
import socket
import sys
from typing import TYPE_CHECKING, TextIO

import platformdirs

from emohost.config.control import Osc, Web
from emohost.errors import ControlError

if TYPE_CHECKING:
    from emohost.control.web.live import Answer
    from emohost.control.web.server import WebServer

NEEDED = ("segno", "starlette", "uvicorn", "websockets")
FAR = ("192.168.255.254", "10.255.255.254", "172.31.255.254", "203.0.113.1")  # somewhere outside
FAR_6 = ("fd00::ffff", "2001:db8::1")
_log = logging.getLogger("emohost.control")


def open_page(web: Web, answer: Answer, osc: Osc | None = None) -> WebServer:
    """`osc`: where the rig listens to OSC, which the page's server then tells. Raises ControlError."""
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise ControlError(
                f"control.web: the page needs {package}, which is not installed here: pip install 'emohost[web]'"
            )
    from emohost.control.web.access import is_loopback, kept_token
    from emohost.control.web.server import WebServer

    folder = platformdirs.user_data_path("emohost", appauthor=False)
    token = None if is_loopback(web.host) else kept_token(folder / "web-token")
    server = WebServer(web.host, web.port, token, answer, None if osc is None else (osc.host, osc.port))
    address = page_address(web.host, server.port, token)
    _log.info("the page is at %s", address)
    if token is not None and _log.isEnabledFor(logging.INFO):
        show_qr(address, sys.stderr)
    return server


def page_address(host: str, port: int, token: str | None) -> str:
    """As a browser takes it. Of an address that means all of this machine's own, one that others can reach."""
    if ipaddress.ip_address(host).is_unspecified:
        host = own_address(ipaddress.ip_address(host).version)
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + ("" if token is None else f"?token={token}")


def own_address(version: int) -> str:
    """This machine's address in the network around it; its name where it is in none."""
    family, far = (socket.AF_INET6, FAR_6) if version == 6 else (socket.AF_INET, FAR)
    for address in far:
        # Nothing is sent: this asks which of the machine's addresses a packet would come from.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((address, 9))
            own = str(asked.getsockname()[0])
            if not ipaddress.ip_address(own).is_loopback:
                return own
    return socket.gethostname()


def show_qr(address: str, stream: TextIO) -> None:
    """On a terminal alone: in a file nobody points a phone at it."""
    if not stream.isatty():
        return
    import segno

    with contextlib.suppress(
        UnicodeEncodeError
    ):  # a console that has no such signs; the address stands above
        segno.make(address, error="l", micro=False).terminal(stream, border=2, compact=True)
        stream.flush()
