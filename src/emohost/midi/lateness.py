"""How late MIDI was sent: lately, over the whole run, and the worst with its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emohost.histogram import Histogram

WINDOW_S = 10.0
_MOST = 8192  # messages that are kept of the window


class Worst(NamedTuple):
    """The largest lateness, and when it was."""

    ms: float
    at_s: float
    """Seconds from the start of the run."""


NEVER_LATE = Worst(0.0, 0.0)


class Lateness:
    """One thread adds; any thread reads, a moment too early or too late."""

    def __init__(self) -> None:
        self.all_ms = Histogram()
        """Of every message."""
        self.worst = NEVER_LATE
        self._ms, self._at_s = np.zeros(_MOST), np.full(_MOST, -np.inf)
        self._count = 0

    def add(self, values_ms: Sequence[float], at_s: float) -> None:
        """Takes messages sent at `at_s`, seconds from the start of the run."""
        self.all_ms.add(values_ms)
        for value in values_ms[-_MOST:]:
            self._ms[self._count % _MOST] = value
            self._at_s[self._count % _MOST] = at_s
            self._count += 1
        if max(values_ms, default=0.0) > self.worst.ms:
            self.worst = Worst(max(values_ms), at_s)

    def recent_ms(self, now_s: float) -> tuple[float, float, float]:
        """p50, p99 and maximum of the WINDOW_S up to `now_s`; zeros if nothing was sent."""
        values = self._ms[self._at_s > now_s - WINDOW_S]
        if not len(values):
            return 0.0, 0.0, 0.0
        p50, p99 = np.percentile(values, [50, 99])
        return float(p50), float(p99), float(values.max())
