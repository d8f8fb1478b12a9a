"""A command that is asked to end by a signal clears away what it was writing, and its worker processes, first."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

_NAMES = ("SIGTERM", "SIGHUP")  # the latter when the terminal goes; not on Windows
_SIGNALLED = 128  # a shell's exit code for a command that a signal ended, less the signal's number


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """Meanwhile such a signal raises SystemExit in the main thread, unless somebody has decided otherwise (nohup,
    `run`). Nothing happens on another thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_SIGNALLED + number)
