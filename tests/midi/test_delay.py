"""The delay of a port that plays in cycles: what is asked for, or what it needs."""

from __future__ import annotations

import pytest

from emohost.host.latency import sound_to_note
from emohost.midi.sender import delay_in_force_s


@pytest.mark.parametrize(
    ("asked_s", "period_s", "in_force_s"),
    [(0.01, None, 0.01), (0.01, 0.002, 0.01), (0.01, 1024 / 48000, 1024 / 48000 + 0.005), (0.5, 0.04, 0.5)],
)
def test_a_shorter_delay_is_stretched_to_a_cycle(
    asked_s: float, period_s: float | None, in_force_s: float
) -> None:
    assert delay_in_force_s(asked_s, period_s) == pytest.approx(in_force_s)


def test_it_is_told_to_a_tenth_of_a_millisecond() -> None:
    assert str(sound_to_note(None, 0.005, 26.3333)) == "sound to note 31.3 ms (block 5.0 + delay 26.3)"
    assert str(sound_to_note(None, 0.005, 10.0)) == "sound to note 15.0 ms (block 5.0 + delay 10)"
