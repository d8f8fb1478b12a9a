"""Signals to one state over time: precision weighting, and a small Kalman filter that follows it.

State and observations are points of the circumplex (valence, arousal), each axis by itself. Independent observations
are fused by weighing each with its precision (1 / variance), which is the maximum of their joint likelihood. Between
them the state drifts back to neutral as an Ornstein-Uhlenbeck process (G. E. Uhlenbeck and L. S. Ornstein, Physical
Review 36, 1930), for which the filter of R. E. Kalman ("A new approach to linear filtering and prediction problems",
Journal of Basic Engineering 82, 1960) is exact at any spacing of time. An observation that the state cannot explain
(beyond the 95 % of its innovation) says that the feeling has changed: that axis starts anew.

Arrays are float64 (2,): valence, arousal. One thread at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

SPREAD = 0.5  # standard deviation of a feeling about which nothing is known; the project's own choice, as is
MEMORY_S = 10.0  # the time after which a feeling not heard of again is down to 37 %
VARIANCE_LEAST = 0.01  # nothing is known of a feeling to better than 0.1
VARIANCE_MOST = 25.0  # says as good as nothing
SURPRISE = 3.84  # 95 % of chi-square with one degree of freedom


@dataclass(frozen=True)
class Observation:
    """Where one signal sees the state, and how surely. The mean may lie outside of [-1, 1]; variances are held between
    VARIANCE_LEAST and VARIANCE_MOST."""

    mean: Float64
    variance: Float64

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean).all() and (self.variance > 0).all()):
            raise ValueError("an observation needs a finite mean and a variance above 0")
        object.__setattr__(self, "variance", np.clip(self.variance, VARIANCE_LEAST, VARIANCE_MOST))

    @classmethod
    def of(cls, valence: tuple[float, float] | None, arousal: tuple[float, float] | None) -> Observation:
        """(mean, variance) per axis; None where the signal says nothing."""
        axes = [axis if axis is not None else (0.0, VARIANCE_MOST) for axis in (valence, arousal)]
        return cls(np.array([axis[0] for axis in axes]), np.array([axis[1] for axis in axes]))

    def at_pace(self, apart_s: float, independent_s: float) -> Observation:
        """The same when the last reading of this signal is only `apart_s` old and its errors last `independent_s`:
        many readings in that time say together what one says."""
        if apart_s >= independent_s:
            return self
        slower = independent_s / max(apart_s, 1e-3)
        return Observation(self.mean, np.minimum(self.variance * slower, VARIANCE_MOST))


def fuse(observations: Iterable[Observation]) -> Observation:
    """By precision: mean = sum(mean / variance) / sum(1 / variance), variance = 1 / sum(1 / variance). The order of the
    observations does not matter (sums are exact). Raises ValueError for none."""
    found = list(observations)
    if not found:
        raise ValueError("nothing to fuse")
    precision = np.array([math.fsum(1 / each.variance[axis] for each in found) for axis in (0, 1)])
    moment = np.array([math.fsum(each.mean[axis] / each.variance[axis] for each in found) for axis in (0, 1)])
    return Observation(moment / precision, 1 / precision)


class Tracker:
    """The state over time."""

    def __init__(self) -> None:
        self.mean: Float64 = np.zeros(2)
        self.variance: Float64 = np.full(2, SPREAD**2)

    def ahead(self, seconds: float) -> Tracker:
        """What will be known after so long without anything new."""
        then = Tracker()
        then.mean, then.variance = self.mean, self.variance
        then.advance(seconds)
        return then

    def advance(self, seconds: float) -> None:
        """Lets time pass; none passes backwards."""
        left = math.exp(-max(seconds, 0.0) / MEMORY_S)
        self.mean = self.mean * left
        self.variance = SPREAD**2 + (self.variance - SPREAD**2) * left**2

    def update(self, seen: Observation) -> None:
        """Takes in what is seen now. The mean stays in [-1, 1]."""
        innovation = seen.mean - self.mean
        changed = innovation**2 > SURPRISE * (self.variance + seen.variance)
        mean = np.where(changed, 0.0, self.mean)
        variance = np.where(changed, SPREAD**2, self.variance)
        gain = variance / (variance + seen.variance)
        self.mean = np.clip(mean + gain * (seen.mean - mean), -1.0, 1.0)
        self.variance = (1 - gain) * variance

    @property
    def confidence(self) -> float:
        """0: nothing is known. 1: all is. The share of the variance that is gone, of the axis that is known better."""
        return float(np.clip(1 - self.variance.min() / SPREAD**2, 0.0, 1.0))
