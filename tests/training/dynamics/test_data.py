"""The dynamics network is taught with what the engine will feed it, and with what was played."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emohost import _core
from emohost.emotion import encode
from emohost.networks import ROLES, load_model
from emohost.packaged import packaged
from emohost.training.data_sets.pop909.pianists import _place_part
from emohost.training.data_sets.take import PARTS, Take
from emohost.training.dynamics.data import by_rule, pooled
from emohost.training.dynamics.scores import outputs


def empty_take(steps: int = 64) -> Take:
    return Take.empty(steps, 0.125, np.zeros(0, dtype=[("onset", "f8")]), 120.0)


def test_the_context_says_the_place_in_the_bar_and_what_is_heard() -> None:
    heard = np.zeros(3, dtype=_core.heard_dtype)
    heard["level"], heard["onset_density"], heard["key_clarity"] = 0.7, [2, 8, 20], 0.25
    rows = _core.dynamics_context(heard, np.array([0, 6, 15]), 120.0)
    assert rows[:, 4:8].argmax(axis=1).tolist() == [0, 1, 3]
    assert rows[:, 8:12].argmax(axis=1).tolist() == [0, 2, 3]
    assert np.allclose(rows[:, 2], [0.25, 1, 1])
    assert np.allclose(rows[:, [0, 14, 15]], [0.7, 0.25, 0.5])
    assert [_core.dynamics_context(heard, np.array([0, 0, 0]), bpm)[0, 15] for bpm in (30.0, 300.0)] == [0, 1]
    assert np.allclose(np.hypot(rows[:, 12], rows[:, 13]), 1)


def test_the_embedding_is_pooled_by_fours() -> None:
    points = np.array([[-0.5, 0.3], [0.9, -1.0]])
    code = encode(points[:, 0], points[:, 1])
    expected = [[code[row, 4 * i : 4 * i + 4].mean() for i in range(16)] for row in range(2)]
    assert np.allclose(pooled(points[:, 0], points[:, 1]), expected, atol=1e-6)


def test_velocity_and_gate_are_those_of_the_notes_that_begin_together() -> None:
    take = empty_take()
    _place_part(
        take,
        1,
        np.array([0.1, -0.1, 4.0, 40.0]),
        np.array([0.4, 0.6, 0.8, 0.5]),
        np.array([2.0, 4.0, 9.0, 1]),
    )
    assert np.allclose(take.velocity[[0, 4, 40], 1], [0.5, 0.8, 0.5])
    assert take.gate[0, 1] == pytest.approx((0.5 + 1.0) / 2)
    assert np.isnan(take.gate[[4, 40], 1]).all()  # the next note is too far off, or there is none
    assert np.isnan(take.velocity[:, [0, 2, 3]]).all()


@pytest.mark.parametrize(("on_beats", "sign"), [(0.9, 1), (0.6, 0), (0.3, -1)])
def test_an_accent_is_how_much_louder_the_beats_are(on_beats: float, sign: int) -> None:
    take = empty_take()
    take.velocity[::2, PARTS.index("drums")] = 0.6
    take.velocity[::4, PARTS.index("drums")] = on_beats
    assert (np.sign(np.round(take.accent() - 0.5, 9)) == sign).all()
    assert np.isnan(replace(take, velocity=np.full_like(take.velocity, np.nan)).accent()).all()


def test_calm_is_slow_of_attack_dull_and_far_away() -> None:
    calm, excited = by_rule(np.array([[0.0, -0.8], [0.0, 0.8]]), np.array([0.5, 0.5]))
    expression, brightness, modulation, reverb, chorus, attack, release = excited - calm
    assert min(expression, brightness, modulation) > 0.1
    assert max(reverb, chorus, attack, release) < -0.1


def test_arousal_raises_the_velocity_of_every_part() -> None:
    """Of the network that ships, whatever is heard."""
    network = load_model(packaged("models") / ROLES["dynamics"].file, "dynamics")
    if network.info.status != "trained":
        pytest.skip("the dynamics network that ships is untrained")
    heard = np.zeros(16, dtype=_core.heard_dtype)
    heard["level"] = 0.5
    places = _core.dynamics_context(heard, np.arange(16), 100.0).astype(np.float64)
    for valence in (-0.8, 0.0, 0.8):
        means = [
            outputs(network, np.tile([valence, arousal], (16, 1)), places)[:, :4].mean(axis=0)
            for arousal in np.linspace(-0.9, 0.9, 7)
        ]
        assert (np.diff(means, axis=0) > 0).all()
