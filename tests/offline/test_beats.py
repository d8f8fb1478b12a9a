"""The beats of a file are where the phase comes round, once each, with the downbeats among them."""

from __future__ import annotations

import numpy as np
import pytest

from emohost._core import track_beats
from emohost.offline.beats import beats_of, tempo_of

HOP_S = 0.02
DELAY_S = 0.03  # by which the network shows a beat late (ext/core/hearing/beat/bar_pointer.cpp)


def shown(beats: np.ndarray, beats_in_bar: int, seconds: float) -> np.ndarray:
    """(hops, 2): what a network that errs little would say of these beats."""
    random = np.random.default_rng(1)
    said = random.uniform(0, 0.15, (round(seconds / HOP_S), 2))
    for number, at in enumerate(beats):
        hop = round((at + DELAY_S) / HOP_S) - 1
        if 0 <= hop < len(said):
            said[hop, 0] = random.uniform(0.6, 0.95)
            said[hop, 1] = random.uniform(0.5, 0.9) if number % beats_in_bar == 0 else said[hop, 1]
    return said


def followed(beats: np.ndarray, beats_in_bar: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    seconds = float(beats[-1] + 1)
    heard = track_beats(shown(beats, beats_in_bar, seconds))
    ends = HOP_S * np.arange(1.0, len(heard) + 1)
    return *beats_of(ends, heard["tempo"], heard["beat_phase"], heard["beat_in_bar"]), heard


def distances(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.array([np.abs(found - at).min() for at in wanted])


@pytest.mark.parametrize(("tempo", "beats_in_bar"), [(72, 4), (92, 3), (118, 4), (163, 4), (180, 3)])
def test_a_steady_beat_is_found_within_six_seconds_and_kept(tempo: float, beats_in_bar: int) -> None:
    wanted = 0.7 + np.arange(0, 30, 60 / tempo)
    beats, downbeats, heard = followed(wanted, beats_in_bar)
    settled = wanted[(wanted > 6) & (wanted < wanted[-1] - 1)]
    assert np.mean(distances(beats, settled) < 0.07) > 0.95
    assert np.mean(distances(settled, beats[(beats > 6.2) & (beats < settled[-1])]) < 0.07) > 0.95
    downs = wanted[::beats_in_bar]
    late = downs[(downs > 12) & (downs < downs[-1] - 1)]
    assert np.mean(distances(downbeats, late) < 0.07) > 0.9
    assert heard["metre"][-1] == beats_in_bar
    assert heard["tempo"][-1] == pytest.approx(tempo, rel=0.06)
    assert heard["beat_confidence"][-500:].mean() > 0.6


def test_a_step_of_ten_per_cent_is_followed_in_four_seconds() -> None:
    before = 0.5 + np.arange(0, 15, 0.6)
    after = before[-1] + np.arange(1, 25) * 0.54
    beats, _, _ = followed(np.concatenate([before, after]), 4)
    assert np.mean(distances(beats, after[(after > after[0] + 4) & (after < after[-1])]) < 0.07) > 0.9


@pytest.mark.parametrize(("slowest", "fastest", "told"), [(40, 90, 70), (90, 180, 140), (40, 240, 140)])
def test_of_half_and_double_tempo_that_in_the_range_is_told(
    slowest: float, fastest: float, told: float
) -> None:
    """Every second beat is shown less, so that either could be meant."""
    beats = 0.5 + np.arange(0, 30, 60 / 140)
    said = shown(beats, 4, 32.0)
    for at in beats[1::2]:
        said[round((at + DELAY_S) / HOP_S) - 1, 0] *= 0.7
    heard = track_beats(said, slowest=slowest, fastest=fastest)
    assert np.median(heard["tempo"][500:]) == pytest.approx(told, rel=0.05)
    known = heard["tempo"][heard["tempo"] > 0]
    assert known.min() > 0.97 * slowest
    assert known.max() < 1.06 * fastest  # to a hop


@pytest.mark.parametrize(("slowest", "fastest"), [(39, 100), (100, 241), (100, 120), (float("nan"), 100)])
def test_a_range_without_room_is_refused(slowest: float, fastest: float) -> None:
    with pytest.raises(ValueError, match="slowest and fastest"):
        track_beats(np.zeros((4, 2)), slowest=slowest, fastest=fastest)


def test_nothing_is_believed_where_no_beat_is_shown() -> None:
    random = np.random.default_rng(2)
    heard = track_beats(random.uniform(0, 0.05, (1500, 2)))
    assert heard["beat_confidence"][250:].max() < 0.5


def test_a_beat_is_told_once_though_the_phase_swings_back_over_it() -> None:
    ends = 0.02 * np.arange(1.0, 101)
    phase = (ends / 0.5) % 1
    phase[50:52] = 0.98, 0.02  # back over a beat that was told
    beats, downbeats = beats_of(ends, np.full(100, 120.0), phase, np.zeros(100, dtype=np.int8))
    assert np.diff(beats).min() >= 0.25
    assert len(downbeats) == len(beats)


def test_no_tempo_is_told_before_one_is_found() -> None:
    ends = 0.02 * np.arange(1.0, 201)
    tempo = np.where(ends > 2, 100.0, 0.0)
    told = tempo_of(ends, tempo, np.full(200, 0.5, dtype=np.float32))
    assert [each[0] for each in told] == pytest.approx([2.02, 3.0, 4.0], abs=0.03)
    assert tempo_of(ends, np.zeros(200), np.zeros(200, dtype=np.float32)) == []
