"""The beats of a file, as the tracker said them while it listened: nothing of what came later is in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
NEAREST = 0.5  # of a beat: what comes sooner after one is the same beat, told again
TEMPO_S = 1.0  # between two figures of the tempo


def beats_of(
    ends_s: Float64, tempo: Float64, phase: Float64, in_bar: NDArray[np.integer]
) -> tuple[Float64, Float64]:
    """(beats, downbeats) in seconds. Arrays by hop: `ends_s` seconds at which `phase` (of a beat, [0, 1)) holds,
    `tempo` in beats per minute (0: none found), `in_bar` the number of the last beat in its bar (-1: unknown)."""
    found: list[tuple[float, bool]] = []
    known = tempo > 0
    for hop in np.flatnonzero(known[1:] & known[:-1] & (phase[1:] < phase[:-1] - NEAREST)) + 1:
        beat_s = 60 / tempo[hop]
        at = float(ends_s[hop] - phase[hop] * beat_s)
        if at >= 0 and (not found or at - found[-1][0] >= NEAREST * beat_s):
            found.append((at, bool(in_bar[hop] == 0)))
    times = np.array([at for at, _ in found])
    down = np.array([down for _, down in found], dtype=bool)
    return times, times[down] if len(times) else times


def tempo_of(ends_s: Float64, tempo: Float64, confidence: NDArray[np.float32]) -> list[list[float]]:
    """[seconds, beats per minute, confidence], about once a second, from where one was found."""
    known = np.flatnonzero(tempo > 0)
    if not len(known):
        return []
    seconds = np.floor(ends_s[known] / TEMPO_S)
    first = known[np.flatnonzero(np.r_[True, seconds[1:] != seconds[:-1]])]
    return [
        [round(float(ends_s[hop]), 3), round(float(tempo[hop]), 2), round(float(confidence[hop]), 3)]
        for hop in first
    ]
