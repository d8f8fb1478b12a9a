"""What the system gives this process and what it keeps from it, one interface for all systems. Any thread, but for
`end_unless_called_within`, which is the main thread's."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def lower_priority(steps: int) -> None:
    """Of POSIX's niceness. On Windows it stays as it is."""
    if sys.platform != "win32":
        os.nice(steps)


def limit_memory(size: int) -> None:
    """On Linux what it allocates beyond `size` bytes fails; elsewhere there is no limit that the system keeps."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def end_unless_called_within(seconds: float) -> None:
    """The system ends this process unless this is called again in time. (Windows has no such timer.)"""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def soft_limit(name: str) -> int | None:
    """Of a name such as RLIMIT_RTPRIO; below 0: there is none. None where the system knows no such limit."""
    if sys.platform == "win32":
        return None
    import resource

    which = getattr(resource, name, None)
    if which is None:
        return None
    soft = resource.getrlimit(which)[0]
    return -1 if soft == resource.RLIM_INFINITY else soft


def resident_bytes() -> int | None:
    """How much memory it has. Linux tells; elsewhere None."""
    if sys.platform != "linux":
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
