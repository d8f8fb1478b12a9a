"""What is kept of one engine: its input, its blocks, what they took, what they handed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost import emotion
from emohost._core import RecordMemory, recorded_message
from emohost.config.music import PARTS
from emohost.files import write_whole
from emohost.sessions.layout import (
    BLOCKS,
    END,
    ENGINE,
    MESSAGES,
    NETWORKS,
    PLAYED,
    SWAPS,
    Growing,
    line,
    sync_folder,
)
from emohost.sessions.sound import SoundKeeper

Event = tuple[int, bytes, int]


class EngineKeeper:
    """Writes one engine's folder. One thread. Raises OSError.

    A row in blocks.bin says that all else of that block is on the disk: rows are appended last, after the others were
    synchronised."""

    def __init__(
        self,
        folder: Path,
        memory: RecordMemory,
        about: Mapping[str, Any],
        rate: float,
        channels: int,
        set_by: Callable[[], Mapping[str, str]],
    ) -> None:
        """about: what engine.json holds. set_by: who set each parameter last."""
        folder.mkdir()
        self._folder, self._memory, self._channels, self._set_by = folder, memory, channels, set_by
        write_whole(folder / ENGINE, line(dict(about)))
        self._sound = SoundKeeper(folder, rate, channels)
        self._messages, self._played = Growing(folder / MESSAGES), Growing(folder / PLAYED)
        self._swaps, self._blocks = Growing(folder / SWAPS), Growing(folder / BLOCKS)
        sync_folder(folder)
        sync_folder(folder.parent)
        self._rows: list[NDArray[np.void]] = []
        self._count = self._frames = 0
        self.withheld = False
        """Something came of Side B that its people do not want kept."""

    @property
    def lost(self) -> int:
        """Blocks that found no room."""
        return self._memory.lost

    def drain(self) -> None:
        """Writes what has come."""
        blocks, samples, messages, events = self._memory.read(self._channels)
        if not len(blocks):
            return
        by = self._set_by()
        said = [
            _said(self._count + number, int(blocks[number]["frame"]), kind, payload, by)
            for number, kind, payload in messages
        ]
        self.withheld = self.withheld or any(each.get("withheld") for each in said)
        self._messages.append(b"".join(map(line, said)))
        self._played.append(b"".join(map(_event, events)))
        self._sound.write(samples)
        self._rows.append(blocks)
        self._count += len(blocks)
        self._frames += len(samples)

    def sync(self) -> None:
        """All that was drained outlasts a loss of power."""
        for each in (self._messages, self._played, self._swaps, self._sound):
            each.sync()
        for rows in self._rows:
            self._blocks.append(rows.tobytes())
        self._rows.clear()
        self._blocks.sync()

    def networks(self, told: list[dict[str, Any]]) -> None:
        """The networks it began with, and their files' hashes."""
        write_whole(self._folder / NETWORKS, line({"networks": told}))

    def swapped(self, swap: dict[str, Any]) -> None:
        """Networks or the user's style were exchanged: what the next message of that kind in the row means."""
        self._swaps.append(line(swap))

    def close(self, last_events: list[Event] | None = None) -> None:
        """`last_events`: of an engine that came to its end; None: it was stopped or lost."""
        self.drain()
        self._played.append(b"".join(map(_event, last_events or ())))
        self._sound.close()
        for each in (self._messages, self._played, self._swaps):
            each.sync()
            each.close()
        for rows in self._rows:
            self._blocks.append(rows.tobytes())
        self._blocks.sync()
        self._blocks.close()
        end = {
            "finished": last_events is not None,
            "blocks": self._count,
            "frames": self._frames,
            "lost": self._memory.lost,
        }
        write_whole(self._folder / END, line(end))


def _event(event: Event) -> bytes:
    frame, data, part = event
    return b'{"frame":%d,"midi":"%s","part":"%s"}\n' % (frame, data.hex().encode(), part_name(part).encode())


def part_name(number: int) -> str:
    """Whose an event is; 'controls' of none."""
    return PARTS[number] if number < len(PARTS) else "controls"


def _said(block: int, frame: int, kind: str, payload: bytes, by: Mapping[str, str]) -> dict[str, Any]:
    said = recorded_message(kind, payload)
    embedding = said.pop("embedding", None)
    if embedding is not None and not said["withheld"] and np.isfinite(embedding).all():
        said["valence"], said["arousal"] = (round(float(axis), 4) for axis in emotion.decode(embedding))
    if said.get("parameter") in by:
        said["by"] = by[said["parameter"]]
    return {"block": block, "frame": frame, "kind": kind, **said, "raw": payload.hex()}
