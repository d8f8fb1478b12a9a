"""Reads a rig: YAML to checked, resolved models; every mistake of the file in one error, each at its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from emohost.chart import ChartError, parse_chart, read_text
from emohost.config.audio import AudioFile
from emohost.config.bridge import Bridge
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
from emohost.config.loaded import LoadedRig
from emohost.config.mistakes import explain
from emohost.config.schema import Network, Rig
from emohost.errors import ConfigError
from emohost.vocabulary import ROLE_NAMES


def load_rig(path: str | Path) -> LoadedRig:
    """Reads the YAML file at `path`.

    Paths in it are relative to its folder and come out absolute: `audio.path`, `output.*`, `bridge.script`,
    `bridge.field.tls.*`, and `networks.*.file` where it has a folder in it or names an existing file; a bare name that
    does not stays as it is, for `emohost.networks.find_model` to search for. `music.chart_file` is read: its text
    is then `music.chart`. Nothing but the YAML file and the chart needs to exist.

    Raises ConfigError, one line per mistake: `file:line:column: key.path: found X; expected Y`.
    """
    file = Path(path)
    text = _read(file)
    rig = parse_rig(text, str(file))
    base = file.absolute().parent
    return LoadedRig(_with_chart(_resolved(rig, base), file, base), file.absolute(), base)


def parse_rig(text: str, file: str = "<text>") -> Rig:
    """The rig that YAML `text` describes, paths as written. `file` is what errors call it. Raises ConfigError."""
    try:
        document = read_document(text)
    except DocumentError as error:
        raise ConfigError(_line(file, error.place, (), str(error))) from None
    lines = [(place, path, message) for place, path, message in document.mistakes]
    rig = None
    if not lines and not isinstance(document.data, dict):
        found = "an empty file" if document.data is None else "no mapping"
        lines.append(
            (document.place(()), (), f"found {found}; expected a mapping with the keys {', '.join(_keys())}")
        )
    elif isinstance(document.data, dict):
        rig = _validated(document, lines)
    if lines or rig is None:
        lines.sort(key=lambda line: (line[0].line, line[0].column))
        raise ConfigError("\n".join(dict.fromkeys(_line(file, *line) for line in lines)))
    return rig


def _keys() -> list[str]:
    return list(Rig.model_fields)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{file}: found no such file; expected a rig's YAML file") from None
    except IsADirectoryError:
        raise ConfigError(f"{file}: found a folder; expected a rig's YAML file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{file}: cannot be read: {reason}; expected a rig's YAML file") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{file}: found more than {MAX_BYTES} bytes; expected a rig's YAML file")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        found = f"found the byte 0x{content[error.start]:02x}; expected UTF-8 text"
        raise ConfigError(_line(str(file), place, (), found)) from None


def _validated(document: Document, lines: list[tuple[Place, KeyPath, str]]) -> Rig | None:
    """The rig, or None with what is wrong appended to `lines`.

    pydantic checks a section as a whole only when each of its keys is right; so wrong keys are taken out and the rest
    is checked again, to find everything at once."""
    data = copy.deepcopy(document.data)
    removed: set[KeyPath] = {path for _, path, _ in document.mistakes}
    while True:
        try:
            return Rig.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            found = [explain(each, data) for each in error.errors(include_url=False)]
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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, say
        return False


def _resolved(rig: Rig, base: Path) -> Rig:
    def absolute(path: Path) -> Path:
        whole = base / path.expanduser()
        return whole.parent.resolve() / whole.name

    def network(network: Network) -> Network:
        file = network.file
        if file is None or (len(file.parts) == 1 and not _is_file(base / file)):
            return network
        return network.model_copy(update={"file": absolute(file)})

    audio = rig.audio
    if isinstance(audio, AudioFile):
        audio = audio.model_copy(update={"path": absolute(audio.path)})
    outputs = {name: absolute(path) for name, path in rig.output if isinstance(path, Path)}
    networks = {role: network(getattr(rig.networks, role)) for role in ROLE_NAMES}
    return rig.model_copy(
        update={
            "audio": audio,
            "output": rig.output.model_copy(update=outputs),
            "networks": rig.networks.model_copy(update=networks),
            "bridge": _bridge(rig.bridge, absolute),
        }
    )


def _with_chart(rig: Rig, file: Path, base: Path) -> Rig:
    """With the text of its chart's file for a chart: who plays it need not find the file."""
    name = rig.music.chart_file
    if name is None:
        return rig
    chart = base / name.expanduser()
    try:
        text = read_text(chart)
        parse_chart(text, rig.music.beats_per_bar)
    except ChartError as error:
        raise ConfigError(f"{chart}:{error.line}:{error.column}: {error}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{file}: music.chart_file: found '{name}', which cannot be read: {reason}; expected a chord chart"
        ) from None
    return rig.model_copy(
        update={"music": rig.music.model_copy(update={"chart": text, "chart_file": chart.absolute()})}
    )


def _bridge(bridge: Bridge, absolute: Callable[[Path], Path]) -> Bridge:
    tls = bridge.field.tls
    if tls is not None:
        files = {name: absolute(getattr(tls, name)) for name in ("authority", "certificate", "key")}
        tls = tls.model_copy(update=files)
    field = bridge.field.model_copy(update={"tls": tls})
    return bridge.model_copy(
        update={"script": bridge.script and absolute(bridge.script), "field": field},
    )
