"""A few lines at the bottom of a terminal that are written anew again and again, with other text scrolling above.

rich.live counts the rows of what it showed by the width of that time: after a resize it leaves rubbish behind or wipes
too much. Here they are counted by the width of now, since terminals wrap what stands there anew.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Sequence
from typing import TextIO

RED, PLAIN = "\x1b[31m", "\x1b[0m"
FALLBACK_WIDTH = 80
Span = tuple[str, bool]  # text, and whether it is bad


def can_rewrite(stream: TextIO) -> bool:
    """Whether the stream is a terminal that moves its cursor."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        os.system("")  # switches the console's escape sequences on
    return True


class Bottom:
    """What stands at the bottom of the terminal `stream`. Any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._shown: list[list[Span]] = []
        self._colour = not os.environ.get("NO_COLOR")

    @property
    def width(self) -> int:
        """Columns, now."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or FALLBACK_WIDTH
        except (OSError, ValueError):
            return FALLBACK_WIDTH

    def show(self, lines: Sequence[Sequence[Span]]) -> None:
        """Puts these lines, each shorter than the terminal is wide, where the last ones stood."""
        with self._lock:
            before = self._erasing()
            self._shown = [list(line) for line in lines]
            self._write(before + self._drawn())

    def above(self, text: str) -> None:
        """Writes whole lines above."""
        with self._lock:
            self._write(self._erasing() + text + self._drawn())

    def clear(self) -> None:
        self.show([])

    def _erasing(self) -> str:
        if not self._shown:
            return ""
        width = self.width
        lengths = [sum(len(text) for text, _ in line) for line in self._shown]
        rows = sum(max(1, -(-length // width)) for length in lengths)
        # Row by row: some terminals keep what "erase below" takes from the first row on as history.
        return "\r\x1b[2K" + "\x1b[1A\x1b[2K" * (rows - 1)

    def _drawn(self) -> str:
        # Terminals wrap anew before they tell their width. Without wrapping, what is drawn in between takes no more
        # rows, so that the rows to be erased are the same whether it came to that or not.
        text = "\n".join("".join(self._span(*span) for span in line) for line in self._shown)
        return f"\x1b[?7l{text}\x1b[?7h" if text else ""

    def _span(self, text: str, bad: bool) -> str:
        return f"{RED}{text}{PLAIN}" if bad and self._colour else text

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class Above(io.TextIOBase):
    """In the place of sys.stderr while there is a bottom: whole lines go above it."""

    def __init__(self, bottom: Bottom, stream: TextIO) -> None:
        self._bottom, self._stream = bottom, stream
        self._rest = ""
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        with self._lock:
            whole, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            self._bottom.above(whole + newline)
        return len(text)

    def close(self) -> None:
        """Shows a line that has no end yet. The terminal itself stays open."""
        if self._rest:
            self.write("\n")
        super().close()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()
