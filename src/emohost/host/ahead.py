"""Starting the first engine's process before anything else: it loads its libraries while the configuration is read."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from emohost.errors import EngineError
from emohost.process.child import Child

ENGINE_MODULE = "emohost.host.engine_process"


def start_engine_process() -> Child:
    """Raises OSError."""
    return Child(ENGINE_MODULE, logging.getLogger("emohost.engine"))


@contextlib.contextmanager
def engine_ahead() -> Iterator[Child]:
    """A process for `Host` to use as its first engine's. Whatever happens, it has ended afterwards. Raises
    EngineError."""
    try:
        child = start_engine_process()
    except OSError as error:
        raise EngineError(f"no engine can be started: {error.strerror or error}") from None
    try:
        yield child
    finally:
        child.kill()
