"""What the engine is asked to exchange while it plays, and what becomes of it: the host's side. The engine's is
`emohost.host.engine_swap`."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import emohost.errors
from emohost.control.reload import Swap
from emohost.engine.request import EngineRequest, NetworksRequest
from emohost.errors import ControlError, EmohostError
from emohost.process.child import Message

ANSWER_S = 30.0  # to load and to exchange


class Engine(Protocol):
    """The handle of the engine that plays."""

    def send(self, message: Message) -> bool: ...


class Exchange:
    """What engines are asked to be, which changes with each exchange. `ask` from any thread but the host's, which hears
    the engine; the rest from that one."""

    def __init__(
        self,
        request: EngineRequest,
        base: Path,
        engine: Callable[[], Engine | None],
        exchanged: Callable[[list[dict[str, Any]], NetworksRequest | None, Any], None],
    ) -> None:
        """`request`: of the first engine. `engine()`: the one that plays; None while none does. `exchanged` is told
        what networks were loaded, how they were asked for, and the style, on the host's thread."""
        self.request = request
        """Of the next engine."""
        self._base, self._engine, self._exchanged = base, engine, exchanged
        self._one = threading.Lock()
        self._number = 0
        self._wanted = request
        self._swap: Swap | None = None
        self._swapped: NetworksRequest | None = None
        self._style: Any = None
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def ask(self, swap: Swap) -> list[str]:
        """Waits until the engine that plays has exchanged all of it between two blocks. Returns roles whose networks
        need another start all the same. Raises what the engine refuses it with, and ControlError where there is none;
        then nothing has changed."""
        wanted = EngineRequest.of(swap.rig, self._base)
        files = {role: wanted.networks.files[role] for role in swap.roles}
        networks = dataclasses.replace(wanted.networks, files=files)
        style = wanted.music["styles"][-1] if swap.style else None
        with self._one:
            engine = self._engine()
            if engine is None:
                raise ControlError("nothing plays just now; networks and style are exchanged while it plays")
            self._number += 1
            while not self._answers.empty():  # one that came too late
                self._answers.get()
            self._wanted, self._swap = wanted, swap
            self._swapped, self._style = networks if files else None, style
            asked = {"networks": networks.as_json() if files else None, "style": style}
            if not engine.send({"type": "swap", "number": self._number, **asked}):
                raise ControlError("the engine was lost; nothing was exchanged")
            try:
                answer = self._answers.get(timeout=ANSWER_S)
            except queue.Empty:
                raise ControlError(f"the engine has not answered for {ANSWER_S:g} s") from None
        if answer["type"] == "refused":
            kind = getattr(emohost.errors, answer["kind"], ControlError)
            raise (kind if issubclass(kind, EmohostError) else ControlError)(answer["text"])
        return list(answer["waiting"])

    def answered(self, message: Mapping[str, Any]) -> None:
        """'swapped' or 'refused'. Before anything else becomes of that engine, the next one is asked for the same."""
        if message["number"] != self._number or self._swap is None:
            return
        if message["type"] == "swapped":
            self.request = self._after(self._swap, message["waiting"])
            swapped = self._swapped
            if swapped is not None:
                kept = {role: file for role, file in swapped.files.items() if role not in message["waiting"]}
                swapped = dataclasses.replace(swapped, files=kept) if kept else None
            self._exchanged(message["networks"], swapped, self._style)
        self._answers.put(dict(message))

    def _after(self, swap: Swap, waiting: list[str]) -> EngineRequest:
        before, wanted = self.request, self._wanted
        changed = {role: wanted.networks.files[role] for role in swap.roles if role not in waiting}
        networks = dataclasses.replace(wanted.networks, files={**before.networks.files, **changed})
        music = {**before.music, "styles": wanted.music["styles"]} if swap.style else before.music
        return dataclasses.replace(before, networks=networks if swap.roles else before.networks, music=music)

    def engine_lost(self) -> None:
        """Whoever waits is told."""
        self._answers.put(
            {"type": "refused", "kind": "ControlError", "text": "the engine was lost; nothing was exchanged"}
        )
