"""Keeps a host playing where the system does not: starts it again when it fails, and keeps what it says in a file.

Usage: python -m emohost.service.keeper LOG COMMAND...   (what the Task Scheduler of Windows runs)
It ends with the host that ends well, or that would fail again: exit codes 0, 2 and 3, as in service/unit.py.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from emohost.service.unit import NO_RESTART

WAIT_S: Final = 2.0
LOG_SIZE: Final = 4 << 20
_FINAL: Final = {0, *map(int, NO_RESTART.split())}


def keep(log: Path, command: Sequence[str], wait: Callable[[float], None] = time.sleep) -> int:
    """Returns the last exit code. Raises OSError for a log that cannot be written, or no such program."""
    while True:
        code = _play(log, command)
        if code in _FINAL:
            return code
        wait(WAIT_S)


def _play(log: Path, command: Sequence[str]) -> int:
    """Once. A log that has grown is begun anew, the last one kept beside it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_SIZE:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as file:
        code = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        ).returncode
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} the host ended: exit code {code}\n".encode())
    return code


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2:]))
