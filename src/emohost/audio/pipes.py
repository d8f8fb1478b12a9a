"""Sound that comes through a pipe or the standard input: kept in a temporary file first, because decoders must be able
to go back in it."""

from __future__ import annotations

import logging
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import IO

from emohost.errors import AudioError

STANDARD_INPUT = Path("-")
_log = logging.getLogger("emohost.audio")


def is_pipe(path: Path) -> bool:
    """Whether it is the standard input ('-') or a named pipe. Raises OSError."""
    return path == STANDARD_INPUT or (path.exists() and stat.S_ISFIFO(path.stat().st_mode))


def all_of(path: Path) -> IO[bytes]:
    """What comes out of the pipe until its writer closes it. Waits for that, and says so. Raises AudioError."""
    # the caller's to close
    kept = tempfile.TemporaryFile(prefix="emohost-")  # noqa: SIM115
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None or sys.stdin.isatty():
                raise AudioError(
                    "standard input: found a terminal; expected a sound file (emohost … - < FILE)"
                )
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            _log.warning("%s: a pipe; waiting for a program that writes a sound file into it", path)
            with path.open("rb") as pipe:
                shutil.copyfileobj(pipe, kept)
    except AudioError:
        kept.close()
        raise
    except OSError as error:
        kept.close()
        raise AudioError(f"{path}: cannot be read: {error.strerror or error}") from None
    return kept
