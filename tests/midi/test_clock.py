"""The clock gives frames a steady time although callbacks wake up unevenly, follows drift, and survives jumps."""

from __future__ import annotations

import random

import pytest

from emohost.midi.clock import FrameClock

RATE, BLOCK = 48000, 256


def callbacks(count: int, rate: float = RATE, jitter_s: float = 0.0, seed: int = 1) -> list[tuple[int, int]]:
    """(frame, monotonic ns) as a sound card of `rate` Hz whose callbacks are late at random would publish them."""
    source = random.Random(seed)
    return [
        (i * BLOCK, round((5 + i * BLOCK / rate + source.uniform(0, jitter_s)) * 1e9)) for i in range(count)
    ]


def test_without_jitter_the_time_of_every_frame_is_exact() -> None:
    clock = FrameClock(RATE)
    for frame, time_ns in callbacks(1000):
        clock.update(frame, time_ns)
        assert abs(clock.time_ns(frame + 100) - time_ns - 100 * 1e9 / RATE) < 2000


def test_jitter_is_reduced_at_least_five_times() -> None:
    clock = FrameClock(RATE)
    errors = []
    for frame, time_ns in callbacks(6000, jitter_s=0.002):
        clock.update(frame, time_ns)
        errors.append(clock.time_ns(frame) - 5e9 - frame * 1e9 / RATE)
    settled = errors[3000:]
    assert max(settled) - min(settled) < 0.002e9 / 5
    assert clock.jumps == 0


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_sound_card_with_another_idea_of_its_rate_is_followed(ppm: int) -> None:
    real = RATE * (1 + ppm * 1e-6)
    clock = FrameClock(RATE)
    for frame, time_ns in callbacks(10000, rate=real, jitter_s=0.0005):
        clock.update(frame, time_ns)
    assert clock.sample_rate == pytest.approx(real, rel=30e-6)


def test_after_a_dropout_the_clock_starts_afresh_at_once() -> None:
    clock = FrameClock(RATE)
    for frame, time_ns in callbacks(100):
        clock.update(frame, time_ns)
    gap_ns = 2_000_000_000
    frame, time_ns = callbacks(101)[-1]
    clock.update(frame, time_ns + gap_ns)
    assert clock.jumps == 1
    assert clock.time_ns(frame) == time_ns + gap_ns


def test_the_same_pair_twice_changes_nothing() -> None:
    clock = FrameClock(RATE)
    pairs = callbacks(10, jitter_s=0.001)
    for pair in pairs:
        clock.update(*pair)
    before = clock.time_ns(99999)
    clock.update(*pairs[-1])
    clock.update(*pairs[3])
    assert clock.time_ns(99999) == before


def test_the_frame_at_a_time_is_the_inverse_of_the_time_of_a_frame() -> None:
    clock = FrameClock(RATE)
    for frame, at_ns in callbacks(2000, rate=RATE * 1.0002, jitter_s=0.001):
        clock.update(frame, at_ns)
    for frame in (0, 12345, 10**7):
        assert clock.frame_at(clock.time_ns(frame)) == frame
