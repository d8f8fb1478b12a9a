"""Who may use the page: requests of this machine, or of those who have the token; from the page itself and no other."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from emohost.errors import ControlError

COOKIE = "emohost-token"
TOKEN_BYTES = 24
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Access:
    """Any thread."""

    def __init__(self, host: str, port: int, token: str | None) -> None:
        """`host`, `port`: the address that is listened at. `token`: None where that is this machine's own."""
        self._token = token
        self._port = port
        self._hosts = _LOCAL | {host}
        self._any_host = token is not None  # a name that leads here may be any; the token tells

    def refused(self, method: str, headers: Mapping[str, str], token: str | None) -> str | None:
        """Why a request is refused; None if it may come in. `headers`: names in small letters; `token`: the one it
        brings."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return "the Host header names another host"  # a page elsewhere whose name was led here
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return "the request comes from another page"
        if (
            origin is None
            and method not in ("GET", "HEAD")
            and headers.get("sec-fetch-site", "none") == "cross-site"
        ):
            return "the request comes from another page"
        if self._token is not None and not secrets.compare_digest(token or "", self._token):
            return "the token is missing or wrong"
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname, parts.port
        except ValueError:
            return False
        return port in (None, self._port) and (self._any_host or name in self._hosts)


def is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def kept_token(file: Path) -> str:
    """The token in the file, which is made at the first start, readable by this user alone. Raises ControlError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(made, "w", encoding="ascii") as new:
            new.write(secrets.token_urlsafe(TOKEN_BYTES))
    except FileExistsError:
        pass
    except OSError as error:
        raise ControlError(f"{file}: the page's token cannot be kept: {error.strerror}") from None
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ControlError(f"{file}: the page's token cannot be read: {error}") from None
    if len(token) < TOKEN_BYTES:
        raise ControlError(
            f"{file}: found {len(token)} characters; expected a token of {TOKEN_BYTES} or more"
        )
    return token
