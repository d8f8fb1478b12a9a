"""Where memory that processes share has its files."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def memory_folder() -> Path:
    """In memory if the system has such a place (that of POSIX shared memory on Linux)."""
    shm = Path("/dev/shm")
    if sys.platform == "linux" and os.access(shm, os.W_OK | os.X_OK):
        return shm
    return Path(tempfile.gettempdir())
