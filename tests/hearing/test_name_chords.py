"""The listener's chord finder, told the saliences of the pitch classes instead of sound."""

from __future__ import annotations

import numpy as np
import pytest

from emohost._core import name_chords
from emohost.training.data_sets.songs import chord_class

STEP_S = 0.04


def saliences(*tones: int, steps: int = 50) -> np.ndarray:
    rows = np.zeros((steps, 12), np.float32)
    rows[:, list(tones)] = 1
    return rows


def test_a_triad_is_named_within_a_fifth_of_a_second_and_the_next_one_after_it() -> None:
    upper = np.concatenate([saliences(0, 4, 7), saliences(9, 0, 4)])
    bass = np.concatenate([saliences(0), saliences(9)])
    named = name_chords(upper, bass, STEP_S)
    assert named.shape == (100,)
    assert (named[5:50] == chord_class(0, "maj")).all()
    assert (named[55:] == chord_class(9, "min")).all()


def test_the_bass_tells_chords_of_the_same_tones_apart() -> None:
    tones = saliences(9, 0, 4, 7)
    assert name_chords(tones, saliences(9), STEP_S)[-1] == chord_class(9, "min7")
    assert name_chords(tones, saliences(0), STEP_S)[-1] == chord_class(0, "maj")


def test_silence_has_no_name() -> None:
    nothing = saliences()
    assert (name_chords(nothing, nothing, STEP_S) == -1).all()
    assert name_chords(nothing[:0], nothing[:0], STEP_S).shape == (0,)


@pytest.mark.parametrize(
    ("upper", "bass", "step_s", "named"),
    [
        (saliences(0)[:, :11], saliences(0), STEP_S, "upper"),
        (saliences(0), saliences(0)[:3], STEP_S, "bass"),
        (saliences(0), saliences(0) * np.nan, STEP_S, "bass"),
        (-saliences(0), saliences(0), STEP_S, "upper"),
        (saliences(0), saliences(0), 0.0, "step_s"),
    ],
)
def test_what_is_malformed_is_refused_by_name(
    upper: np.ndarray, bass: np.ndarray, step_s: float, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        name_chords(upper, bass, step_s)
