"""What defines a service: a rig, what plays it, and the file that the system reads. Any thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emohost.errors import OutputError
from emohost.files import write_whole
from emohost.service.commands import ServiceError

MADE_BY: Final = "Made by emohost service install."
_HEAD = 1024  # bytes of a file within which that stands


@dataclass(frozen=True)
class RigService:
    rig: str  # its name
    config: Path  # its file, absolute
    command: tuple[str, ...]  # what runs emohost, without arguments of its own

    @property
    def playing(self) -> list[str]:
        return [*self.command, "run", "--quiet", str(self.config)]


def plain_name(rig: str) -> str:
    """'stage-left' of a rig called 'Stage left'."""
    return re.sub(r"[^a-z0-9]+", "-", rig.lower()).strip("-") or "rig"


def write_definition(file: Path, content: bytes) -> Path:
    """Raises OutputError for a file of that name that is not ours, and what cannot be written."""
    try:
        if file.exists() and not _is_ours(file):
            raise OutputError(f"{file}: not made by emohost service install; it is left as it is")
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content)
    except OSError as error:
        raise OutputError(f"{file}: cannot write the service: {error.strerror or error}") from None
    return file


def require_ours(file: Path, there: list[str]) -> None:
    """there: what there is. Raises ServiceError where the file is not, OutputError for one that is not ours."""
    if not file.exists():
        raise ServiceError(
            f"there is no service {file.name!r}; there is: {', '.join(there) or 'none at all'}"
        )
    try:
        if not _is_ours(file):
            raise OutputError(f"{file}: not made by emohost service install; it is left as it is")
    except OSError as error:
        raise OutputError(f"{file}: cannot be read: {error.strerror or error}") from None


def remove_definition(file: Path) -> Path:
    try:
        file.unlink()
    except OSError as error:
        raise OutputError(f"{file}: cannot remove the service: {error.strerror or error}") from None
    return file


def definitions(folder: Path, pattern: str) -> list[Path]:
    """Those that emohost made."""
    return sorted(each for each in folder.glob(pattern) if _is_ours(each))


def _is_ours(file: Path) -> bool:
    with file.open("rb") as content:
        head = content.read(_HEAD)
    return MADE_BY.encode() in head or MADE_BY.encode("utf-16-le") in head
