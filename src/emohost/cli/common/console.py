"""What several commands print with."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

NARROWEST = 20  # columns in which it is worth breaking a text


def examples(*commands: str) -> str:
    """What stands at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows of cells as text, each column as wide as its widest cell. On a terminal, what is too wide in the last column
    goes on below itself; a file or a pipe gets one line a row, for `grep`."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for *cells, last in rows:
        start = indent + "".join(f"{cell.ljust(width)}  " for cell, width in zip(cells, widths, strict=True))
        lines += [line.rstrip() for line in _beside(start, last)]
    return "\n".join(lines)


def _beside(start: str, text: str) -> list[str]:
    """`text` after `start`, on as many lines as the terminal needs."""
    if not sys.stdout.isatty():
        return [start + text]
    room = shutil.get_terminal_size().columns - len(start)
    if len(text) <= room or room < NARROWEST:
        return [start + text]
    pieces = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    return [(start if number == 0 else " " * len(start)) + piece for number, piece in enumerate(pieces)]


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keeps what C libraries print on standard error (ALSA and JACK at every start) off the terminal."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a path of the system
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
