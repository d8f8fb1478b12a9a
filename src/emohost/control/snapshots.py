"""Snapshots: settings of the live parameters under a name, kept in one YAML file beside the rig.

    verse:
      density: 0.6
      drums_enabled: 'off'

`stage.yaml` has `stage.snapshots.yaml`. People may write it by hand: it is read anew at each call, and what is wrong in
it is an error that says where. A save keeps the other snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from emohost.control.parameters import checked, shown
from emohost.errors import ConfigError, ControlError, OutputError
from emohost.files import write_whole

MAX_BYTES = 1 << 20
MOST = 128  # as MIDI has programs
NAME = r"[^\W_][\w .+-]{0,62}"
_NAME = re.compile(NAME)
_HEAD = "# Snapshots of emohost's live parameters, by name: emohost snapshot --help\n"


class Snapshots:
    """One thread at a time."""

    def __init__(self, rig: Path) -> None:
        self.file = rig.with_name(f"{rig.stem}.snapshots.yaml")
        # As it was last read: a page asks for the names many times a second.
        self._read: tuple[tuple[int, int, int], dict[str, dict[str, float]]] | None = None

    def read(self) -> dict[str, dict[str, float]]:
        """All of them, in the file's order; none without a file. Raises ConfigError."""
        try:
            found = self.file.stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._read is not None and self._read[0] == state:
                return {name: dict(values) for name, values in self._read[1].items()}
            with self.file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigError(f"{self.file}: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{self.file}: found more than {MAX_BYTES} bytes; expected snapshots")
        self._read = (state, self._parsed(data))
        return {name: dict(values) for name, values in self._read[1].items()}

    def named(self, name: object) -> dict[str, float]:
        """Raises ControlError, ConfigError."""
        found = self.read()
        if not isinstance(name, str) or name not in found:
            there = ", ".join(found) or "none yet"
            raise ControlError(f"there is no snapshot {name!r}; there is {there}")
        return found[name]

    def numbered(self, number: int) -> str | None:
        """The name of the one at that place, from 0; None where there are fewer. Raises ConfigError."""
        names = list(self.read())
        return names[number] if number < len(names) else None

    def save(self, name: object, values: Mapping[str, float]) -> None:
        """In the place of one of that name, or after the others. Raises ControlError, ConfigError, OutputError."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ControlError(
                f"snapshot: found the name {name!r}; expected 1 to 63 letters, digits, blanks or . + - _, of which the "
                "first is a letter or digit"
            )
        kept = self.read()
        if name not in kept and len(kept) >= MOST:
            raise ControlError(f"{self.file}: found {MOST} snapshots; expected room for another")
        self._write({**kept, name: dict(values)})

    def delete(self, name: object) -> None:
        """Raises ControlError, ConfigError, OutputError."""
        self.named(name)
        self._write({each: values for each, values in self.read().items() if each != name})

    def _write(self, snapshots: Mapping[str, Mapping[str, float]]) -> None:
        plain = {
            name: {parameter: _plain(parameter, value) for parameter, value in values.items()}
            for name, values in snapshots.items()
        }
        text = _HEAD + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True) if plain else _HEAD
        try:
            write_whole(self.file, text.encode())
        except OSError as error:
            raise OutputError(f"{self.file}: cannot be written: {error.strerror or error}") from None

    def _parsed(self, data: bytes) -> dict[str, dict[str, float]]:
        try:
            content = yaml.safe_load(data)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            place = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
            raise ConfigError(f"{self.file}{place}: found no YAML; expected snapshots by name") from None
        if content is None:
            return {}
        if not isinstance(content, dict):
            raise ConfigError(f"{self.file}: found {type(content).__name__}; expected snapshots by name")
        return {self._name(name): self._values(name, values) for name, values in content.items()}

    def _name(self, name: object) -> str:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ConfigError(f"{self.file}: found the name {name!r}; expected a snapshot's name")
        return name

    def _values(self, name: object, values: object) -> dict[str, float]:
        if not isinstance(values, dict):
            raise ConfigError(f"{self.file}: {name}: found {values!r}; expected parameters with their values")
        try:
            return dict(checked(parameter, value) for parameter, value in values.items())
        except ControlError as error:
            raise ConfigError(f"{self.file}: {name}: {error}") from None


def _plain(parameter: str, value: float) -> float | int | str:
    """As people would write it."""
    text = shown(parameter, value)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else value
