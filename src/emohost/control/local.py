"""The local control socket: `emohost panic` and other programs of the same user reach a running host through it.

A request is one JSON object {"command": NAME, ...}; the answer is {"ok": true, ...} or {"ok": false, "error": TEXT}.
A Unix socket (a named pipe on Windows) in the user's runtime folder; whoever connects must know the key that lies
next to it, readable by that user only. One request a connection.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import logging
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

import platformdirs

from emohost.errors import ControlError
from emohost.process.locks import lock_file
from emohost.process.pids import begun, is_alive

MAX_REQUEST = 65536  # bytes
MAX_CONNECTIONS = 64  # at a time; more are refused
CLOSE_S = 1.0  # for the thread that accepts to end
PATIENCE_S = 2.0  # with a client that says nothing, and with a host that does not answer
_LONGEST_SOCKET_PATH = 100  # bytes; sun_path holds 104 to 108
RUNTIME_VARIABLE = "EMOHOST_RUNTIME"
_SESSION_VARIABLE = "XDG_RUNTIME_DIR"
_SOCKET_FOLDER = "emohost-"
_log = logging.getLogger("emohost.control")

Request = Mapping[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class RunningHost:
    """A host that can be spoken to."""

    pid: int
    name: str
    address: str
    key: bytes
    ring: str = ""
    """Name of the ring of emotions that it listens to."""


def runtime_folder() -> Path:
    """The folder for sockets and keys, made if need be, closed to other users. Raises ControlError.

    This process decides once which it is, whatever comes and goes meanwhile; `runtime_environment` hands it on."""
    folder = _runtime_folder(os.environ.get(RUNTIME_VARIABLE), os.environ.get(_SESSION_VARIABLE))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = sys.platform == "win32" or folder.stat().st_uid == os.getuid()
        if not os.access(folder, os.W_OK | os.X_OK) or not mine:
            raise PermissionError
        if sys.platform != "win32":
            folder.chmod(0o700)
    except OSError as error:
        raise ControlError(
            f"{folder}: cannot be used for the control socket: {error.strerror or 'not ours'}"
        ) from None
    return folder


def runtime_environment() -> dict[str, str]:
    """For a process that this one starts: it takes the same folder. Raises ControlError."""
    return {RUNTIME_VARIABLE: str(runtime_folder())}


@functools.cache
def _runtime_folder(chosen: str | None, session: str | None) -> Path:
    """By the values of the two variables."""
    if chosen:
        return Path(chosen).absolute()
    usable = bool(session) and Path(str(session)).is_absolute()
    if session and usable and sys.platform != "win32":
        # A session's folder that is not there yet is made as the session would make it: one that others may enter
        # would be passed over from then on, and hosts that begin later would look elsewhere.
        with contextlib.suppress(OSError):
            Path(session).parent.mkdir(parents=True, exist_ok=True)
            Path(session).mkdir(mode=0o700)
        usable = Path(session).is_dir()
    with warnings.catch_warnings(), _without_session() if not usable else contextlib.nullcontext():
        # Where there is no login session it takes a folder in /tmp, and warns.
        warnings.simplefilter("ignore")
        return Path(platformdirs.user_runtime_dir("emohost", appauthor=False))


@contextlib.contextmanager
def _without_session() -> Iterator[None]:
    """As if nobody had named a session's folder: one that cannot be made is none."""
    named = os.environ.pop(_SESSION_VARIABLE, None)
    try:
        yield
    finally:
        if named is not None:
            os.environ[_SESSION_VARIABLE] = named


