"""What a running host tells, for the status line and the summary. Plain frozen values; any thread may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Spread:
    """Percentiles of something measured; zeros while nothing has been."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


@dataclass(frozen=True)
class Status:
    """Given to `on_status` a few times a second, on the host's control thread."""

    state: str  # 'starting', 'playing', 'waiting for the device', 'stopping' …, as people should read it
    detail: str = ""  # the device, or why it waits
    seconds: float = 0.0  # played so far
    valence: float = 0.0  # [-1, 1]
    arousal: float = 0.0  # [-1, 1]
    level_db: float = -120.0  # dBFS
    key: str = ""  # 'C major'; empty while unknown
    chord_heard: str = ""
    chord_played: str = ""
    notes: int = 0  # note-ons so far
    sounding: int = 0  # notes that are on now
    load: Spread = Spread()  # callback's duration, % of the block's deadline
    lateness_ms: Spread = Spread()  # MIDI sent after it was due
    flags: Mapping[str, int] = field(
        default_factory=dict
    )  # blocks by flag that was set (_core.FLAGS), zeros left out
    restarts: int = 0  # of the engine


@dataclass(frozen=True)
class Summary:
    """What `Host.run` returns."""

    last: Status  # over the whole run
    blocks: int
    files: tuple[Path, ...]  # written
    sample_rate: float  # Hz
    reports: NDArray[np.void]  # _core.report_dtype, in order, of the last engine run; thinned on long runs
    events: list[
        tuple[float, bytes, int]
    ]  # (seconds, MIDI bytes, part) as sent; empty unless a picture is asked for
