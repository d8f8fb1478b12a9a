"""Opens the page that the rig asks for, with its token where one is needed, and says where it is."""

from __future__ import annotations

import importlib.util
import logging
from typing import TYPE_CHECKING

import platformdirs

from emohost.config.control import Web
from emohost.errors import ControlError

if TYPE_CHECKING:
    from emohost.control.web.app import Answer
    from emohost.control.web.server import WebServer

NEEDED = ("starlette", "uvicorn", "websockets")
_log = logging.getLogger("emohost.control")


def open_page(web: Web, answer: Answer) -> WebServer:
    """Raises ControlError."""
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise ControlError(
                f"control.web: the page needs {package}, which is not installed here: pip install 'emohost[web]'"
            )
    from emohost.control.web.access import is_loopback, kept_token
    from emohost.control.web.server import WebServer

    folder = platformdirs.user_data_path("emohost", appauthor=False)
    token = None if is_loopback(web.host) else kept_token(folder / "web-token")
    server = WebServer(web.host, web.port, token, answer)
    shown = f"[{web.host}]" if ":" in web.host else web.host
    _log.info(
        "the page is at http://%s:%d/%s", shown, server.port, "" if token is None else f"?token={token}"
    )
    return server
