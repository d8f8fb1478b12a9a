"""What the beat network is trained on: beats stay with the notes whatever the tempo does, targets with the beats."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from emohost.training.beat.backing import STYLES, Bar, backing, drums
from emohost.training.beat.clips import SECONDS, perform
from emohost.training.beat.data import DELAY_S, HOP_S, heard, targets
from emohost.training.beat.timing import Freedom, random_timing
from emohost.training.beat.tunes import Tune
from emohost.training.data_sets.notes import NOTE, PIANO
from emohost.training.rendering.render import RATE

CLICK = Freedom(0.0, 0.0, 0.0)
FREE = Freedom(0.16, 0.5, 1.0)


def _clicks(freedom: Freedom, pedal: bool = False) -> Tune:
    """A note on each beat and no other."""
    notes = np.array([(beat, 0.5, 60, 80.0, PIANO) for beat in range(300)], dtype=NOTE)
    return Tune(
        "clicks", notes, np.arange(0.0, 300, 4), 4, 100.0, freedom, 0.5, (0, 0, 0, 32), pedal, 0.0, 0.0
    )


@pytest.mark.parametrize("freedom", [CLICK, FREE])
def test_beats_go_with_the_notes_through_every_change_of_tempo(freedom: Freedom) -> None:
    for seed in range(10):
        take = perform(_clicks(freedom), np.random.default_rng(seed))
        assert len(take.beats) > 20
        distance = np.abs(take.beats[:, None] - take.notes["onset"]).min(axis=1)
        assert distance.max() < 1e-6
        assert np.isin(take.downbeats, take.beats).all()
        assert take.notes["onset"].max() < SECONDS


def test_time_never_runs_back() -> None:
    for seed in range(20):
        timing = random_timing(-3.3, 120, 97, 3, FREE, np.random.default_rng(seed))
        assert timing.second[0] == 0
        assert (np.diff(timing.second) > 0).all()


def test_without_freedom_the_tempo_stays() -> None:
    timing = random_timing(0, 60, 120, 4, CLICK, np.random.default_rng(1))
    assert np.allclose(timing(np.arange(40.0)), 0.5 * np.arange(40))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("beats", "split"), [(2, 2), (3, 2), (4, 2), (5, 2), (2, 3), (4, 3)])
def test_an_accompaniment_stays_in_its_bar(style: str, beats: int, split: int) -> None:
    bars = [Bar(float(k * beats), beats, split, ((48, 52, 55),) * beats) for k in range(8)]
    random = np.random.default_rng(3)
    notes = np.concatenate([backing(bars, style, True, random), drums(bars, random)])
    assert len(notes) >= len(bars)
    assert (notes["onset"] >= 0).all()
    assert (notes["onset"] < 8 * beats).all()
    assert (notes["pitch"] > 20).all()
    assert (notes["pitch"] < 110).all()


def test_the_target_stands_at_the_hop_that_ends_a_little_behind_the_beat() -> None:
    at_s = HOP_S * np.arange(1.0, 101)
    target = targets(np.array([0.507, 1.004]), at_s)
    for beat in (0.507, 1.004):
        peak = int(np.argmin(np.abs(at_s - beat - DELAY_S)))
        assert target[peak] == 1
        assert target[peak - 1] == target[peak + 1] == 0.5
    assert target.sum() == 4


def test_a_gain_changes_nothing_of_what_is_heard() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    noise *= np.abs(np.sin(np.arange(RATE) * 12 / RATE)).astype(np.float32)
    loud, soft = heard(noise)[0], heard(0.1 * noise)[0]
    assert np.allclose(loud, soft, atol=1e-3)


def test_what_is_fitted_with_weights_says_probabilities() -> None:
    """A beat that is seen in one hop of four: the best constant answer, and what is left of it."""
    torch = pytest.importorskip("torch")
    from emohost.training.beat.training import BEAT_WEIGHT, DOWNBEAT_WEIGHT, as_probabilities
    from emohost.training.fitting.modules import Chain

    weights = torch.tensor([1 + BEAT_WEIGHT, 1 + DOWNBEAT_WEIGHT])
    share = 0.25
    module = Chain(torch.nn.Linear(3, 2), torch.nn.Sigmoid())
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].bias[:] = torch.log(weights * share / (1 - share))
    assert torch.allclose(as_probabilities(module)(torch.zeros(1, 3)), torch.tensor(share), atol=1e-6)


def test_the_tracker_takes_off_the_delay_that_the_network_is_taught() -> None:
    source = Path(__file__).parents[3] / "ext/core/hearing/beat/bar_pointer.cpp"
    found = re.search(r"kDelay_s =\s+([0-9.]+)", source.read_text())
    assert found is not None
    assert float(found[1]) == DELAY_S
