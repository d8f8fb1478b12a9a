"""Where memory that processes share has its files, and room for it before anybody maps it."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path


def memory_folder() -> Path:
    """In memory if the system has such a place (that of POSIX shared memory on Linux)."""
    shm = Path("/dev/shm")
    if sys.platform == "linux" and os.access(shm, os.W_OK | os.X_OK):
        return shm
    return Path(tempfile.gettempdir())


def allocate(descriptor: int, size: int, folder: Path | None) -> None:
    """Makes an empty file `size` bytes of zeros that are really there: whoever touched a page of a mapping for which
    there is no room would be ended by SIGBUS.

    `folder`: where the file lies; None if it lies only in memory. Raises OSError that tells bytes needed and free.
    """
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            _write_zeros(descriptor, size)
    except OSError as error:
        raise OSError(error.errno, no_room(error, size, folder)) from None


def no_room(error: OSError, size: int, folder: Path | None) -> str:
    """The system's own words, with the bytes needed, and those free where it is room that is missing."""
    said = f"{error.strerror or error}: {size} bytes needed"
    if error.errno not in (errno.ENOSPC, errno.ENOMEM, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return said
    if folder is not None:
        return f"{said}, {shutil.disk_usage(folder).free} free in {folder}"
    if sys.platform == "win32":  # where every file has a folder
        return said
    return f"{said}, {os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')} free in memory"


def give_back() -> None:
    """Hands what this process has freed to the system, where the C library would keep it (glibc). Any thread."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _write_zeros(descriptor: int, size: int) -> None:
    zeros = bytes(1 << 16)
    left = size
    while left > 0:
        left -= os.write(descriptor, zeros[: min(left, len(zeros))])
    os.lseek(descriptor, 0, os.SEEK_SET)
