"""Where the tempo of a run changes, from the engine's reports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS_PER_MINUTE = 4  # per beat per minute


class TempoChanges:
    """One thread (the host's)."""

    def __init__(self, tempo: float) -> None:
        """tempo: of the rig, in force from the start."""
        self._tempo = float(np.float32(tempo))  # as reports have it

    def of(self, reports: NDArray[np.void], sample_rate: float) -> list[tuple[int, float]]:
        """(frame, beats per minute) of every change in these reports (`_core.report_dtype`, in order).

        A step is planned half a step ahead, and the tempo from that step on is reported in the block of the planning;
        so a change lies half a step of the former tempo later, known to half a block."""
        changes = []
        for report in reports[np.diff(reports["tempo"], prepend=np.float32(self._tempo)) != 0]:
            half_step = 0.5 * 60 / (_STEPS_PER_MINUTE * self._tempo) * sample_rate
            self._tempo = float(report["tempo"])
            changes.append(
                (round(int(report["frame"]) + 0.5 * int(report["frames"]) + half_step), self._tempo)
            )
        return changes
