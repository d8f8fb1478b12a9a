"""Readings to percentiles, rows to a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Readings = NDArray[np.float64]  # microseconds, in time


def spread(readings: Readings) -> list[str]:
    """Minimum, median, 99th percentile, largest."""
    values = (readings.min(), np.median(readings), np.percentile(readings, 99), readings.max())
    return [f"{value:.1f}" for value in values]


def ratio(a: Readings, b: Readings) -> str:
    """Of the medians; behind it, of the minima, which other programs disturb less."""
    return f"{np.median(a) / np.median(b):.2f} ({a.min() / b.min():.2f})"


def growth(readings: Readings) -> float:
    """Median of the last tenth over that of the first."""
    tenth = max(1, len(readings) // 10)
    return float(np.median(readings[-tenth:]) / np.median(readings[:tenth]))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Markdown; all columns but the first aligned to the right."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
