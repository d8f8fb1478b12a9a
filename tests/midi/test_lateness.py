"""What is shown is how late MIDI is lately; the worst is told with its time, and nothing of the run is forgotten."""

from __future__ import annotations

import pytest

from emohost.midi.lateness import WINDOW_S, Lateness, Worst


def test_the_worst_leaves_what_is_shown_and_keeps_its_time() -> None:
    lateness = Lateness()
    lateness.add([3400.0, 1.0], 83.0)
    assert lateness.recent_ms(83.0)[2] == 3400
    for step in range(200):
        lateness.add([0.5], 84.0 + step / 10)
    assert lateness.recent_ms(104.0) == pytest.approx((0.5, 0.5, 0.5))
    assert lateness.worst == Worst(3400.0, 83.0)
    assert lateness.all_ms.maximum == 3400
    assert lateness.all_ms.count == 202


def test_where_nothing_was_sent_lately_nothing_is_shown() -> None:
    lateness = Lateness()
    assert lateness.recent_ms(0.0) == (0, 0, 0)
    lateness.add([2.0], 1.0)
    assert lateness.recent_ms(1.0 + WINDOW_S) == (0, 0, 0)
    assert lateness.recent_ms(WINDOW_S)[2] == 2


def test_percentiles_are_those_of_the_window_however_much_is_sent() -> None:
    lateness = Lateness()
    for batch in range(300):
        lateness.add([float(value) for value in range(100)], batch * 0.01)
    assert lateness.recent_ms(3.0) == pytest.approx((49.5, 98, 99), abs=1)
