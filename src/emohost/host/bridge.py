"""The host's hold on Side B: the ring's queues in shared memory, and the process that runs the rig's script."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost.bridge.queues import copy_queue, make_queue, queue_paths
from emohost.bridge.ring_use import RingUse, remove_unused_rings
from emohost.errors import ConfigError, ControlError, RingError
from emohost.host.side_b import SideB
from emohost.process.pids import is_alive

if TYPE_CHECKING:
    from emohost._core import Shared
    from emohost.config.bridge import Bridge as Section
    from emohost.config.bridge import EmotionalField

Say = Callable[[str, int], None]


class Bridge:
    """One thread; `status` from any. The host plays on whatever happens here."""

    def __init__(self, section: Section, say: Say) -> None:
        """Raises ConfigError if there is no such script, and FieldError as `emohost.bridge.field.network.check`."""
        script = section.script
        if script is not None and not script.is_file():
            raise ConfigError(f"bridge.script: found no file {script}; expected Side B's Python file")
        self._section, self._say = section, say
        self._queues: list[Path] = []
        self._use: RingUse | None = None
        self._failure = ""
        remove_unused_rings()
        self._process: SideB | None = None
        field = section.field if section.field.enabled else None
        if section.process == "separate" and (script is not None or field is not None):
            if field is not None:
                self._check(field)
            self._start(script, field)

    def queues(self) -> list[str]:
        """Files of the queues for an engine to listen to, made if need be; without those that cannot be had, after a
        warning."""
        self._queues, failure = [], ""
        try:
            self._use = self._use or RingUse(self._section.ring)
            for path in queue_paths(self._section.ring):
                try:
                    make_queue(path)
                    self._queues.append(path)
                except RingError as error:
                    failure = str(error)
        except (RingError, ControlError) as error:
            failure = str(error)
        if failure not in ("", self._failure):
            self._say(f"Side B is not heard{' in full' if self._queues else ''}: {failure}", logging.WARNING)
        self._failure = failure
        return list(map(str, self._queues))

    def step(self) -> None:
        if self._process is not None:
            self._process.step()

    def close(self) -> None:
        if self._process is not None:
            self._process.stop()
        if self._use is not None:
            self._use.release()

    def status(self, shared: Shared | None) -> dict[str, Any]:
        """What Side B does: counts of the present engine, the process, and who writes (emohost.host.status)."""
        writers = self._writers()
        process = self._process
        return {
            "ring": self._section.ring,
            **(shared.side_b if shared is not None else {}),
            "process": "none" if process is None else process.state,
            "process_pid": None if process is None or process.state != "running" else process.pid,
            "restarts": 0 if process is None else process.restarts,
            "field": {} if process is None else process.field,
            "writers": [{"pid": pid, "about": about} for pid, about in writers if is_alive(pid)],
        }

    def _writers(self) -> list[tuple[int, str]]:
        """Process and words of those who have written."""
        found = []
        for path in self._queues:
            with contextlib.suppress(RingError):  # a file that somebody has spoilt
                queue = copy_queue(path)
                if queue.written and queue.writer is not None:
                    found.append(queue.writer)
        return found

    def _check(self, field: EmotionalField) -> None:
        from emohost.bridge.field.network import LOOPBACK, FieldSettings, check

        check(FieldSettings.of(field.model_dump(mode="json")))
        if field.tls is None and field.interface != LOOPBACK:
            self._say(
                f"the field '{field.name}' is neither encrypted nor authenticated (bridge.field.tls): "
                f"whoever is on {field.interface} can read it and write to it",
                logging.WARNING,
            )

    def _start(self, script: Path | None, field: EmotionalField | None) -> None:
        try:
            self._process = SideB(
                self._section,
                script,
                self._say,
                field=None if field is None else field.model_dump(mode="json"),
            )
        except (OSError, ControlError) as error:
            self._say(f"Side B cannot be started: {error}", logging.WARNING)
