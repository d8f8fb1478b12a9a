"""The collective: a mean that no node can take over, Kuramoto's resonance, and a pull in proportion to it."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost import emotion
from emohost.bridge.field.collective import NEUTRAL, Collective, collective, pull, shares

NODE = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1))


def of(*nodes: tuple[float, float, float], fresh: float = 1.0) -> Collective:
    valence, arousal, weight = np.array(nodes, dtype=float).reshape(-1, 3).T
    return collective(valence, arousal, weight, np.full(len(nodes), fresh))


def test_nobody_is_nothing() -> None:
    assert of() == Collective()
    assert of((0.5, 0.5, 1.0), fresh=0.0) == Collective()


@given(st.lists(NODE, min_size=1, max_size=40), NODE)
def test_one_node_moves_the_mean_by_its_stated_share_at_most(
    others: list[tuple[float, float, float]], bad: tuple[float, float, float]
) -> None:
    """4 / (n + 3) of n, whatever it claims and however unsure the others are."""
    before, after = of(*others), of(*others, bad)
    most = 4 / (len(others) + 1 + 3)
    away = math.hypot(bad[0] - before.valence, bad[1] - before.arousal)
    moved = math.hypot(after.valence - before.valence, after.arousal - before.arousal)
    assert moved <= most * away + 1e-9


def test_the_stated_share_is_reached_so_the_bound_means_something() -> None:
    share = shares(np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4))
    assert share[0] == pytest.approx(4 / 7)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_shares_are_one_together(nodes: list[tuple[float, float]]) -> None:
    weights, fresh = np.array(nodes).T
    total = shares(weights, fresh).sum()
    assert total == pytest.approx(1.0) or not fresh.any() or fresh.max() < 1e-300


@pytest.mark.parametrize("seed", range(5))
def test_resonance_is_kuramotos_order_parameter(seed: int) -> None:
    """For equal weights and nodes that are not neutral: the length and angle of the mean of exp(i theta)."""
    random = np.random.default_rng(seed)
    angles = random.uniform(-math.pi, math.pi, 12)
    radii = random.uniform(NEUTRAL, 1.0, 12)
    felt = of(*((r * math.cos(a), r * math.sin(a), 0.7) for r, a in zip(radii, angles, strict=True)))
    order = sum(cmath.exp(1j * angle) for angle in angles) / 12
    assert felt.resonance == pytest.approx(abs(order))
    assert felt.phase == pytest.approx(cmath.phase(order))


def test_all_alike_resonate_and_opposites_do_not() -> None:
    assert of((0.3, 0.3, 1.0), (0.8, 0.8, 1.0)).resonance == pytest.approx(1.0)
    assert of((0.5, 0.5, 1.0), (-0.5, -0.5, 1.0)).resonance == pytest.approx(0.0, abs=1e-12)


def test_neutral_nodes_have_no_phase_and_lower_the_resonance_without_a_jump() -> None:
    assert of((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)).resonance == 0
    near = [of((distance, 0.0, 1.0)).resonance for distance in np.linspace(0, 2 * NEUTRAL, 401)]
    assert near[-1] == pytest.approx(1.0)
    assert max(abs(np.diff(near))) < 0.01


def test_spread_is_the_distance_from_the_mean() -> None:
    assert of((0.5, 0.0, 1.0), (-0.5, 0.0, 1.0)).spread == pytest.approx(0.5)
    assert of((0.2, 0.1, 1.0), (0.2, 0.1, 0.3)).spread == pytest.approx(0.0, abs=1e-12)


@given(st.lists(NODE, max_size=20), st.floats(0, 30), st.floats(0, 1))
def test_the_pull_stays_within_the_influence(
    nodes: list[tuple[float, float, float]], others: float, influence: float
) -> None:
    embedding, weight = pull(of(*nodes), others, influence)
    assert 0 <= weight <= influence
    assert np.isfinite(embedding).all()


def test_the_pull_leads_to_the_mean_with_influence_times_resonance() -> None:
    felt = of((0.6, 0.6, 1.0), (0.6, -0.6, 1.0))
    embedding, weight = pull(felt, 1.0, 0.25)
    assert emotion.decode(embedding) == pytest.approx((0.6, 0.0), abs=1e-3)
    assert weight == pytest.approx(0.25 * felt.resonance)


def test_alone_there_is_no_pull_and_it_ends_as_the_last_other_fades() -> None:
    felt = of((0.6, 0.6, 1.0))
    assert pull(felt, 0.0, 1.0)[1] == 0
    assert [pull(felt, others, 1.0)[1] for others in (0.25, 0.5, 2.0)] == pytest.approx([0.25, 0.5, 1.0])
