"""Files that are either there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emohost.process.pids import is_alive

_LEFT_S = 60.0  # a temporary file of a dead process that is older was left behind
_swept: set[Path] = set()


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """Yields a temporary path beside `path` that takes its place when the block ends well; else it goes.

    A reader, or what is left after a crash, sees the old file or the new one, never half of it; `durable`: after a loss
    of power, too. A link stays one: the file that it leads to is replaced. The temporary name keeps the suffix, for
    writers that choose a format by it. What processes that were killed left of `path` goes. Any thread. Raises
    OSError.
    """
    target = Path(os.path.realpath(path))
    if target not in _swept:  # once a process: the folder may be a large one
        _swept.add(target)
        sweep(target, _LEFT_S)
    temporary = target.with_name(f".{target.stem}.{os.getpid()}-{secrets.token_hex(4)}{target.suffix}")
    try:
        yield temporary
        if durable:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes, durable: bool = True) -> None:
    """Writes `data` as the file `path`, replacing what was there in one step. Any thread. Raises OSError."""
    with replacing(path, durable) as temporary:
        temporary.write_bytes(data)


def sweep(target: Path, older_s: float = 0.0) -> None:
    """Removes temporary files that dead processes have left of `target`, if nothing was written to them for `older_s`
    seconds: unless a lock tells, they may be of another machine's process, whose number says nothing here."""
    ours = re.compile(
        re.escape(f".{target.stem}.") + r"([1-9]\d{0,9})-[0-9a-f]{8}" + re.escape(target.suffix)
    )
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            found = ours.fullmatch(entry.name)
            if found and not is_alive(int(found[1])) and time.time() - entry.stat().st_mtime > older_s:
                Path(entry.path).unlink(missing_ok=True)


def printable(name: Path | str) -> str:
    """A name as text, for JSON and pictures: bytes that are no UTF-8 become U+FFFD."""
    return str(name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