class ControlServer:
    """Answers requests on threads of its own, one at a time, until `close`."""

    def __init__(self, name: str, handler: Handler, ring: str = "") -> None:
        """`name` and `ring` (of emotions) are told to whoever looks for hosts; where a host of that name runs, a number
        is added (`self.name`). `handler` may raise ControlError. Raises ControlError if there can be no socket."""
        self._handler = handler
        self._handling = threading.Lock()
        folder = runtime_folder()
        running_hosts()  # clears away what dead ones left
        self._key = secrets.token_bytes(32)
        self._card = folder / f"host-{os.getpid()}.json"
        address, family = _new_address(folder)
        self._address = Path(address)
        with contextlib.suppress(OSError):
            Path(address).unlink()  # of a dead process that had our number
        try:
            self._listener = Listener(address, family=family, backlog=8)
            if family == "AF_UNIX":
                Path(address).chmod(0o600)
            card = {
                "address": address,
                "key": self._key.hex(),
                "ring": ring,
                "begun": begun(os.getpid()),
            }
            self.name = self._take_name(name, card)
        except OSError as error:
            raise ControlError(f"{address}: no control socket: {error}") from None
        self._closing = False
        self._room = threading.Semaphore(MAX_CONNECTIONS)
        self._accepting = threading.Thread(target=self._accept, name="control", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._card.unlink()
        with contextlib.suppress(OSError):
            Client(self._listener.address).close()  # wakes who waits in accept(), which closing does not
            self._accepting.join(CLOSE_S)
        with contextlib.suppress(OSError):
            self._listener.close()
        _remove_socket(self._address)

    def _take_name(self, wanted: str, card: Mapping[str, str | int | None]) -> str:
        """Writes the card under the first name that no other host has."""
        with _one_at_a_time(self._card.parent):
            taken = {host.name for host in running_hosts()}
            name = next(
                name
                for name in itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
                if name not in taken
            )
            _write_private(self._card, {"name": name, **card})
        return name

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except OSError:
                if not self._closing:
                    _log.exception("the control socket failed")
                return
            if self._closing or not self._room.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="control", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        patience = threading.Timer(PATIENCE_S, _hang_up, [connection])  # on a client that says nothing
        patience.daemon = True
        patience.start()
        try:
            with contextlib.suppress(OSError, EOFError, AuthenticationError), connection:
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                request = connection.recv_bytes(MAX_REQUEST)
                patience.cancel()
                connection.send_bytes(json.dumps(self._answer(request)).encode())
        finally:
            patience.cancel()
            self._room.release()

    def _answer(self, data: bytes) -> Answer:
        try:
            request = json.loads(data)
            if not isinstance(request, dict) or not isinstance(request.get("command"), str):
                raise ControlError('found no command; expected a JSON object such as {"command": "status"}')
            with self._handling:
                return {"ok": True, **self._handler(request)}
        except ControlError as error:
            return {"ok": False, "error": str(error)}
        except (ValueError, RecursionError) as error:
            return {"ok": False, "error": f"found no JSON: {error}"}


def running_hosts() -> list[RunningHost]:
    """The hosts of this user that run now, oldest process number first; what dead ones left is removed."""
    hosts = []
    for path in sorted(runtime_folder().glob("host-*")):
        number = path.stem.removeprefix("host-")
        pid = int(number) if number.isdecimal() else 0
        if path.suffix == ".json":
            host, since = _read_card(path, pid)
            if is_alive(pid) and since in (None, begun(pid)):
                hosts += [host] if host is not None else []
                continue
            if host is not None:
                _remove_socket(Path(host.address))
        elif is_alive(pid):
            continue
        with contextlib.suppress(OSError):
            path.unlink()
    return hosts


def _read_card(card: Path, pid: int) -> tuple[RunningHost | None, int | None]:
    """The host, and when its process began if the card tells. (None, None) for what is no card."""
    try:
        content = json.loads(card.read_bytes())
        key, ring = bytes.fromhex(content["key"]), content.get("ring", "")
        host = RunningHost(pid, content["name"], content["address"], key, ring)
        if not all(isinstance(text, str) for text in (host.name, host.address, host.ring)):
            return None, None
        return host, content.get("begun")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, None


def _remove_socket(address: Path) -> None:
    """With the folder that was made for it, if its path would have been too long."""
    with contextlib.suppress(OSError, ValueError):
        address.unlink()
    if address.parent.name.startswith(_SOCKET_FOLDER):
        with contextlib.suppress(OSError, ValueError):
            address.parent.rmdir()


def host_named(name: str) -> RunningHost:
    """The running host of that name. Raises ControlError that lists those there are."""
    hosts = running_hosts()
    for host in hosts:
        if host.name == name:
            return host
    raise ControlError(f"no host {name!r} is running; there is {_listed(hosts) or 'none at all'}")


def send_command(command: str, host: RunningHost | None = None, **arguments: Any) -> Answer:
    """Sends one command and returns the answer. Without `host`, to the only one that runs.

    Raises ControlError if none runs, if several do, if it does not answer within PATIENCE_S, or if it refuses.
    """
    host = host or only_host()
    answers: list[Answer] = []
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            with Client(host.address, authkey=host.key) as connection:
                connection.send_bytes(json.dumps({"command": command, **arguments}).encode())
                answers.append(json.loads(connection.recv_bytes()))
        except (OSError, EOFError, AuthenticationError, ValueError) as error:
            failures.append(error)

    thread = threading.Thread(target=ask, daemon=True)  # a host that was stopped would never answer
    thread.start()
    thread.join(PATIENCE_S)
    if not answers:
        why = f": {failures[0]}" if failures else ""
        raise ControlError(f"the host {host.name!r} (process {host.pid}) does not answer{why}")
    if not answers[0]["ok"]:
        raise ControlError(answers[0]["error"])
    return answers[0]


def panic(name: str | None = None) -> list[str]:
    """All notes off in every host of this user, or in that of one name. Returns the names of those that did it.

    Raises ControlError if there is none of that name, or if one does not answer (after the others have been reached).
    """
    reached, failure = [], None
    for host in running_hosts() if name is None else [host_named(name)]:
        try:
            send_command("panic", host)
            reached.append(host.name)
        except ControlError as error:
            failure = error
    if failure is not None:
        raise failure
    return reached


def _hang_up(connection: Connection) -> None:
    """Ends a read that another thread waits in; closing the descriptor would not."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            connection.close()
        else:
            with socket.socket(fileno=os.dup(connection.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)


def only_host() -> RunningHost:
    hosts = running_hosts()
    if not hosts:
        raise ControlError("no host is running")
    if len(hosts) > 1:
        raise ControlError(f"several hosts are running: {_listed(hosts)}; say which")
    return hosts[0]


def _listed(hosts: Iterable[RunningHost]) -> str:
    return ", ".join(f"{host.name!r} (process {host.pid})" for host in hosts)


def _new_address(folder: Path) -> tuple[str, str]:
    if sys.platform == "win32":
        return rf"\\.\pipe\emohost-{os.getpid()}-{secrets.token_hex(8)}", "AF_PIPE"
    address = folder / f"host-{os.getpid()}.sock"
    if len(os.fsencode(address)) > _LONGEST_SOCKET_PATH:
        address = Path(tempfile.mkdtemp(prefix=_SOCKET_FOLDER)) / "sock"
    return str(address), "AF_UNIX"


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hosts of this user take their names one after the other; one that was stopped meanwhile is not waited for. The
    folder itself is locked, which leaves nothing behind; Windows cannot, and is not asked to."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not lock_file(descriptor) and time.monotonic() < deadline:
            time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def _write_private(path: Path, content: Mapping[str, str | int | None]) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
        json.dump(content, file)
