"""Reports of blocks become figures that stay right and small however long the run."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emohost._core import FLAGS, report_dtype
from emohost.host.monitor import TRACK_POINTS, Monitor

RATE, BLOCK = 48000.0, 480


def reports(count: int, first: int = 0, start_ns: int = 1_000_000_000) -> NDArray[np.void]:
    rows = np.zeros(count, report_dtype)
    numbers = first + np.arange(count)
    rows["block"], rows["frame"], rows["frames"] = numbers, numbers * BLOCK, BLOCK
    rows["started_ns"] = start_ns + numbers * 10_000_000
    rows["duration_ns"] = 1_000_000  # a tenth of a block
    rows["valence"] = np.sin(numbers / 1000)
    rows["flags"] = FLAGS["hop"]
    return rows


def test_load_is_the_share_of_the_blocks_length() -> None:
    monitor = Monitor(keep_track=False)
    monitor.begin(RATE)
    rows = reports(1000)
    rows["duration_ns"][-10:] = 5_000_000
    monitor.add(rows)
    load = monitor.recent_load()
    assert load.p50 == pytest.approx(10)
    assert load.max == pytest.approx(50)
    assert monitor.all_loads.percentile(50) == pytest.approx(10, rel=0.03)
    assert monitor.audio_s == pytest.approx(10)
    assert monitor.block_s == pytest.approx(0.01)


def test_a_block_is_late_when_its_callback_took_longer_than_it_lasts() -> None:
    monitor = Monitor(keep_track=False)
    monitor.begin(RATE)
    rows = reports(100)
    rows["duration_ns"][[3, 50]] = 10_000_000, 10_000_001
    monitor.add(rows)
    monitor.add(reports(100, 100))
    assert monitor.late_blocks == 1
    assert list(monitor.latest_late) == [(1_500_000_000, 10_000_001)]
    slow = reports(1000, 200)
    slow["duration_ns"] = 11_000_000
    monitor.add(slow)
    assert monitor.late_blocks == 1001
    assert len(monitor.latest_late) == 64


def test_old_blocks_leave_the_recent_load_but_not_that_of_the_run() -> None:
    monitor = Monitor(keep_track=False)
    monitor.begin(RATE)
    slow = reports(10)
    slow["duration_ns"] = 9_000_000
    monitor.add(slow)
    for first in range(10, 10010, 100):
        monitor.add(reports(100, first))
    assert monitor.recent_load().max == pytest.approx(10)
    assert monitor.all_loads.maximum == pytest.approx(90)


def test_flags_are_counted_by_kind_and_ticks_are_no_fault() -> None:
    monitor = Monitor(keep_track=False)
    monitor.begin(RATE)
    rows = reports(10)
    rows["flags"][2:5] |= FLAGS["input_overflow"] | FLAGS["output_underflow"]
    rows["flags"][7] |= FLAGS["input_overflow"]
    monitor.add(rows)
    assert monitor.flags == {"input_overflow": 4, "output_underflow": 3}


def test_the_track_is_thinned_evenly_and_stays_small() -> None:
    monitor = Monitor(keep_track=True)
    monitor.begin(RATE)
    for first in range(0, 50000, 500):
        monitor.add(reports(500, first))
    track = monitor.track()
    assert TRACK_POINTS / 2 <= len(track) <= TRACK_POINTS
    assert len(set(np.diff(track["frame"]))) == 1
    assert track["frame"][-1] >= 49900 * BLOCK
    assert track["valence"] == pytest.approx(np.sin(track["block"] / 1000), abs=1e-6)


def test_a_second_engine_goes_on_where_the_clock_is() -> None:
    monitor = Monitor(keep_track=True)
    monitor.begin(RATE)
    monitor.add(reports(100))
    monitor.begin(RATE)
    monitor.add(reports(100, start_ns=4_000_000_000))
    assert monitor.track()["frame"][100] == pytest.approx(3 * RATE, abs=1)
