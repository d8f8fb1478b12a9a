"""Percentiles of a histogram are those of the values, to the width of a bin."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emohost.histogram import Histogram

BIN = 10**0.01


@given(st.lists(st.floats(1e-5, 999), min_size=1, max_size=300), st.sampled_from([1, 50, 90, 99, 100]))
def test_a_percentile_is_within_a_bin_of_the_exact_one(values: list[float], percent: int) -> None:
    histogram = Histogram()
    for chunk in np.array_split(np.array(values), 3):
        histogram.add(chunk)
    exact = np.percentile(values, percent, method="inverted_cdf")
    assert exact / BIN * 0.999 <= histogram.percentile(percent) <= exact * BIN * 1.001
    assert histogram.maximum == max(values)
    assert histogram.percentile(percent) <= histogram.maximum
    assert histogram.count == len(values)


def test_zero_and_nothing_and_too_much_are_counted() -> None:
    histogram = Histogram()
    assert histogram.percentile(99) == 0
    histogram.add([0.0, 0.0, 0.0, 1e9])
    assert histogram.percentile(50) == 0
    assert histogram.percentile(100) == histogram.percentile(99.9) >= 1000
    assert histogram.maximum == 1e9
