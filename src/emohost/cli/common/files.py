"""What render and analyze share: the rig they play by, the names of their outputs, their bar of progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from emohost.outputs import NamedFile

if TYPE_CHECKING:
    from rich.progress import Progress

    from emohost.config.schema import Rig

Function = TypeVar("Function", bound=Callable[..., Any])
MAX_SEED = 2**63 - 1


def rig_options(function: Function) -> Function:
    """The options that say how to play."""
    for option in (
        click.option("--jobs", type=click.IntRange(1), default=1, help="Files at a time, each in a process."),
        click.option("--block-size", type=click.IntRange(1, 8192), default=512, show_default=True),
        click.option("--seed", type=click.IntRange(0, MAX_SEED), help="Instead of the configuration's."),
        click.option(
            "--config",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A rig's YAML file, for its networks and music; its audio and MIDI ports are not opened.",
        ),
    ):
        function = option(function)
    return function


def rig_for_files(config: Path | None, seed: int | None) -> tuple[Rig, Path]:
    """The rig to play by, and the folder where its networks are looked for first: the configuration's, or all
    defaults in the current folder. Raises ConfigError."""
    from emohost.config.audio import Dummy
    from emohost.config.schema import Rig

    if config is None:
        rig, base = Rig(audio=Dummy(backend="dummy")), Path.cwd()
    else:
        from emohost.config import load_rig

        loaded = load_rig(config)
        rig, base = loaded.rig, loaded.base
    if seed is not None:
        rig = rig.model_copy(update={"music": rig.music.model_copy(update={"seed": seed})})
    return rig, base


def files_read(audio: Sequence[Path], config: Path | None, rig: Rig, base: Path) -> list[NamedFile]:
    """All that `render` and `analyze` read."""
    from emohost.host.outputs import rig_files

    files = [NamedFile(f"the input {path}", path) for path in audio]
    if config is not None:
        files.append(NamedFile("--config", config))
    return files + rig_files(rig, base)


def say_untrained(roles: Iterable[str]) -> None:
    """On standard error, so that nobody takes random answers for a judgement."""
    if named := ", ".join(roles):
        click.echo(f"UNTRAINED networks: {named}. What they say is random.", err=True)


def processes(audio: Sequence[Path], jobs: int) -> int:
    """How many may work at a time: only this one has the standard input."""
    from emohost.audio.pipes import STANDARD_INPUT

    return 1 if STANDARD_INPUT in audio else jobs


def outputs(audio: Sequence[Path], folder: Path, suffix: str) -> list[Path]:
    """One output per file, in `folder`, named after it. Raises UsageError if two would be the same."""
    from emohost.audio.pipes import STANDARD_INPUT

    stems = ["standard-input" if path == STANDARD_INPUT else path.stem for path in audio]
    named = [folder / f"{stem}{suffix}" for stem in stems]
    for number, path in enumerate(named):
        if path in named[:number]:
            first = audio[named.index(path)]
            raise click.UsageError(f"{first} and {audio[number]} would both be written to {path}")
    return named


class ProgressBar:
    """A progress bar over all files on standard error, if that is a terminal; else nothing is shown."""

    def __init__(self, files: Sequence[Path], shown: bool = True) -> None:
        self._files = files
        self._done_s = [0.0] * len(files)
        self._bar: Progress | None = None
        if shown and sys.stderr.isatty():
            self._lengths = [_length_s(path) for path in files]
            self._bar = self._make()
            self._task = self._bar.add_task(files[0].name, total=sum(self._lengths))

    def done(self, number: int, seconds: float) -> None:
        """So much of a file is done. Any thread."""
        if self._bar is not None:
            self._done_s[number] = min(seconds, self._lengths[number])
            name = self._files[number].name
            self._bar.update(self._task, completed=sum(self._done_s), description=name)

    def echo(self, text: str | bytes) -> None:
        """A line on standard output, which may be the same terminal."""
        if self._bar is not None:
            self._bar.stop()
        click.echo(text)
        if self._bar is not None:
            self._bar.start()

    def __enter__(self) -> ProgressBar:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @staticmethod
    def _make() -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} s of audio"),
        )
        return Progress(
            *columns,
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,  # it would end up on standard error
            redirect_stderr=False,
        )


def _length_s(path: Path) -> float:
    """0 for a file that cannot be read: its error comes when its turn does."""
    from emohost.audio.sound_file import SoundFile
    from emohost.errors import AudioError

    try:
        with SoundFile(path) as file:
            return file.duration_s
    except AudioError:
        return 0.0
