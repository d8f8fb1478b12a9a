"""What the control socket's requests ask of a host: one method for each command."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emohost.errors import ControlError, EmohostError

if TYPE_CHECKING:
    from emohost.host.host import Host

_log = logging.getLogger("emohost.control")

Request = Mapping[str, Any]
Answer = dict[str, Any]
LONGEST_BY = 63


class Requests:
    """Any thread."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._one = threading.RLock()  # at a time, whoever asks

    def answer(self, request: Request) -> Answer:
        """`request["command"]` is a text. Raises ControlError."""
        commands = {name.removeprefix("_do_"): name for name in vars(type(self)) if name.startswith("_do_")}
        command = request["command"]
        if command not in commands:
            raise ControlError(f"there is no command {command!r}; expected one of {', '.join(commands)}")
        try:
            self._host.asked(request)
            # A reload waits for the engine, whose answers come through the host's own thread: that may be asking, too.
            with contextlib.nullcontext() if command == "reload" else self._one:
                found: Answer | None = getattr(self, commands[command])(request)
        except ControlError:
            raise
        except EmohostError as error:  # of a file, say
            raise ControlError(str(error)) from None
        except Exception as error:  # whoever asks next is answered all the same
            _log.exception("a request failed: %s", command)
            raise ControlError(f"{command}: the host failed: {type(error).__name__}: {error}") from None
        return found or {}

    def _do_panic(self, _request: Request) -> None:
        self._host.steering.panic()

    def _do_set(self, request: Request) -> None:
        self._host.steering.controls.set(
            request.get("name"), request.get("value"), **_how(request), source=_by(request)
        )

    def _do_get(self, _request: Request) -> Answer:
        return {
            "parameters": self._host.steering.controls.values(),
            "set_by": self._host.steering.controls.set_by(),
        }

    def _do_snapshot(self, request: Request) -> Answer | None:
        """`action`: save, recall, delete or list."""
        action = request.get("action")
        if action == "save":
            self._host.steering.snapshots.save(request.get("name"), self._host.steering.controls.values())
        elif action == "recall":
            self._host.steering.recall(request.get("name"), **_how(request), source=_by(request))
        elif action == "delete":
            self._host.steering.snapshots.delete(request.get("name"))
        elif action == "list":
            return {
                "snapshots": self._host.steering.snapshots.read(),
                "file": str(self._host.steering.snapshots.file),
            }
        else:
            raise ControlError(f"snapshot: found {action!r}; expected save, recall, delete or list")
        return None

    def _do_learn(self, request: Request) -> Answer:
        """`parameter`: begins to learn it; without one it tells how that goes."""
        if "parameter" in request:
            if not self._host.steering.midi_map.has_inputs:
                raise ControlError(
                    "learn: the rig has no MIDI input for it; expected one with the use control"
                )
            self._host.steering.learned.begin(request["parameter"], self._host.steering.midi_map.learn)
        return self._host.steering.learned.state()

    def _do_reload(self, _request: Request) -> Answer:
        return self._host.steering.reload()

    def _do_clock(self, request: Request) -> None:
        self._host.steering.lead(request.get("source"))

    def _do_transport(self, request: Request) -> None:
        self._host.steering.transport(request.get("action"))

    def _do_tap(self, request: Request) -> None:
        self._host.steering.tap(request.get("at_ns"))

    def _do_downbeat(self, request: Request) -> None:
        self._host.steering.downbeat(request.get("at_ns"))

    def _do_side_b(self, request: Request) -> None:
        on = request.get("on")
        if not isinstance(on, bool):
            raise ControlError(f"side_b: on: found {on!r}; expected true or false")
        self._host.steering.let_side_b(on, _by(request))

    def _do_feel(self, request: Request) -> None:
        self._host.steering.feel(request)

    def _do_status(self, _request: Request) -> Answer:
        return {
            "status": self._host.status().as_json(),
            "pid": os.getpid(),
            **self._host.engine_process(),
        }

    def _do_stop(self, _request: Request) -> None:
        self._host.end()


def _how(request: Request) -> dict[str, Any]:
    return {"at": request.get("at", "now"), "over_s": request.get("over_s", 0.0)}


def _by(request: Request) -> str:
    """Who asks, as the log is to say it."""
    return "".join(filter(str.isprintable, str(request.get("by", "a program"))))[:LONGEST_BY]
