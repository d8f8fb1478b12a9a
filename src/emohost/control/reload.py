"""An edited rig, read again while it plays. Each key is one of three: *live* changes at once; *swap* is loaded beside
what plays and exchanged between two blocks (the networks and the user's own style, also where only their files have
changed); *restart* holds from the next start on, and is named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from emohost.config.load import load_rig
from emohost.config.loaded import LoadedRig
from emohost.config.schema import Rig
from emohost.control.parameters import configured
from emohost.errors import ModelError
from emohost.networks.find import find_model
from emohost.styles.load import own_file
from emohost.vocabulary import PARAMETERS, ROLE_NAMES

CLOCK, STYLE, PRECISION, NETWORKS = "music.clock.source", "music.style", "engine.precision", "networks."
LIVE = {**{each.key: each.name for each in PARAMETERS if each.key is not None}, CLOCK: CLOCK}

Kind = Literal["live", "swap", "restart"]
Signature = tuple[str, int, int, int]
"""Of a file: path, time of its last change, size, number. Another one: it was written again."""


def kind_of(key: str, value: Any = None) -> Kind:
    """What a change of that key takes; `value`: what it changes to."""
    if key == PRECISION or key.startswith(NETWORKS):
        return "swap"
    if key == STYLE and isinstance(value, str) and own_file(value) is not None:
        return "swap"
    return "live" if key in LIVE else "restart"


@dataclass(frozen=True)
class Swap:
    """What is to be loaded and exchanged."""

    rig: Rig
    roles: tuple[str, ...]  # of these the networks
    style: bool  # the user's own


@dataclass(frozen=True)
class Reloaded:
    """Keys of the rig that differ from what plays, or whose file does."""

    live: tuple[str, ...]  # changed now
    swap: tuple[str, ...]  # exchanged now
    restart: tuple[str, ...]  # hold from the next start on


class Reload:
    """Any thread; one reload at a time."""

    def __init__(
        self,
        loaded: LoadedRig,
        set_parameter: Callable[[str, float], None],
        lead: Callable[[str], None],
        exchange: Callable[[Swap], Sequence[str]],
        may_lead: Callable[[str], None] = lambda _source: None,
    ) -> None:
        """`exchange` does all of it or raises EmohostError, and nothing has changed; it returns roles whose networks
        need another start all the same. `may_lead` raises ControlError where `lead` would."""
        self._path, self._overridden = loaded.path, loaded.overridden
        self._plays = dict(_leaves(loaded.rig.model_dump(mode="json")))
        self._files = _files(loaded)
        self._own = self._files.get(STYLE)  # the engine has no other file's
        self._set, self._lead, self._exchange, self._may_lead = set_parameter, lead, exchange, may_lead
        self._one = threading.Lock()

    def again(self) -> Reloaded:
        """Raises ConfigError, ModelError and ControlError, after which nothing has changed."""
        with self._one:
            return self._again()

    def _again(self) -> Reloaded:
        loaded = load_rig(self._path)
        rig, files = loaded.rig, _files(loaded)
        wanted = dict(_leaves(rig.model_dump(mode="json")))
        differ = sorted(
            key
            for key in self._plays.keys() | wanted.keys() | files.keys()
            if (self._plays.get(key), self._files.get(key)) != (wanted.get(key), files.get(key))
            and key not in self._overridden
        )
        kinds = {key: self._kind(key, wanted.get(key), files) for key in differ}
        values = configured(rig)
        if kinds.get(CLOCK) == "live":
            self._may_lead(rig.music.clock.source)
        for key in self._swap(rig, kinds, files):  # what cannot be exchanged after all
            kinds[key] = "restart"
        for key in differ:
            if kinds[key] == "restart":
                continue
            if key == CLOCK:
                self._lead(rig.music.clock.source)
            elif key in LIVE:
                self._set(LIVE[key], values[LIVE[key]])
            self._plays[key] = wanted.get(key)
            if key in self._files or key in files:
                self._files[key] = files.get(key)
        done = {
            kind: tuple(key for key in differ if kinds[key] == kind) for kind in ("live", "swap", "restart")
        }
        return Reloaded(**done)

    def _kind(self, key: str, value: Any, files: Mapping[str, Signature | None]) -> Kind:
        kind = kind_of(key, value)
        has_it = key == STYLE and files.get(STYLE) is not None and files[STYLE] == self._own
        return "live" if kind == "swap" and has_it else kind

    def _swap(self, rig: Rig, kinds: Mapping[str, Kind], files: Mapping[str, Signature | None]) -> list[str]:
        """Exchanges what is to be exchanged. Keys that wait for a start all the same."""
        keys = [key for key, kind in kinds.items() if kind == "swap"]
        roles = tuple(
            role
            for role in ROLE_NAMES
            if PRECISION in keys or any(key.startswith(f"{NETWORKS}{role}.") for key in keys)
        )
        style = STYLE in keys
        if not roles and not style:
            return []
        waiting = self._exchange(Swap(rig, roles, style))
        if style:
            self._own = files[STYLE]
        return [key for role in waiting for key in keys if key.startswith(f"{NETWORKS}{role}.")]


def _files(loaded: LoadedRig) -> dict[str, Signature | None]:
    """By key, the files that are exchanged when they are written again; None for one that is not there."""
    found = {f"{NETWORKS}{role}.file": _of_network(loaded, role) for role in ROLE_NAMES}
    own = own_file(loaded.rig.music.style)
    return found if own is None else {**found, STYLE: _signature(own)}


def _of_network(loaded: LoadedRig, role: str) -> Signature | None:
    try:
        return _signature(find_model(role, getattr(loaded.rig.networks, role).file, loaded.base))
    except ModelError:
        return None


def _signature(path: Path) -> Signature | None:
    try:
        now = path.stat()
    except OSError:
        return None
    return str(path), now.st_mtime_ns, now.st_size, now.st_ino


def _leaves(section: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """('music.tempo', 100) …; a list is one leaf."""
    for key, value in section.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield before + key, value
