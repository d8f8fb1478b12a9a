"""The standard streams of a program that may be started without them, or with a full disk or no reader behind them.

Standard output is the answer: what cannot be written there is an error that names it, and a reader that has seen enough
(`| head`) ends the command in peace. Standard error is commentary: a run does not end because nobody can read it.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT = "standard output"


class ReaderGone(Exception):  # noqa: N818 - no error, as KeyboardInterrupt is none
    """Nobody reads standard output any more."""


class _Answer(io.FileIO):
    """Descriptor 1. Its failures are called by a name that people know."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderGone from None
        except OSError as error:
            raise OSError(error.errno, error.strerror, STANDARD_OUTPUT) from None


class _Commentary(io.FileIO):
    """Descriptor 2. What cannot be written is left out."""

    def write(self, data: ReadableBuffer, /) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def prepare_streams() -> None:
    """Opens the standard descriptors that are closed, on nothing, so that no other file gets their numbers; and makes
    sys.stdout and sys.stderr fail as said above. Call it first of all, on the main thread."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            _open_nothing(number, flags)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - a descriptor
    sys.stdout = _text(_Answer(1, "wb", closefd=False), sys.stdout)
    sys.stderr = _text(_Commentary(2, "wb", closefd=False), sys.stderr, line_by_line=True)


def flush_output() -> None:
    """Writes out what is left. Raises OSError naming standard output, or ReaderGone."""
    sys.stdout.flush()


def give_up_output() -> None:
    """Lets go of what could not be written: the interpreter would try again at its end, and complain."""
    with contextlib.suppress(OSError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)


def _open_nothing(number: int, flags: int) -> None:
    nothing = os.open(os.devnull, flags)
    if nothing != number:
        os.dup2(nothing, number)
        os.close(nothing)
    os.set_inheritable(number, True)


def _text(raw: io.FileIO, before: TextIO | None, line_by_line: bool = False) -> TextIO:
    encoding = getattr(before, "encoding", None) or "utf-8"
    errors = getattr(before, "errors", None) or "strict"
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="surrogateescape" if errors == "strict" else errors,  # a file's name may be any bytes
        line_buffering=line_by_line or raw.isatty(),
    )
