"""What lies where in a session's folder (docs/sessions.md), and files that grow at their end alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

FORMAT: Final = 1
SESSION: Final = "session.json"
RIG: Final = "rig.yaml"
ASKED: Final = "asked.jsonl"
LOG: Final = "log.jsonl"
TRACK: Final = "track.bin"
SUMS: Final = "SHA256SUMS"
# Of each engine, in a folder of its own.
ENGINE: Final = "engine.json"
NETWORKS: Final = "networks.json"
BLOCKS: Final = "blocks.bin"
MESSAGES: Final = "messages.jsonl"
PLAYED: Final = "played.jsonl"
SWAPS: Final = "swaps.jsonl"
END: Final = "end.json"
SESSION_FILES: Final = (RIG, ASKED, LOG, TRACK, SUMS, SESSION)
"""Of a whole session; what it is known by goes last."""
ENGINE_FILES: Final = (ENGINE, NETWORKS, BLOCKS, MESSAGES, PLAYED, SWAPS, END, "input*.flac", "input.rest")

TRACK_ROW: Final = np.dtype(
    [
        ("frame", "<u8"),
        ("flags", "<u4"),
        ("engine", "<u2"),
        ("late", "<u2"),
        ("load", "<f4"),
        ("valence", "<f4"),
        ("arousal", "<f4"),
        ("level_db", "<f4"),
        ("tempo", "<f4"),
        ("tonic", "i1"),
        ("minor", "i1"),
        ("chord_heard", "i1"),
        ("chord_played", "i1"),
        ("sound", "u1"),
        ("playing", "u1"),
    ]
)
"""How a run went, a row each TRACK_S: the newest report's values; `load` (1: a whole block) is the highest since the
row before, `late` counts blocks above 1, `flags` are those of all blocks since."""
TRACK_S: Final = 0.1


def engine_folder(number: int) -> str:
    """Of the run's engines, from 1."""
    return f"engine-{number}"


def line(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values) + b"\n"


def lines_of(content: bytes) -> list[dict[str, Any]]:
    """As far as they are whole: the last one may have no end. Raises ValueError with the number of a damaged one."""
    found = []
    for number, each in enumerate(content.split(b"\n")[:-1], 1):
        try:
            values = orjson.loads(each)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"line {number}: {error}") from None
        if not isinstance(values, dict):
            raise ValueError(f"line {number}: expected an object")
        found.append(values)
    return found


def sha256(path: Path) -> str:
    """Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """So that the names in it outlast a loss of power. Raises OSError."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Growing:
    """A new file that grows at its end alone. One thread. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._unsynced = False

    def append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
            self._unsynced = True

    def sync(self) -> None:
        if self._unsynced:
            os.fsync(self._file.fileno())
            self._unsynced = False

    def close(self) -> None:
        self._file.close()
