"""The files behind a ring: four lanes in shared memory, each for one writer at a time, all heard by every host.

A lane's file appears whole or not at all, readable by its user alone. A writer holds a lock on it, which the system
takes away when the writer dies; so the next one finds the lane free, whatever became of the last. Hosts map the lanes
read-only and need no lock. Files outlive hosts and writers: who comes first makes them, and the last host removes
those without a writer.
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
from pathlib import Path

from emohost._core import EmotionLane
from emohost.control.local import runtime_folder
from emohost.errors import RingError
from emohost.process.memory import memory_folder

LANES = 4
USUAL_RING = "emohost"
_BINARY = getattr(os, "O_BINARY", 0)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_LOCK_AT = 1 << 30  # Windows locks bytes: one beyond the content, from which it would keep readers
_TRIES = 100  # each fails only if somebody removed the file between two calls


def lane_paths(ring: str) -> list[Path]:
    """Of this user's ring of that name. Raises RingError for what is no name, and ControlError."""
    if not _NAME.fullmatch(ring):
        raise RingError(f"ring {ring!r}: expected a name of 1 to 32 letters, digits, '-' or '_'")
    # Hosts and writers that can speak to each other (one runtime folder) share the ring.
    place = hashlib.sha256(str(runtime_folder()).encode()).hexdigest()[:12]
    return [memory_folder() / f"emohost-{place}-{ring}-{number}.lane" for number in range(LANES)]


def read_lanes(ring: str) -> list[EmotionLane]:
    """The reader's side of all lanes, made if need be. Raises RingError."""
    return [map_lane(_make(path)) for path in lane_paths(ring)]


def map_lane(path: str | Path) -> EmotionLane:
    """The reader's side of one lane. Raises RingError."""
    try:
        with Path(path).open("rb") as file:
            return EmotionLane(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise RingError(_wrong(Path(path), error)) from None


def remove_lanes(ring: str) -> None:
    """Removes the lanes that have no writer. Raises RingError."""
    for path in lane_paths(ring):
        with contextlib.suppress(OSError):
            descriptor = _open(path)
            try:
                if _lock(descriptor):
                    path.unlink()
            finally:
                os.close(descriptor)


class Claim:
    """One lane of a ring, this process's alone until `release` or its death."""

    def __init__(self, ring: str) -> None:
        """Raises RingError when all lanes have a writer, or when a file is not one of this version."""
        self.ring = ring
        for path in lane_paths(ring):
            descriptor = _take(path)
            if descriptor is not None:
                break
        else:
            raise RingError(f"ring {ring!r}: all {LANES} places are taken: {'; '.join(_writers(ring))}")
        self._descriptor = descriptor
        try:
            self.memory = mmap.mmap(descriptor, 0)
            EmotionLane(self.memory)
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
            _unlock(self._descriptor)  # the mapping, which may live on, has a descriptor of its own
            os.close(self._descriptor)
            self._descriptor = -1


def _make(path: Path) -> Path:
    """A lane's file, made whole if it is not there. Raises RingError."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(EmotionLane.fresh())
                with contextlib.suppress(FileExistsError):  # another was faster
                    os.link(fresh, path)
            finally:
                fresh.unlink()
        except OSError as error:
            raise RingError(_wrong(path, error)) from None
    return path


def _take(path: Path) -> int | None:
    """The descriptor that holds the lane's lock; None if another writer has it."""
    for _ in range(_TRIES):
        try:
            descriptor = _open(_make(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RingError(_wrong(path, error)) from None
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)  # removed by a host that ended
    raise RingError(f"{path}: somebody removes it again and again")


def _open(path: Path) -> int:
    """For reading and writing, if it is a file of this user's alone. Raises OSError."""
    descriptor = os.open(
        path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | _BINARY
    )
    if sys.platform != "win32":
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            os.close(descriptor)
            raise PermissionError("not a file of this user's alone")
    return descriptor


def _lock(descriptor: int) -> bool:
    """Takes the file's lock if it is free; it goes with the descriptor or the process."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _writers(ring: str) -> list[str]:
    """Who holds the lanes, for people."""
    found = []
    for path in lane_paths(ring):
        with contextlib.suppress(RingError):
            writer = map_lane(path).writer
            if writer is not None:
                found.append(f"process {writer[0]} ({writer[1]})")
    return found


def _wrong(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{path}: no ring can be had: {error.strerror or error}"
    return (
        f"{path}: expected a ring of emotions of this version of emohost, found {error}; "
        "end the hosts and scripts that use it and delete the file"
    )
