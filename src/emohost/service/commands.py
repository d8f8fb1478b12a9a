"""Asks the programs of the system. All that this package runs goes through `run`; tests put another in its place."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from emohost.errors import EmohostError

TIMEOUT_S: Final = 30.0


class ServiceError(EmohostError):
    """There is no service of that name, or no service manager of the user's to ask."""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str = ""
    err: str = ""


Run = Callable[[Sequence[str]], Answer]


def run(command: Sequence[str]) -> Answer:
    """Raises ServiceError where there is no such program, and for one that does not answer in time."""
    if shutil.which(command[0]) is None:
        raise ServiceError(f"there is no {command[0]} here, which keeps services")
    try:
        done = subprocess.run(
            list(command), capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(f"{' '.join(command)}: no answer in {TIMEOUT_S:g} s") from None
    return Answer(done.returncode, done.stdout, done.stderr)


def asked(run: Run, *command: str) -> str:
    """What it says. Raises ServiceError, with its own words, where it fails."""
    answer = run(command)
    if answer.code != 0:
        said = answer.err.strip() or answer.out.strip() or f"status {answer.code}"
        raise ServiceError(f"{' '.join(command)}: {said}")
    return answer.out
