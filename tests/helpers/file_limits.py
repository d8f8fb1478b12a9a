"""A full disk in tests: a limit on the size of another process's files."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def no_larger_files(pid: int, size: int) -> Iterator[None]:
    """That process can write no file beyond `size` bytes meanwhile; it counts for files in memory as well."""
    if sys.platform != "linux":
        pytest.skip("limits of another process are Linux's")
    import resource

    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
