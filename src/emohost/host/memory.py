"""Memory that two processes share: a small file, mapped by both. One interface for POSIX and Windows."""

from __future__ import annotations

import contextlib
import itertools
import mmap
import os
import re
from pathlib import Path

from emohost.process.memory import memory_folder
from emohost.process.pids import is_alive

_NAME = re.compile(r"emohost-(\d+)-\d+\.rings")
_number = itertools.count()


class SharedMemory:
    """Made by the host: a new file of zeros, its name holding the process id, readable by the same user only.

    The mapping lives as long as `buffer` is referred to; `remove` takes the name away.
    """

    def __init__(self, size: int, folder: Path | None = None) -> None:
        """Raises OSError."""
        folder = folder or memory_folder()
        self.path = folder / f"emohost-{os.getpid()}-{next(_number)}.rings"
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()  # of a dead process that had our number
        descriptor = os.open(
            self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        try:
            os.ftruncate(descriptor, size)
            self.buffer = mmap.mmap(descriptor, size)
        except OSError:
            self.remove()
            raise
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Takes the file away; mappings stay valid. On Windows a file that is mapped stays until the next start."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def map_memory(path: str) -> mmap.mmap:
    """The other process's side. Raises OSError."""
    with Path(path).open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def remove_leftovers(folder: Path | None = None) -> list[Path]:
    """Removes the files of hosts that died without doing so. Returns their paths."""
    removed = []
    for path in (folder or memory_folder()).glob("emohost-*.rings"):
        match = _NAME.fullmatch(path.name)
        if match and not is_alive(int(match[1])):
            with contextlib.suppress(OSError):
                path.unlink()
                removed.append(path)
    return removed
