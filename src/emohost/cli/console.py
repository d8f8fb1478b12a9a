"""What several commands print with."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows of cells as text, each column as wide as its widest cell."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(indent + line.rstrip() for line in lines)


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
