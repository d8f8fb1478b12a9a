"""The files behind a ring: four queues in shared memory, each for one writer at a time, all heard by every host.

A queue's file appears whole or not at all, readable only by its user. A writer holds a lock on it, which the system
takes away when the writer dies; so the next one finds the queue free, whatever became of the last. Engines map the
queues read-only and need no lock; hosts, which must outlive whatever becomes of a file, look at copies. Files outlive
hosts and writers: who comes first makes them, and `emohost.bridge.ring_use` removes those that nobody uses any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from emohost._core import EmotionQueue
from emohost.control.local import runtime_folder
from emohost.errors import RingError
from emohost.process.locks import lock_file, unlock_file
from emohost.process.memory import memory_folder, no_room

QUEUES = 4
USUAL_RING = "emohost"
ABOUT_TO_APPEAR_S = 60.0  # longer than any process takes to write a queue before it appears under its name
_BINARY = getattr(os, "O_BINARY", 0)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_TRIES = 100  # each fails only if somebody removed the file between two calls


def ring_prefix(ring: str) -> str:
    """How the names of its files begin. Raises RingError for what is no name, and ControlError."""
    if not _NAME.fullmatch(ring):
        raise RingError(f"ring {ring!r}: expected a name of 1 to 32 letters, digits, '-' or '_'")
    # Hosts and writers that can speak to each other (one runtime folder) share the ring.
    place = hashlib.sha256(str(runtime_folder()).encode()).hexdigest()[:12]
    return f"emohost-{place}-{ring}"


def queue_paths(ring: str) -> list[Path]:
    """Of this user's ring of that name. Raises RingError for what is no name, and ControlError."""
    prefix = ring_prefix(ring)
    return [memory_folder() / f"{prefix}-{number}.queue" for number in range(QUEUES)]


def make_queue(path: Path) -> None:
    """Its file, if it is not there; looked at in any case. Raises RingError."""
    copy_queue(_make(path))


def read_queues(ring: str) -> list[EmotionQueue]:
    """The reader's side of all queues, made if need be. Raises RingError."""
    return [map_queue(_make(path)) for path in queue_paths(ring)]


def map_queue(path: str | Path) -> EmotionQueue:
    """The reader's side of one queue. Raises RingError."""
    try:
        with Path(path).open("rb") as file:
            return EmotionQueue(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise RingError(_wrong(Path(path), error)) from None


def copy_queue(path: Path) -> EmotionQueue:
    """One queue as it is now. Who maps a file that another truncates is ended by the system; a copy harms nobody.
    Raises RingError."""
    try:
        with path.open("rb", buffering=0) as file:
            content = file.read(EmotionQueue.size + 1)
        copy = mmap.mmap(-1, max(1, len(content)))  # where the address is as a queue's must be
        copy[: len(content)] = content
        return EmotionQueue(copy)
    except (OSError, ValueError) as error:
        raise RingError(_wrong(path, error)) from None


def remove_queues(ring: str) -> None:
    """Removes the queues that have no writer. Raises RingError."""
    for path in queue_paths(ring):
        with contextlib.suppress(OSError), without_writer(path):
            path.unlink()


@contextlib.contextmanager
def without_writer(path: Path) -> Iterator[None]:
    """Keeps writers away from a queue meanwhile. Raises OSError if it has one."""
    descriptor = open_private(path)
    try:
        if not lock_file(descriptor):
            raise BlockingIOError(f"{path} has a writer")
        yield
    finally:
        os.close(descriptor)


class QueueClaim:
    """One queue of a ring, this process's alone until `release` or its death."""

    def __init__(self, ring: str) -> None:
        """Raises RingError when all queues have a writer, or when a file is not one of this version."""
        self.ring = ring
        for path in queue_paths(ring):
            descriptor = _take(path)
            if descriptor is not None:
                break
        else:
            raise RingError(f"ring {ring!r}: all {QUEUES} places are taken: {'; '.join(_writers(ring))}")
        self._descriptor = descriptor
        try:
            self.memory = mmap.mmap(descriptor, 0)
            EmotionQueue(self.memory)
        except (OSError, ValueError) as error:
            self.release()
            raise RingError(_wrong(path, error)) from None

    @property
    def held(self) -> bool:
        """Not released yet."""
        return self._descriptor >= 0

    def release(self) -> None:
        """May be called again."""
        if self._descriptor >= 0:
            unlock_file(self._descriptor)  # the mapping, which may live on, has a descriptor of its own
            os.close(self._descriptor)
            self._descriptor = -1


def _make(path: Path) -> Path:
    """A queue's file, made whole if it is not there. Raises RingError."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(EmotionQueue.fresh())
                with contextlib.suppress(FileExistsError):  # another was faster
                    os.link(fresh, path)
            finally:
                fresh.unlink()
        except OSError as error:
            raise RingError(_wrong(path, error)) from None
    return path


def _take(path: Path) -> int | None:
    """The descriptor that holds the queue's lock; None if another writer has it."""
    for _ in range(_TRIES):
        try:
            descriptor = open_private(_make(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RingError(_wrong(path, error)) from None
        if not lock_file(descriptor):
            os.close(descriptor)
            return None
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)  # removed by a host that ended
    raise RingError(f"{path}: somebody removes it again and again")


def open_private(path: Path, flags: int = 0) -> int:
    """For reading and writing, if it is this user's own file. Raises OSError."""
    no_link = getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags | os.O_RDWR | no_link | getattr(os, "O_CLOEXEC", 0) | _BINARY, 0o600)
    if sys.platform != "win32":
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            os.close(descriptor)
            raise PermissionError("not a file of this user's alone")
    return descriptor


def _writers(ring: str) -> list[str]:
    """Who holds the queues, for people."""
    found = []
    for path in queue_paths(ring):
        with contextlib.suppress(RingError):
            writer = copy_queue(path).writer
            if writer is not None:
                found.append(f"process {writer[0]} ({writer[1]})")
    return found


def _wrong(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{path}: no ring can be had: {no_room(error, EmotionQueue.size, path.parent)}"
    return (
        f"{path}: expected a ring of emotions of this version of emohost, found {error}; "
        "end the hosts and scripts that use it and delete the file"
    )
