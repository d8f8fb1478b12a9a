"""The command line. Commands are loaded when they are called: `emohost --help` imports nothing heavy."""

from __future__ import annotations

import sys

from emohost.cli.app import cli
from emohost.cli.common.streams import ReaderGone, flush_output, give_up_output, prepare_streams

__all__ = ["cli", "main"]


def main() -> None:
    """The `emohost` program."""
    prepare_streams()
    code: int | str | None = 0
    try:
        try:
            cli(prog_name="emohost")
        except SystemExit as end:
            code = end.code
        flush_output()
    except ReaderGone:
        give_up_output()
    except OSError as error:
        give_up_output()
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        code = code or 1
    sys.exit(code)
