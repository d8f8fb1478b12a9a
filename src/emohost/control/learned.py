"""Mappings of controllers that were learned, kept in a YAML file beside the rig: `stage.yaml` has `stage.midi.yaml`.

It is a list as `control.midi` of the rig is one; the rig itself is never written to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import yaml
from pydantic import ValidationError

from emohost.config.control import MidiMapping
from emohost.control.parameters import BY_NAME, checked
from emohost.errors import ConfigError, ControlError, OutputError
from emohost.files import write_whole

PATIENCE_S = 30.0
MAX_BYTES = 1 << 20
_HEAD = "# MIDI controllers that were learned (emohost learn); as control.midi in the rig.\n"

Learning = Callable[[int, int, str], MidiMapping | None]


class Learned:
    """One thread at a time."""

    def __init__(self, rig: Path) -> None:
        self.file = rig.with_name(f"{rig.stem}.midi.yaml")
        self._wanted: str | None = None
        self._until_s = 0.0
        self._parameter: str | None = None
        self._found: str | None = None

    def read(self) -> list[MidiMapping]:
        """None without a file. Raises ConfigError."""
        try:
            with self.file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{self.file}: {error.strerror}") from None
        try:
            content = yaml.safe_load(data) if len(data) <= MAX_BYTES else None
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
            content = None
        if not isinstance(content, list):
            raise ConfigError(
                f"{self.file}: found no list; expected mappings such as {{controller: 20, parameter: density}}"
            )
        return [self._mapping(number, each) for number, each in enumerate(content)]

    def begin(self, parameter: object, begin: Callable[[Learning], None]) -> None:
        """The controller that moves next sets `parameter`; `begin` is told what to ask. Raises ControlError."""
        if not isinstance(parameter, str):
            raise ControlError(f"learn: found {parameter!r}; expected a parameter")
        if parameter not in BY_NAME:
            checked(parameter, 0)  # which says what there is
        self.read()  # what is wrong in it is said before anybody turns a knob
        self._wanted = self._parameter = parameter
        self._found, self._until_s = None, time.monotonic() + PATIENCE_S
        begin(self._learn)

    def state(self) -> dict[str, object]:
        """'waits' while it does, for which 'parameter' it does or did, and the mapping 'found', as a line of YAML."""
        waits = self._wanted is not None and time.monotonic() < self._until_s
        return {"waits": waits, "parameter": self._parameter, "found": self._found, "file": str(self.file)}

    def _learn(self, controller: int, channel: int, source: str) -> MidiMapping | None:
        if self._wanted is None or time.monotonic() > self._until_s:
            return None
        mapping = MidiMapping(
            controller=controller, channel=channel, input=source or None, parameter=self._wanted
        )
        self._wanted = None
        kept = [each for each in self.read() if each.parameter != mapping.parameter]
        lines = [_line(each) for each in [*kept, mapping]]
        try:
            write_whole(self.file, (_HEAD + "".join(f"- {line}\n" for line in lines)).encode())
        except OSError as error:
            raise OutputError(f"{self.file}: cannot be written: {error.strerror or error}") from None
        self._found = lines[-1]
        return mapping

    def _mapping(self, number: int, content: object) -> MidiMapping:
        try:
            return MidiMapping.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, (number, *first["loc"])))
            raise ConfigError(f"{self.file}: {place}: {first['msg']}") from None


def _line(mapping: MidiMapping) -> str:
    given = mapping.model_dump(exclude_defaults=True)
    return yaml.safe_dump(given, default_flow_style=True, width=1000, sort_keys=False).strip()
