"""Files that are either there as a whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path` that takes its place when the block ends well; else it goes.

    A reader, or what is left after a crash, sees the old file or the new one, never half of it. The temporary
    name keeps the suffix, for writers that choose a format by it. Any thread. Raises OSError.
    """
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Writes `data` as the file `path`, replacing what was there in one step. Any thread. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
