"""The control socket's messages, as functions of bytes: the first chooses a request (even) or the file that leads to a
host (odd)."""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fuzz_files import FOLDER

from emohost.config.load import parse_rig
from emohost.config.loaded import LoadedRig
from emohost.control.local import ControlServer, running_hosts
from emohost.host.host import Host
from emohost.host.requests import Requests
from emohost.host.supervisor import EngineState


def idle_requests(folder: Path = FOLDER) -> Requests:
    """What asks a host that does not run; its rig would lie in that folder."""
    rig = parse_rig("audio: {backend: dummy}\nmidi: {api: none}")
    host = Host(LoadedRig(rig, folder / "rig.yaml", folder))
    engine = SimpleNamespace(pid=1, memory_path="")
    supervisor: Any = SimpleNamespace(state=EngineState.waiting, restarts=0, engine=engine)
    host._supervisor = supervisor
    return Requests(host)


class Control:
    """A host that does not run, behind a socket nobody connects to."""

    def __init__(self) -> None:
        os.environ["EMOHOST_RUNTIME"] = str(FOLDER / "run")
        self.server = ControlServer("fuzz", idle_requests().answer)
        self.card = FOLDER / "run" / f"host-{os.getppid()}.json"  # of a process that lives

    def run(self, data: bytes) -> None:
        if data and data[0] % 2:
            self.card.write_bytes(data[1:])
            for host in running_hosts():
                assert isinstance(host.name, str)
                assert isinstance(host.address, str)
        else:
            answer = self.server._answer(data[1:])
            json.dumps(answer)
            assert answer["ok"] or answer["error"]


_control: Control | None = None


def run_control(data: bytes) -> None:
    global _control
    if _control is None:
        _control = Control()
        atexit.register(_control.server.close)
    _control.run(data)


def control_seeds() -> Iterator[bytes]:
    for request in (
        {"command": "status"},
        {"command": "panic"},
        {"command": "stop"},
        {"command": "set", "name": "tempo", "value": 90},
        {"command": "set", "name": "density", "value": True},
    ):
        yield b"\0" + json.dumps(request).encode()
    yield b"\1" + json.dumps({"name": "rig", "address": "/run/x.sock", "key": "00ff"}).encode()
