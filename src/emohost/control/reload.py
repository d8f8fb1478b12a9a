"""An edited rig, read again while it plays: what can change at once does, and the rest is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emohost.config.load import load_rig
from emohost.config.loaded import LoadedRig
from emohost.config.schema import Rig
from emohost.control.parameters import configured
from emohost.styles.load import own_file
from emohost.vocabulary import PARAMETERS

CLOCK, STYLE = "music.clock.source", "music.style"
LIVE = {**{each.key: each.name for each in PARAMETERS if each.key is not None}, CLOCK: CLOCK}


@dataclass(frozen=True)
class Reloaded:
    """Keys of the rig that differ from what plays."""

    live: tuple[str, ...]  # changed now
    restart: tuple[str, ...]  # hold from the next start on


class Reload:
    """One thread at a time."""

    def __init__(
        self, loaded: LoadedRig, set_parameter: Callable[[str, float], None], lead: Callable[[str], None]
    ) -> None:
        self._path, self._overridden = loaded.path, loaded.overridden
        self._plays = dict(_leaves(loaded.rig.model_dump(mode="json")))
        self._set, self._lead = set_parameter, lead
        self._own_style = loaded.rig.music.style  # the engine has no other file's

    def again(self) -> Reloaded:
        """Raises ConfigError, after which nothing has changed; ControlError where the engine refuses."""
        rig: Rig = load_rig(self._path).rig
        wanted = dict(_leaves(rig.model_dump(mode="json")))
        differ = sorted(
            key
            for key in self._plays.keys() | wanted.keys()
            if self._plays.get(key) != wanted.get(key) and key not in self._overridden
        )
        values = configured(rig)
        live = [key for key in differ if key in LIVE and not self._needs_start(key, wanted[key])]
        for key in live:
            if key == CLOCK:
                self._lead(rig.music.clock.source)
            else:
                self._set(LIVE[key], values[LIVE[key]])
            self._plays[key] = wanted[key]
        return Reloaded(tuple(live), tuple(key for key in differ if key not in live))

    def _needs_start(self, key: str, value: Any) -> bool:
        """A style's file that the engine was not given."""
        return key == STYLE and own_file(value) is not None and value != self._own_style


def _leaves(section: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """('music.tempo', 100) …; a list is one leaf."""
    for key, value in section.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield before + key, value
