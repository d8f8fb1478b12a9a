"""Whether a process is alive, on POSIX and on Windows, and whether it is still the same one."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def is_alive(pid: int) -> bool:
    """True while a process of that number exists (also one of another user). Any thread."""
    if pid <= 0:
        return False
    if sys.platform == "win32":  # os.kill(pid, 0) would end the process there
        process_query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(process_query_limited_information, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == still_active
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # a number that is read from shared memory may be any
        return False
    except PermissionError:
        return True
    return True


def begun(pid: int) -> int | None:
    """When it began, in ticks of the system: tells it from a later process that has its number. None where that is not
    known (elsewhere than on Linux) and of a process that is no more. Any thread."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None


def wants_to_run(pid: int) -> bool:
    """Whether the process's main thread runs or waits for a processor: on a busy machine a process that spins is known
    by that, not by the time it gets. Linux; elsewhere nothing is known and nothing spins."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"R"
    except (OSError, IndexError):
        return False
