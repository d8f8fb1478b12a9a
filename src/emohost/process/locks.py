"""Locks on files that go with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys

_LOCK_AT = 1 << 30  # Windows locks bytes: one beyond the content, from which it would keep readers


def lock_file(descriptor: int, shared: bool = False) -> bool:
    """Takes the file's lock if it is free; it goes with the descriptor or the process. On POSIX a folder has one, too.
    `shared`: with others that share it, where the system can (POSIX)."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unlock_file(descriptor: int) -> None:
    """Lets go of it, if it is held."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)
