"""What the emotion scores say of answers that are known."""

from __future__ import annotations

import numpy as np
import pytest

from emohost.training.emotion.scores import EmotionTrack, correlation, step_time
from emohost.training.rendering.listening import HOP_S

SECTION = np.repeat([0, 1], round(10 / HOP_S)).astype(np.int32)


@pytest.mark.parametrize("constant_s", [0.5, 1.0, 2.0])
def test_a_step_takes_its_time_constant(constant_s: float) -> None:
    """63 % of an exponential approach is reached after its time constant."""
    time = HOP_S * np.arange(1, round(10 / HOP_S) + 1)
    values = np.concatenate([np.full(len(time), -0.5), 0.5 - np.exp(-time / constant_s)])
    assert step_time(values, SECTION) == pytest.approx(constant_s, abs=0.1)
    assert step_time(-values, SECTION) == pytest.approx(constant_s, abs=0.1)


def test_no_step_is_never_reached() -> None:
    assert step_time(np.zeros(len(SECTION)), SECTION) == float("inf")


def test_correlation_of_what_does_not_vary_is_zero() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) == 0
    assert correlation(np.arange(5.0), -2 * np.arange(5.0)) == pytest.approx(-1)


def test_settled_is_the_mean_of_each_sections_end() -> None:
    emotion = np.stack([SECTION.astype(float), np.tile(np.linspace(0, 1, len(SECTION) // 2), 2)], axis=-1)
    track = EmotionTrack(emotion, emotion, emotion, SECTION, np.zeros(len(SECTION)))
    np.testing.assert_allclose(track.settled(emotion), [[0, 0.8], [1, 0.8]], atol=2e-3)
