"""The shipped groove network moves the host's drums as it promises, without any data at hand."""

from __future__ import annotations

import numpy as np
import pytest

from emohost import emotion
from emohost.networks import ROLES, Network, load_model
from emohost.packaged import packaged
from emohost.training.groove.sweeps import drums_at

AROUSALS = (-0.9, -0.45, 0.0, 0.45, 0.9)


@pytest.fixture(scope="module")
def groove() -> Network:
    network = load_model(packaged("models") / ROLES["groove"].file, "groove")
    if network.info.status != "trained":
        pytest.skip("the groove network that ships is untrained")
    return network


@pytest.mark.parametrize("valence", [-0.8, 0.0, 0.8])
def test_arousal_raises_density_and_velocity(groove: Network, valence: float) -> None:
    played = [drums_at(groove, valence, arousal) for arousal in AROUSALS]
    assert (np.diff([each.per_bar for each in played]) > 0).all()
    assert (np.diff([each.velocity for each in played]) > 0).all()


def test_beats_are_stressed_and_no_offset_leaves_its_step(groove: Network) -> None:
    grid = np.linspace(-1, 1, 11)
    valence, arousal = (axis.ravel() for axis in np.meshgrid(grid, grid))
    said = groove.process(emotion.encode(valence, arousal)).reshape(-1, 16, 2)
    assert (np.abs(said[..., 1]) < 0.5).all()
    middle = said[60, :, 0]
    assert middle[0::4].mean() > middle[1::2].mean()


def test_hands_waver_by_as_much_as_drummers_do(groove: Network) -> None:
    assert 0.05 < drums_at(groove, 0.0, 0.3).deviation < 0.1  # 0.07 in the Groove MIDI Dataset
