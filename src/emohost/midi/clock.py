"""Frame to monotonic time: a delay-locked loop over the pairs that the audio callback publishes.

The loop is the second-order one of Fons Adriaensen, "Using a DLL to filter time" (Linux Audio Conference 2005),
written for pairs that come at uneven distances in frames. It takes out the jitter of the callback's wake-ups.
"""

from __future__ import annotations

import math

_BANDWIDTH_HZ = 0.1  # in the end; wider at first, so that the start's own jitter is soon forgotten
_JUMP_S = 0.05  # an error as large is no jitter: a dropout, or a process that was stopped


class FrameClock:
    """Not thread-safe: one thread at a time."""

    def __init__(self, sample_rate: float) -> None:
        """`sample_rate` in Hz, nominal."""
        self._nominal_ns = 1e9 / sample_rate
        self._started = False
        self._running_s = 0.0
        self._frame = 0
        self._time_ns = 0.0
        self._frame_ns = self._nominal_ns
        self.jumps = 0
        """Times the loop was started afresh because time had jumped."""

    @property
    def started(self) -> bool:
        return self._started

    @property
    def sample_rate(self) -> float:
        """Hz, as measured on the monotonic clock."""
        return 1e9 / self._frame_ns

    def update(self, frame: int, monotonic_ns: int) -> None:
        """Takes a pair: the first frame of a block, and when its callback started. Old pairs are ignored."""
        if not self._started:
            self._start(frame, monotonic_ns)
            return
        frames = frame - self._frame
        if frames <= 0:
            return
        predicted = self._time_ns + frames * self._frame_ns
        error = monotonic_ns - predicted
        if abs(error) > _JUMP_S * 1e9:
            self.jumps += 1
            self._start(frame, monotonic_ns)
            return
        step_s = frames * self._nominal_ns * 1e-9
        self._running_s += step_s
        bandwidth_hz = max(_BANDWIDTH_HZ, 1 / (1 + self._running_s))
        omega = min(2 * math.pi * bandwidth_hz * step_s, 0.5)
        self._time_ns = predicted + math.sqrt(2) * omega * error
        self._frame_ns += omega * omega * error / frames
        self._frame = frame

    def time_ns(self, frame: int) -> int:
        """Monotonic time of a frame, in ns. Only once started."""
        return round(self._time_ns + (frame - self._frame) * self._frame_ns)

    def frame_at(self, monotonic_ns: int) -> int:
        """The frame at a monotonic time. Only once started."""
        return round(self._frame + (monotonic_ns - self._time_ns) / self._frame_ns)

    def _start(self, frame: int, monotonic_ns: int) -> None:
        self._started = True
        self._running_s = 0.0
        self._frame, self._time_ns, self._frame_ns = frame, float(monotonic_ns), self._nominal_ns
