"""A session that was kept, read: as far as it goes, also when what kept it was killed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from emohost._core import recorded_block_dtype
from emohost.config.load import parse_rig
from emohost.config.schema import Rig
from emohost.errors import OutputError, SessionError
from emohost.process.locks import lock_file
from emohost.sessions.layout import (
    ASKED,
    BLOCKS,
    END,
    ENGINE,
    ENGINE_FILES,
    FORMAT,
    LOG,
    MESSAGES,
    NETWORKS,
    PLAYED,
    SESSION,
    SESSION_FILES,
    SUMS,
    SWAPS,
    TRACK,
    TRACK_ROW,
    engine_folder,
    lines_of,
    sha256,
)
from emohost.sessions.sound import SoundReader

Played = tuple[int, bytes, str]
ABOUT_ENGINE = ("engine", "form", "channels", "continuation", "writers")
ABOUT = ("name", "emohost", "started", "seed", "rig", "rig_file", "base")


@dataclass(frozen=True)
class EnginePart:
    """What was kept of one engine. Raises SessionError where something cannot be read."""

    folder: Path

    @cached_property
    def about(self) -> Mapping[str, Any]:
        found = _object(self.folder / ENGINE)
        missing = [key for key in ABOUT_ENGINE if key not in found]
        if missing or not isinstance(found["form"], dict) or "sample_rate" not in found["form"]:
            raise SessionError(f"{self.folder / ENGINE}: found no {', '.join(missing) or 'form.sample_rate'}")
        return found

    @property
    def sample_rate(self) -> float:
        return float(self.about["form"]["sample_rate"])

    @property
    def channels(self) -> int:
        return int(self.about["channels"])

    @cached_property
    def networks(self) -> list[dict[str, Any]]:
        found: object = _object(self.folder / NETWORKS).get("networks")
        if not isinstance(found, list) or not all(
            isinstance(each, dict) and "role" in each for each in found
        ):
            raise SessionError(f"{self.folder / NETWORKS}: found no networks")
        return found

    @cached_property
    def blocks(self) -> NDArray[np.void]:
        """recorded_block_dtype, in order; whole rows."""
        return _rows(self.folder / BLOCKS, recorded_block_dtype)

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        return _lines(self.folder / MESSAGES)

    @cached_property
    def played(self) -> list[Played]:
        """(frame, MIDI bytes, part), in the order in which the engine handed them out."""
        try:
            return [
                (int(each["frame"]), bytes.fromhex(each["midi"]), str(each["part"]))
                for each in _lines(self.folder / PLAYED)
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise SessionError(f"{self.folder / PLAYED}: damaged: {error!r}") from None

    @property
    def swaps(self) -> list[dict[str, Any]]:
        return _lines(self.folder / SWAPS)

    @property
    def end(self) -> Mapping[str, Any] | None:
        """None: its keeper was killed, or its disk was full."""
        if not (self.folder / END).is_file():
            return None
        found = _object(self.folder / END)
        if not {"finished", "lost"} <= found.keys():
            raise SessionError(f"{self.folder / END}: found no 'finished' and 'lost'")
        return found

    def blocks_without_sound(self) -> int:
        """How many of the last blocks have no whole input. Reads all of it."""
        frames = self.blocks["frames"].astype(np.int64)
        reader, there = SoundReader(self.folder, self.channels), 0
        while count := len(reader.read(1 << 18)):
            there += count
        reader.close()
        return int(np.count_nonzero(np.cumsum(frames) > there))

    @property
    def seconds(self) -> float:
        return float(self.blocks["frames"].sum()) / self.sample_rate


@dataclass(frozen=True)
class Session:
    """A folder of `emohost run --record`."""

    folder: Path
    about: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Session:
        """Raises SessionError."""
        if not (folder / SESSION).is_file():
            raise SessionError(
                f"{folder}: found no {SESSION}; expected the folder of a session that was kept"
            )
        about = _object(folder / SESSION)
        if about.get("format") != FORMAT:
            raise SessionError(
                f"{folder / SESSION}: format: found {about.get('format')!r}; expected {FORMAT}"
            )
        if missing := [key for key in ABOUT if key not in about]:
            raise SessionError(f"{folder / SESSION}: found no {', '.join(missing)}")
        return cls(folder, about)

    @property
    def name(self) -> str:
        return str(self.about["name"])

    @property
    def whole(self) -> bool:
        """It was kept to its end."""
        return (self.folder / SUMS).is_file()

    @property
    def is_kept_now(self) -> bool:
        """A host that runs is writing it."""
        descriptor = os.open(self.folder / SESSION, os.O_RDWR)
        try:
            return not lock_file(descriptor)
        finally:
            os.close(descriptor)

    @cached_property
    def parts(self) -> list[EnginePart]:
        """One for each engine of the run, in order."""
        parts: list[EnginePart] = []
        while (folder := self.folder / engine_folder(len(parts) + 1)).is_dir():
            parts.append(EnginePart(folder))
        return parts

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    @property
    def notes(self) -> int:
        return sum(
            data[0] & 0xF0 == 0x90 and data[-1] > 0 for part in self.parts for _, data, _ in part.played
        )

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def rig(self) -> Rig:
        """As it was resolved. Raises ConfigError."""
        return self.rig_with({})

    def rig_with(self, changes: Mapping[str, Any]) -> Rig:
        """With other values at dotted keys: 'music.tempo'. Raises ConfigError, naming the key."""
        data = orjson.loads(orjson.dumps(self.about["rig"]))
        if data["music"].get("chart") is not None:  # its text is there
            data["music"]["chart_file"] = None
        for key, value in changes.items():
            _put(data, key, value)
        return parse_rig(orjson.dumps(_without_nothing(data)).decode(), str(self.folder / SESSION))

    @property
    def base(self) -> Path:
        return Path(self.about["base"])

    @property
    def asked(self) -> list[dict[str, Any]]:
        return _lines(self.folder / ASKED)

    @property
    def log(self) -> list[dict[str, Any]]:
        return _lines(self.folder / LOG)

    @property
    def track(self) -> NDArray[np.void]:
        """TRACK_ROW, in order."""
        return _rows(self.folder / TRACK, TRACK_ROW)

    def starts_s(self) -> list[float]:
        """When each engine's frame 0 was, in seconds from the first one's."""
        starts = [_start_ns(part) for part in self.parts]
        begin = next((at for at in starts if at is not None), 0)
        return [0.0 if at is None else (at - begin) * 1e-9 for at in starts]

    def faults(self) -> list[str]:
        """What is wrong with it, a line each: files that are missing, changed or unreadable. Empty: nothing."""
        found = [] if self.whole else [f"{self.folder}: it was not kept to its end: there are no hashes"]
        for name, expected in _sums(self.folder).items():
            path = self.folder / name
            try:
                if sha256(path) != expected:
                    found.append(f"{path}: has changed since it was written")
            except OSError as error:
                found.append(f"{path}: cannot be read: {error.strerror or error}")
        return found

    def unreadable(self) -> list[str]:
        """What of it cannot be read, a line each. Reads all of it."""
        found = []
        for part in self.parts:
            try:
                parsed = len(part.messages) + len(part.played) + len(part.swaps) + len(part.networks)
                if parsed and (missing := part.blocks_without_sound()) and part.end is not None:
                    found.append(f"{part.folder}: the input of the last {missing} blocks is missing")
            except (SessionError, KeyError, ValueError) as error:
                found.append(
                    str(error) if isinstance(error, SessionError) else f"{part.folder}: damaged: {error}"
                )
        for read in ("asked", "log", "track"):
            try:
                getattr(self, read)
            except SessionError as error:
                found.append(str(error))
        return found

    def remove(self) -> list[Path]:
        """Removes what this program has written there, the folder, too, if nothing else is in it. Returns what
        stays. Raises OutputError."""
        try:
            if self.is_kept_now:
                raise OutputError(f"{self.folder}: a host that runs is keeping it")
            folders = [part.folder for part in self.parts]
            for folder in folders:
                _remove_files(folder, ENGINE_FILES)
            _remove_files(self.folder, SESSION_FILES)
            for folder in (*folders, self.folder):
                if not any(folder.iterdir()):
                    folder.rmdir()
            return sorted(self.folder.rglob("*")) if self.folder.is_dir() else []
        except OSError as error:
            raise OutputError(f"{self.folder}: cannot be removed: {error.strerror or error}") from None


def sessions_in(folder: Path) -> tuple[list[Session], list[SessionError]]:
    """`folder` itself, or those in it, the oldest first; and why others in it cannot be read. Raises SessionError for a
    folder that is not there, and for `folder` itself."""
    if (folder / SESSION).is_file():
        return [Session.open(folder)], []
    if not folder.is_dir():
        raise SessionError(f"{folder}: found no such folder")
    found, unreadable = [], []
    for each in sorted(folder.iterdir()):
        if (each / SESSION).is_file():
            try:
                found.append(Session.open(each))
            except SessionError as error:
                unreadable.append(error)
    return sorted(found, key=lambda session: float(session.about["started"])), unreadable


def _remove_files(folder: Path, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        for path in folder.glob(pattern):
            if path.is_file() and not path.is_symlink():
                path.unlink()


def _start_ns(part: EnginePart) -> int | None:
    """Of its frame 0, on the monotonic clock; None where nothing was kept."""
    if not len(part.blocks):
        return None
    first = part.blocks[0]
    return int(first["started_ns"]) - round(int(first["frame"]) * 1e9 / part.sample_rate)


def _object(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SessionError(f"{path}: cannot be read: {error.strerror or error}") from None
    except orjson.JSONDecodeError as error:
        raise SessionError(f"{path}: {error}") from None
    if not isinstance(found, dict):
        raise SessionError(f"{path}: found {type(found).__name__}; expected an object")
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return lines_of(path.read_bytes())
    except OSError as error:
        raise SessionError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise SessionError(f"{path}: {error}") from None


def _rows(path: Path, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SessionError(f"{path}: cannot be read: {error.strerror or error}") from None
    return np.frombuffer(content, dtype, len(content) // dtype.itemsize)


def _sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    if not path.is_file():
        return {}
    try:
        pairs = [each.split("  ", 1) for each in path.read_text(encoding="utf-8").splitlines()]
        return {name: digest for digest, name in pairs}
    except (OSError, ValueError) as error:
        raise SessionError(f"{path}: cannot be read: {error}") from None


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *folders, name = key.split(".")
    for folder in folders:
        inner = data.get(folder)
        data = data.setdefault(folder, {}) if inner is None else inner
        if not isinstance(data, dict):
            raise SessionError(f"--with {key}: found no section '{folder}' in the rig")
    data[name] = value


def _without_nothing(data: Any) -> Any:
    """What is not set is left out: not every key takes null."""
    if isinstance(data, dict):
        return {key: _without_nothing(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_nothing(value) for value in data]
    return data
