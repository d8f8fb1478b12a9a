"""Percentiles of a run of any length in bounded memory: a histogram with bins of equal ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_PER_DECADE = 100  # bins 2.3 % wide
_LOW, _DECADES = 1e-6, 9


class Histogram:
    """Counts values of at least 0; below 1e-6 they count as 0, above 1e3 as 1e3. One thread."""

    def __init__(self) -> None:
        self._counts = np.zeros(_DECADES * _PER_DECADE + 2, dtype=np.int64)
        self.maximum = 0.0
        self.count = 0

    def add(self, values: ArrayLike) -> None:
        array: NDArray[np.float64] = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if not array.size:
            return
        bins = np.ceil((np.log10(np.maximum(array, _LOW)) - np.log10(_LOW)) * _PER_DECADE).astype(np.int64)
        np.add.at(self._counts, np.minimum(bins, len(self._counts) - 1), 1)
        self.maximum = max(self.maximum, float(array.max()))
        self.count += array.size

    def percentile(self, percent: float) -> float:
        """Upper edge of the bin that holds it, never above the maximum; 0 without values."""
        if not self.count:
            return 0.0
        wanted = max(1, int(np.ceil(self.count * percent / 100)))
        index = int(np.searchsorted(np.cumsum(self._counts), wanted))
        if index == 0:
            return 0.0
        return float(min(_LOW * 10 ** (index / _PER_DECADE), self.maximum))
