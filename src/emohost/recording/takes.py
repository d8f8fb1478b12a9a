"""The names under which a run writes: held by one process at a time, numbered, and what a killed run left of them.

While a run goes on, NAME.part lies beside each output: its lock says that the name is taken and goes with the process,
and of a MIDI file it is the journal. At the end it goes. A part without a lock is that of a run that was killed: its
file is completed from it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from emohost.errors import OutputError
from emohost.files import sweep, write_whole
from emohost.process.locks import lock_file, unlock_file
from emohost.recording import journal

PART = ".part"
_TRIES = 100  # each fails only if another host takes the same number


class Claim:
    """One name, this process's alone until `release` or its death. Any one thread."""

    def __init__(self, path: Path) -> None:
        """path: the output. Raises OutputError if another process holds it, or if its part is somebody else's file."""
        self.path = Path(os.path.realpath(path))
        self._part = part_of(self.path)
        descriptor = _take(self._part, make=True)
        if descriptor is None:
            raise OutputError(f"{path}: another process is writing it ({self._part.name} is locked)")
        self._descriptor = descriptor
        self._size = 0
        _complete(self._part, descriptor)
        os.ftruncate(descriptor, 0)

    def append(self, data: bytes) -> None:
        """At the end of the part, all of it or nothing: after this, killing the process loses none of it. Raises
        OSError."""
        try:
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            written = 0
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """After this, a loss of power loses none of it either; it may take long. Raises OSError."""
        os.fsync(self._descriptor)

    def release(self, keep: bool = False) -> None:
        """Removes the part, but with `keep`. May be called again."""
        if self._descriptor >= 0:
            _let_go(self._part, self._descriptor, keep)
            self._descriptor = -1


class Takes:
    """The names of one run, by what the user knows them as ('output.midi_file' ...)."""

    def __init__(self, claims: dict[str, Claim], completed: Sequence[Path] = ()) -> None:
        self._claims = claims
        self.completed = tuple(completed)
        """Files of runs that were killed, which have been completed just now."""

    def path(self, what: str) -> Path | None:
        claim = self._claims.get(what)
        return None if claim is None else claim.path

    def claim(self, what: str) -> Claim | None:
        return self._claims.get(what)

    def release(self) -> None:
        for claim in self._claims.values():
            claim.release()

    def __enter__(self) -> Takes:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def take(outputs: dict[str, Path], number: bool) -> Takes:
    """Holds the names of `outputs`, after whatever killed runs left of them is completed; folders are made.

    `number`: 'take-001.mid' for 'take.mid', one more than the highest that is there, the same for all outputs. Raises
    OutputError.
    """
    completed: list[Path] = []
    for path in outputs.values():
        with _named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            completed += complete_left(path)
    for _ in range(_TRIES):
        names = outputs
        if number:
            following = 1 + max((_highest(path) for path in outputs.values()), default=0)
            names = {what: numbered(path, following) for what, path in outputs.items()}
        claims: dict[str, Claim] = {}
        try:
            for what, path in names.items():
                with _named(path):
                    claims[what] = Claim(path)
            return Takes(claims, completed)
        except OutputError:
            for claim in claims.values():
                claim.release()
            if not number or max(map(_highest, outputs.values())) < following:
                raise
    raise OutputError(f"{next(iter(outputs.values()))}: other hosts take every number")


def numbered(path: Path, number: int) -> Path:
    """'take-007.mid' for 'take.mid'."""
    return path.with_name(f"{path.stem}-{number:03d}{path.suffix}")


def part_of(path: Path) -> Path:
    """'take.mid.part' for 'take.mid'."""
    return path.with_name(path.name + PART)


def is_held(path: Path) -> bool:
    """Whether a process writes `path` now."""
    try:
        descriptor = _take(part_of(Path(os.path.realpath(path))), make=False)
    except (OSError, OutputError):
        return False
    if descriptor is None:
        return True
    unlock_file(descriptor)
    os.close(descriptor)
    return False


def complete_left(path: Path) -> list[Path]:
    """Completes what killed runs left of `path` and its numbered takes. Returns the files. Raises OSError."""
    completed = []
    for part in [part_of(path), *(part for _, part in _family(path, PART))]:
        if not part.is_file():
            continue
        descriptor = _take(part, make=False)
        if descriptor is None:
            continue
        done = False
        try:
            sweep(part.with_name(part.name.removesuffix(PART)))
            if (whole := _complete(part, descriptor)) is not None:
                completed.append(whole)
            done = True
        finally:
            _let_go(part, descriptor, keep=not done)
    return completed


def _complete(part: Path, descriptor: int) -> Path | None:
    """Writes the file that the part, which is locked, tells of. Raises OSError."""
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        stream.seek(0)
        file = journal.read(stream.read())
    if file is None:
        return None
    path = part.with_name(part.name.removesuffix(PART))
    write_whole(path, file.encode())
    return path


def _highest(path: Path) -> int:
    return max((number for ending in ("", PART) for number, _ in _family(path, ending)), default=0)


def _family(path: Path, ending: str) -> Iterator[tuple[int, Path]]:
    """(number, path) of every 'take-NNN.mid' + ending that is there."""
    name = re.compile(re.escape(path.stem) + r"-(\d{3,9})" + re.escape(path.suffix + ending), re.IGNORECASE)
    for found in path.parent.iterdir() if path.parent.is_dir() else ():
        if match := name.fullmatch(found.name):
            yield int(match[1]), found


def _take(part: Path, make: bool) -> int | None:
    """The descriptor that holds the part's lock; None if another process has it. Raises OSError, and OutputError for a
    file of somebody else."""
    flags = (
        os.O_RDWR | (os.O_CREAT if make else 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    while True:
        descriptor = os.open(part, flags, 0o666)
        if not lock_file(descriptor):
            os.close(descriptor)
            return None
        try:
            there = os.path.samestat(os.fstat(descriptor), part.stat())
        except FileNotFoundError:
            there = False
        if there:
            break
        os.close(descriptor)  # it was removed by its holder, just now
    begin = os.pread(descriptor, len(journal.HEAD), 0) if hasattr(os, "pread") else os.read(descriptor, 64)
    if begin and not begin.startswith(journal.HEAD):
        os.close(descriptor)
        raise OutputError(f"{part}: found a file of another program; it is in the way of {part.stem}")
    return descriptor


def _let_go(part: Path, descriptor: int, keep: bool) -> None:
    if not keep and os.name == "posix":  # elsewhere a file that is open cannot be removed
        part.unlink(missing_ok=True)
    unlock_file(descriptor)
    os.close(descriptor)
    if not keep and os.name != "posix":
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
