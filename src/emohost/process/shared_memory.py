"""Memory that two processes share: a small file, mapped by both. One interface for POSIX and Windows.

On Linux the file has no name and is sealed: it lies only in memory, however full /dev/shm is, nobody can truncate it
under those who have mapped it, and nothing of it is left when its processes have ended. Elsewhere it is a file with a
name, for whose pages there is room before it is mapped.
"""

from __future__ import annotations

import contextlib
import itertools
import mmap
import os
import re
import sys
from pathlib import Path

from emohost.process.memory import allocate, memory_folder
from emohost.process.pids import is_alive

_NAME = re.compile(r"emohost-(\d+)-\d+\.rings")
_number = itertools.count()


class SharedMemory:
    """Made by the host: zeros, for processes of the same user only.

    The mapping lives as long as `buffer` is referred to; `remove` takes the path away, at which others find it.
    """

    def __init__(self, size: int, folder: Path | None = None) -> None:
        """`folder`: where its file lies; only in memory without one. Raises OSError, with bytes needed and free if
        there is no room."""
        self._descriptor = -1 if folder is not None else _sealed(size)
        self._named = self._descriptor < 0
        if not self._named:
            self.path = Path(f"/proc/{os.getpid()}/fd/{self._descriptor}")
            try:
                self.buffer = mmap.mmap(self._descriptor, size)
            except OSError:
                self.remove()
                raise
            return
        folder = folder or memory_folder()
        self.path = folder / f"emohost-{os.getpid()}-{next(_number)}.rings"
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()  # of a dead process that had our number
        descriptor = os.open(
            self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        try:
            allocate(descriptor, size, folder)
            self.buffer = mmap.mmap(descriptor, size)
        except OSError:
            self.remove()
            raise
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Takes the path away; mappings stay valid. On Windows a file that is mapped stays until the next start. May be
        called again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        elif self._named:
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


def _sealed(size: int) -> int:
    """The descriptor of a file without a name that keeps its size; -1 where the system has none, or where another
    process of this user could not open it (a program with capabilities of its own has a /proc that is closed)."""
    if sys.platform != "linux":
        return -1
    import fcntl

    descriptor = os.memfd_create("emohost-rings", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        if not os.access(f"/proc/self/fd/{descriptor}", os.R_OK | os.W_OK):
            os.close(descriptor)
            return -1
        os.fchmod(descriptor, 0o600)
        allocate(descriptor, size, None)
        fcntl.fcntl(
            descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        )
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
