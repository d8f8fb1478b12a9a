"""The command line. Commands are loaded when they are called: `emohost --help` imports nothing heavy."""

from __future__ import annotations

from emohost.cli.app import cli

__all__ = ["cli", "main"]


def main() -> None:
    """The `emohost` program."""
    cli(prog_name="emohost")
