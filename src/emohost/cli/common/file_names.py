"""Names of files that a command reads and writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from emohost.errors import OutputError
from emohost.outputs import NamedFile, Output, check_outputs, wrong_ending

FILE_READ = click.Path(path_type=Path, readable=False)
"""Whoever reads it tells what is wrong with it, with the exit code of its kind."""


class OutputName(click.Path):
    """A path with one of the endings of its kind, so that nothing of another kind is written over."""

    def __init__(self, endings: tuple[str, ...]) -> None:
        super().__init__(path_type=Path, readable=False)
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if wrong := wrong_ending(path, self._endings):
            self.fail(wrong, param, ctx)
        return path


def check_files(outputs: Sequence[Output], inputs: Sequence[NamedFile]) -> None:
    """Before anything is opened. Raises ConfigError, and OutputError, also for what a running host is writing."""
    from emohost.recording.takes import is_held

    check_outputs(outputs, inputs)
    for output in outputs:
        if is_held(output.path):
            raise OutputError(f"{output.what}: {output.path}: a host that runs is writing it")
