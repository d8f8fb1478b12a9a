"""From a sound to its note: the device's share is told only where its driver's stamps mean something."""

from __future__ import annotations

import pytest

from emohost.audio.age import BLOCKS, AgeMeter
from emohost.host.latency import sound_to_note

pytest.importorskip("sounddevice", reason="no PortAudio")


def test_the_parts_add_up_and_are_named() -> None:
    latency = sound_to_note(0.006, 0.004, 10)
    assert latency.total_ms == pytest.approx(16)
    assert str(latency) == "sound to note 16.0 ms (device 2.0 + block 4.0 + delay 10)"


@pytest.mark.parametrize("age_s", [None, 0.0, 0.002])
def test_a_sample_that_is_younger_than_its_block_tells_nothing_of_the_device(age_s: float | None) -> None:
    assert str(sound_to_note(age_s, 0.004, 10)) == "sound to note 14.0 ms (block 4.0 + delay 10)"


class Running:
    """A stream and its engine, whose driver stamps each first sample `age_s` before the callback."""

    def __init__(self, age_s: float) -> None:
        self.age_s, self.frame = age_s, 0

    @property
    def now_ns(self) -> int:
        from emohost._core import monotonic_ns

        return monotonic_ns()

    @property
    def time(self) -> float:
        return self.now_ns * 1e-9 + 5  # the driver's clock is another one

    def point(self) -> tuple[int, float, int]:
        self.frame += 128
        began_ns = self.now_ns - 1_000_000
        return self.frame, began_ns * 1e-9 + 5 - self.age_s, began_ns


@pytest.mark.parametrize(("age_s", "measured"), [(0.0125, 0.0125), (-1.0, None), (90_000.0, None)])
def test_the_age_is_measured_on_the_drivers_own_clock(age_s: float, measured: float | None) -> None:
    running = Running(age_s)

    class Rings:
        time = staticmethod(running.point)

    meter = AgeMeter(running, Rings())  # type: ignore[arg-type]
    looks = 1
    while not meter.look():
        looks += 1
    assert looks == BLOCKS
    assert meter.age_s() == (measured if measured is None else pytest.approx(measured, abs=0.005))
