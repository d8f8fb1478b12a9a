"""What an output file is: its endings, and that it is a file of its own, never one that is read.

Every command asks here before it opens anything. Files are told apart by what they are, not by what they are called:
links of both kinds are seen through.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emohost.errors import ConfigError, OutputError

MIDI_FILES = (".mid", ".midi")
PICTURES = (".png", ".svg", ".pdf")
MODELS = (".json",)
TEXT_MODELS = (".npz",)
PROJECTS = (".dawproject",)


@dataclass(frozen=True)
class NamedFile:
    """A file, and what the user knows it as: 'audio.path', '--plot' ..."""

    what: str
    path: Path


@dataclass(frozen=True)
class Output(NamedFile):
    """A file that is to be written; its name ends in one of `endings` (lower case, with the dot)."""

    endings: tuple[str, ...]


def wrong_ending(path: Path, endings: Sequence[str]) -> str | None:
    """What is wrong with the name of an output, as 'found ...; expected ...'; None if nothing is."""
    if path.suffix.lower() in endings:
        return None
    return f"found '{path.name}'; expected a name that ends in {', '.join(endings)}"


def check_output(output: Output, others: Iterable[NamedFile]) -> None:
    """Raises ConfigError if `output` has no ending of its kind, or is one of `others` (inputs, and other outputs);
    OutputError if it cannot be written. Nothing is changed."""
    if wrong := wrong_ending(output.path, output.endings):
        raise ConfigError(f"{output.what}: {wrong}")
    for other in others:
        if same_file(output.path, other.path):
            raise ConfigError(
                f"{output.what}: {output.path} is the same file as {other.what}; expected a file of its own"
            )
    _check_writable(output)


def check_outputs(outputs: Sequence[Output], inputs: Sequence[NamedFile]) -> None:
    """Each against the inputs and the outputs before it. Raises ConfigError, a line per mistake, or OutputError."""
    mistakes: list[ConfigError] = []
    refusals: list[OutputError] = []
    for number, output in enumerate(outputs):
        try:
            check_output(output, (*inputs, *outputs[:number]))
        except ConfigError as error:
            mistakes.append(error)
        except OutputError as error:
            refusals.append(error)
    if mistakes:
        raise ConfigError("\n".join(map(str, mistakes)))
    if refusals:
        raise OutputError("\n".join(map(str, refusals)))


def same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, there or not."""
    try:
        return one.samefile(other)
    except OSError:
        return _place(one) == _place(other)


def _place(path: Path) -> str:
    place = os.path.normcase(os.path.realpath(path))
    # There two spellings are one name.
    return unicodedata.normalize("NFC", place).casefold() if sys.platform == "darwin" else place


def _check_writable(output: Output) -> None:
    path = Path(os.path.realpath(output.path))
    if path.is_dir():
        raise OutputError(f"{output.what}: {output.path}: found a folder; expected a file to be written")
    if path.exists() and not path.is_file():
        raise OutputError(
            f"{output.what}: {output.path}: found a device, pipe or socket; expected a file to be written"
        )
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise OutputError(f"{output.what}: {output.path}: cannot be written: {folder} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{output.what}: {output.path}: cannot be written: no permission for {folder}")
    if path.exists() and not os.access(path, os.W_OK):
        raise OutputError(f"{output.what}: {output.path}: cannot be written: it is there, and read-only")
