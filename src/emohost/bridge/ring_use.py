"""Which rings a host listens to, so that what killed hosts left can be told from what is used, and removed.

A host holds a shared lock on a small file beside the queues of its ring; the system takes it away when the host dies,
however it dies. Queues of a ring that nobody holds go, save those that a writer has. (Windows lets nobody remove a file
that is mapped: nothing need be held there.)
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from pathlib import Path

from emohost.bridge.queues import ABOUT_TO_APPEAR_S, open_private, ring_prefix, without_writer
from emohost.errors import RingError
from emohost.process.locks import lock_file
from emohost.process.memory import memory_folder

_NAME = re.compile(r"(emohost-[0-9a-f]{12}-[A-Za-z0-9_-]{1,32})(?:\.users|-\d\.queue(\.[0-9a-f]{8})?)")
_TRIES, _PAUSE_S = 100, 0.01  # each fails only while somebody removes what is left over


class RingUse:
    """This process listens to the ring until `release` or its death. Any one thread."""

    def __init__(self, ring: str) -> None:
        """Raises RingError."""
        self._path = memory_folder() / f"{ring_prefix(ring)}.users"
        self._descriptor = -1
        if sys.platform != "win32":
            self._descriptor = _hold(self._path)

    def release(self) -> None:
        """Removes the ring's queues if no other host listens and no writer has them. May be called again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        _remove_if_unused(self._path)


def remove_unused_rings(folder: Path | None = None) -> None:
    """Removes the queues of this user's rings that no host listens to, whatever their names; a writer's stay."""
    folder = folder or memory_folder()
    found: set[Path] = set()
    for path in folder.glob("emohost-*"):
        match = _NAME.fullmatch(path.name)
        if match and match[2]:
            _remove_if_old(path)
        elif match:
            found.add(folder / f"{match[1]}.users")
    for users in sorted(found):
        _remove_if_unused(users)


def _hold(path: Path) -> int:
    """The descriptor that holds the lock. Raises RingError."""
    for _ in range(_TRIES):
        try:
            descriptor = open_private(path, os.O_CREAT)
        except OSError as error:
            raise RingError(f"{path}: no ring can be had: {error.strerror or error}") from None
        with contextlib.suppress(OSError):
            if lock_file(descriptor, shared=True) and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)
        time.sleep(_PAUSE_S)
    raise RingError(f"{path}: somebody removes it again and again")


def _remove_if_unused(users: Path) -> None:
    """`users`: the file that the ring's hosts hold. Nothing happens if it is another user's."""
    if sys.platform == "win32":
        _remove_queues(users)
        return
    try:
        descriptor = open_private(users, os.O_CREAT)
    except OSError:
        return
    try:
        if lock_file(descriptor):
            _remove_queues(users)
            users.unlink()
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _remove_queues(users: Path) -> None:
    for queue in users.parent.glob(f"{users.stem}-?.queue"):
        with contextlib.suppress(OSError), without_writer(queue):
            queue.unlink()


def _remove_if_old(path: Path) -> None:
    """A queue that was about to appear when its maker was killed."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > ABOUT_TO_APPEAR_S:
            path.unlink()
