"""Turns the engine's report of every block into figures: the state now, percentiles, counts, the track of the run."""

from __future__ import annotations

import math
from collections import Counter, deque

import numpy as np
from numpy.typing import NDArray

from emohost import vocabulary
from emohost._core import FLAGS, report_dtype
from emohost.histogram import Histogram
from emohost.host.status import Spread

WINDOW = 4096  # blocks of which `recent_load` speaks
SILENT_DB = -120.0
TRACK_POINTS = 8192  # at most; then every other is left out
PEAK_S = 0.3  # of which `peak` speaks
LATEST_LATE = 64  # late blocks that are kept one by one
_NO_FAULT = {flag.name for flag in vocabulary.FLAGS if not flag.fault}


class Monitor:
    """One thread (the host's)."""

    def __init__(self, keep_track: bool) -> None:
        self.last: np.void = np.zeros(1, report_dtype)[0]
        self.last["tonic"] = self.last["chord_heard"] = self.last["chord_played"] = -1
        self.last["level_db"] = -120
        self.blocks = 0
        self.late_blocks = 0
        """Blocks whose callback took longer than the block lasts."""
        self.latest_late: deque[tuple[int, int]] = deque(maxlen=LATEST_LATE)
        """Of the last of them: (monotonic ns at entry, ns taken)."""
        self.audio_s = 0.0
        self.flags: Counter[str] = Counter()
        self.sample_rate = 0.0
        self.all_loads = Histogram()
        """Load of every block, % of its length."""
        self._loads = np.zeros(WINDOW)
        self._run_start_ns: int | None = None
        self._offset_s = 0.0
        self._peaks: deque[tuple[float, float]] = deque()  # (audio_s, largest sample of the blocks up to it)
        self._fresh = True
        self._track = _Thinned() if keep_track else None

    def begin(self, sample_rate: float) -> None:
        """A new engine plays from here on."""
        self.sample_rate = sample_rate
        self._fresh = True

    def add(self, reports: NDArray[np.void]) -> None:
        """Takes reports of the present engine, in order."""
        if not len(reports):
            return
        if self._fresh:
            self._place_in_time(reports[0])
        durations_s = reports["frames"] / self.sample_rate
        loads = reports["duration_ns"] * 1e-7 / durations_s
        self.all_loads.add(loads)
        recent = loads[-WINDOW:]
        self._loads[(self.blocks + len(loads) - len(recent) + np.arange(len(recent))) % WINDOW] = recent
        self.blocks += len(reports)
        late = reports[loads > 100]
        self.late_blocks += len(late)
        self.latest_late.extend(zip(late["started_ns"].tolist(), late["duration_ns"].tolist(), strict=True))
        self.audio_s += float(durations_s.sum())
        self._peaks.append((self.audio_s, float(reports["peak"].max())))
        while self._peaks[0][0] < self.audio_s - PEAK_S:
            self._peaks.popleft()
        for name, bit in FLAGS.items():
            if name not in _NO_FAULT and (count := int(np.count_nonzero(reports["flags"] & bit))):
                self.flags[name] += count
        if self._track is not None:
            hops = reports[(reports["flags"] & FLAGS["hop"]) != 0]
            self._track.add(hops, round(self._offset_s * self.sample_rate))
        self.last = reports[-1].copy()

    @property
    def block_s(self) -> float:
        """Length of the last block in seconds; 0 before the first."""
        return float(self.last["frames"]) / self.sample_rate if self.sample_rate else 0.0

    @property
    def peak_db(self) -> float:
        """The largest sample of the last PEAK_S, dBFS; -120 at least. Any thread."""
        peak = max((peak for _, peak in list(self._peaks)), default=0.0)
        return max(SILENT_DB, 20 * math.log10(peak)) if peak > 0 else SILENT_DB

    def recent_load(self) -> Spread:
        loads = self._loads[: min(self.blocks, WINDOW)]
        if not len(loads):
            return Spread()
        p50, p99 = np.percentile(loads, [50, 99])
        return Spread(float(p50), float(p99), float(loads.max()))

    def track(self) -> NDArray[np.void]:
        """Reports of blocks with a hop, thinned to TRACK_POINTS at most; frames count from the start of the run.
        Empty if no track is kept."""
        return np.zeros(0, report_dtype) if self._track is None else self._track.rows()

    def _place_in_time(self, first: np.void) -> None:
        started_ns = int(first["started_ns"]) - round(int(first["frame"]) * 1e9 / self.sample_rate)
        if self._run_start_ns is None:
            self._run_start_ns = started_ns
        self._offset_s = max(0.0, (started_ns - self._run_start_ns) * 1e-9)
        self._fresh = False


def spread(histogram: Histogram) -> Spread:
    return Spread(histogram.percentile(50), histogram.percentile(99), histogram.maximum)


class _Thinned:
    """Keeps every n-th report; n doubles when the room is used up."""

    def __init__(self) -> None:
        self._rows = np.zeros(TRACK_POINTS, report_dtype)
        self._count = self._seen = 0
        self._stride = 1

    def add(self, reports: NDArray[np.void], offset_frames: int) -> None:
        for report in reports:
            if self._count == TRACK_POINTS:
                self._rows[: TRACK_POINTS // 2] = self._rows[::2].copy()
                self._count //= 2
                self._stride *= 2
            if self._seen % self._stride == 0:
                self._rows[self._count] = report
                self._rows[self._count]["frame"] += offset_frames
                self._count += 1
            self._seen += 1

    def rows(self) -> NDArray[np.void]:
        kept: NDArray[np.void] = self._rows[: self._count].copy()
        return kept
