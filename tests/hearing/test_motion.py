"""How notes follow each other, as features: how many begin, how they end, at which rates the sound pulses."""

from __future__ import annotations

import numpy as np
import pytest
import synth

from emohost._core import Listener

RATE = 16000
ATTACKS, FALLS, PULSES = slice(96, 103), slice(103, 108), slice(108, 128)
rates_hz = np.geomspace(0.5, 14, 20)


def settled(audio: np.ndarray) -> np.ndarray:
    """(128,) mean of the last four seconds."""
    return Listener(RATE).process(audio)["features"][-200:].mean(axis=0)


def repeated(every_s: float, length_s: float, loudness: float = 1.0, note: int = 60) -> np.ndarray:
    sound = synth.tone(note, length_s, RATE, decay_s=9.0) * np.float32(loudness)
    starts = np.arange(0, 16 - length_s, every_s)
    return synth.mix([(start, sound) for start in starts], 16, RATE)


@pytest.mark.parametrize("per_second", [1, 2, 4, 8])
def test_attacks_are_counted(per_second: int) -> None:
    """Notes with a gap before each: half of the heights count every one of them, none counts one twice."""
    seen = settled(repeated(1 / per_second, 0.6 / per_second))[ATTACKS]
    counted = (2 ** (6 * seen) - 1) / 4  # onsets per second
    assert (counted < 1.15 * per_second).all()
    assert np.median(counted) == pytest.approx(per_second, rel=0.1)
    assert (np.diff(seen) <= 1e-6).all()


def test_a_ripple_counts_at_the_low_heights_only() -> None:
    """Strings that swell by 2 dB four times a second hardly begin anew; struck notes do."""
    time = np.arange(16 * RATE) / RATE
    swell = (synth.tone(60, 16, RATE, decay_s=1e6) * (1 + 0.12 * np.sign(np.sin(8 * np.pi * time)))).astype(
        "f4"
    )
    ripple, struck = settled(swell)[ATTACKS], settled(repeated(0.25, 0.15))[ATTACKS]
    assert ripple[-3:].max() < 0.05
    assert struck[-3:].min() > 0.5


def test_notes_cut_short_fall_steeply_and_often() -> None:
    legato, staccato = settled(repeated(0.5, 0.55))[FALLS], settled(repeated(0.5, 0.12))[FALLS]
    assert (staccato[3:] > 5 * legato[3:] + 0.05).all()
    assert ((legato >= 0) & (staccato <= 1)).all()


def test_what_is_heard_of_motion_does_not_hang_on_the_gain() -> None:
    loud, soft = (settled(repeated(0.3, 0.2, loudness)) for loudness in (1.0, 0.05))
    np.testing.assert_allclose(loud[96:], soft[96:], atol=0.02)


@pytest.mark.parametrize("beats_per_minute", [60, 90, 132, 180])
def test_the_rate_of_the_beats_is_the_strongest_or_a_multiple_of_it(beats_per_minute: int) -> None:
    """Even notes pulse at their rate and its harmonics, never below."""
    beat_hz = beats_per_minute / 60
    seen = settled(repeated(1 / beat_hz, 0.5 / beat_hz))[PULSES]
    multiple = rates_hz[np.argmax(seen)] / beat_hz
    assert abs(multiple - round(multiple)) < 0.1 * multiple
    assert round(multiple) >= 1
    assert seen[rates_hz < 0.7 * beat_hz].max(initial=0) < seen.max() - 0.2
