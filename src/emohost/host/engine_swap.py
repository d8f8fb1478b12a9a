"""Networks and the user's own style are exchanged while the engine plays: loaded and warmed here, beside the audio
thread, which takes them between two blocks; what it has stopped using is freed here.

What is not replaced keeps all that it remembers. A network that replaces another begins with an empty memory; until its
first step the last outputs of the one before it hold. The band's own state (key, beat, section, notes that sound) is
none of the networks' and stays."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from emohost._core import Engine, lock_memory
from emohost.engine.build import NetworkSet, features_of
from emohost.engine.request import NetworksRequest
from emohost.errors import ControlError, EmohostError
from emohost.networks import Network
from emohost.process.parent import Parent

TAKEN_S = 5.0  # for the audio thread to begin its next block
LOOK_S = 0.005


class Swaps:
    """The loader of an engine that plays."""

    def __init__(self, parent: Parent, engine: Engine, features: Mapping[str, Any], locked: bool) -> None:
        """`features`: what the listener computes for the emotion network; `locked`: memory is to be."""
        self._parent, self._engine, self._features, self._locked = parent, engine, features, locked

    def begin(self, message: Mapping[str, Any]) -> None:
        """Answers a "swap" with "swapped" or "refused". Returns at once; the host sends one at a time."""
        threading.Thread(target=self._run, args=(message,), name="loader", daemon=True).start()

    def _run(self, message: Mapping[str, Any]) -> None:
        number = message["number"]
        try:
            networks, waiting = self._swap(message)
        except (EmohostError, ValueError) as error:
            self._parent.send("refused", number=number, kind=type(error).__name__, text=str(error))
        else:
            self._parent.send("swapped", number=number, networks=networks, waiting=waiting)

    def _swap(self, message: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
        """What was loaded, and the roles whose networks need another engine."""
        from emohost.host.engine_run import described, load_networks

        networks: NetworkSet = {}
        if message["networks"] is not None:
            networks = load_networks(NetworksRequest.from_json(message["networks"]))
        waiting = [role for role in networks if role == "emotion" and self._hears_otherwise(networks)]
        networks = {role: network for role, network in networks.items() if role not in waiting}
        told = [described(role, network) for role, network in networks.items()]
        models = {role: each.native if isinstance(each, Network) else None for role, each in networks.items()}
        if message["style"] is not None:
            self._until(lambda: self._engine.offer_style(message["style"]))
        if models:
            self._until(lambda: self._engine.offer(models))
            if self._locked:
                lock_memory()
            with contextlib.suppress(
                ControlError
            ):  # then they are taken with the next block, whenever that comes
                self._until(lambda: self._engine.collect() > 0)
        return told, waiting

    def _hears_otherwise(self, networks: NetworkSet) -> bool:
        """The listener's features are made for one emotion network; another's may need another listener."""
        return isinstance(networks["emotion"], Network) and features_of(networks) != self._features

    def _until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + TAKEN_S
        while not done():
            if time.monotonic() > deadline:
                raise ControlError(f"no block has come for {TAKEN_S:g} s")
            time.sleep(LOOK_S)
