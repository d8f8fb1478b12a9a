"""YAML to a checked model: every mistake of the file in one error, each at its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from emohost.config.document import (
    MAX_BYTES,
    UNPRINTABLE,
    Document,
    DocumentError,
    KeyPath,
    Place,
    read_document,
    short,
)
from emohost.config.mistakes import explain
from emohost.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def parse_as(
    model: type[Model],
    schema: Mapping[str, Any],
    text: str,
    file: str,
    prepare: Callable[[Any], Any] = copy.deepcopy,
) -> Model:
    """What YAML `text` describes as a `model`, whose JSON Schema is `schema`. `prepare` gives the data as the model has
    it, a copy. Raises ConfigError."""
    try:
        document = read_document(text)
    except DocumentError as error:
        raise ConfigError(_line(file, error.place, (), str(error))) from None
    lines = [(place, path, message) for place, path, message in document.mistakes]
    made = None
    if not lines and not isinstance(document.data, dict):
        found = "an empty file" if document.data is None else "no mapping"
        keys = ", ".join(model.model_fields)
        lines.append((document.place(()), (), f"found {found}; expected a mapping with the keys {keys}"))
    elif isinstance(document.data, dict):
        made = _validated(model, schema, document, prepare, lines)
    if lines or made is None:
        lines.sort(key=lambda line: (line[0].line, line[0].column))
        raise ConfigError("\n".join(dict.fromkeys(_line(file, *line) for line in lines)))
    return made


def read_text_file(file: Path, what: str) -> str:
    """UTF-8 text of at most MAX_BYTES. `what`: such as "a rig's YAML file". Raises ConfigError."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{file}: found no such file; expected {what}") from None
    except IsADirectoryError:
        raise ConfigError(f"{file}: found a folder; expected {what}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{file}: cannot be read: {reason}; expected {what}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{file}: found more than {MAX_BYTES} bytes; expected {what}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        found = f"found the byte 0x{content[error.start]:02x}; expected UTF-8 text"
        raise ConfigError(_line(str(file), place, (), found)) from None


def _validated(
    model: type[Model],
    schema: Mapping[str, Any],
    document: Document,
    prepare: Callable[[Any], Any],
    lines: list[tuple[Place, KeyPath, str]],
) -> Model | None:
    """What the document holds, or None with what is wrong appended to `lines`.

    pydantic checks a section as a whole only when each of its keys is right; so wrong keys are taken out and the rest
    is checked again, to find everything at once."""
    data = prepare(document.data)
    removed: set[KeyPath] = {path for _, path, _ in document.mistakes}
    while True:
        try:
            return model.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            found = [explain(each, data, schema) for each in error.errors(include_url=False)]
        again = False
        for mistake in found:
            if not removed.isdisjoint(mistake.about):
                continue  # speaks of a key that has been reported
            lines.append((document.place(mistake.path), mistake.path, mistake.message))
            for path in mistake.about:
                again |= _remove(data, path)
            removed |= mistake.about
        if not again:
            return None


def _remove(data: Any, path: KeyPath) -> bool:
    """Takes the value at `path` out of `data`; False if it is not there or its place in a list is needed."""
    if not path or not isinstance(path[-1], str):
        return False
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, dict) and data.pop(path[-1], data) is not data


def _line(file: str, place: Place, path: KeyPath, message: str) -> str:
    key = ".".join(short(str(step)) for step in path)
    line = f"{file}:{place.line}:{place.column}: {key + ': ' if key else ''}{message}"
    return UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], line)  # one line, whatever the file held
