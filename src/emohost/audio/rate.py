"""Whether blocks come at the rate that was agreed, by frames against time: a driver may go to another without a word,
and all that is heard would then be out of tune and time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW_S = 1.0
WINDOWS = 4  # in a row that must agree
NEAR = 0.02  # of a rate: what counts as that rate
COMMON_RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)

Point = tuple[int, float, int]
"""Frame, the driver's time, monotonic ns: of the start of a block."""


class RateMeter:
    """Call `look` now and then. One thread."""

    def __init__(self, agreed: float, last_block: Callable[[], Point | None]) -> None:
        """`agreed`: Hz. `last_block` tells of the last block that has come, if any."""
        self._agreed, self._last_block = agreed, last_block
        self._from: Point | None = None
        self._rates: deque[float] = deque(maxlen=WINDOWS)

    def look(self) -> float | None:
        """The rate, one of COMMON_RATES, at which blocks have come for some seconds, if it is not the one agreed. A
        stream that stands still, or loses blocks now and then, has no such rate."""
        point = self._last_block()
        if point is None:
            return None
        if self._from is None:
            self._from = point
        seconds = (point[2] - self._from[2]) * 1e-9
        if seconds < WINDOW_S:
            return None
        frames, self._from = point[0] - self._from[0], point
        self._rates.append(frames / seconds if seconds < 2 * WINDOW_S else 0.0)
        if len(self._rates) < WINDOWS or _near(sum(self._rates) / WINDOWS, self._agreed):
            return None
        for rate in COMMON_RATES:
            if all(_near(found, rate) for found in self._rates):
                return float(rate)
        return None


def _near(found: float, rate: float) -> bool:
    return abs(found - rate) <= NEAR * rate
