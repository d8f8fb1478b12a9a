"""Whether a process is alive, on POSIX and on Windows."""

from __future__ import annotations

import ctypes
import os
import sys


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
