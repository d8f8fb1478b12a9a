"""Taste: simulated listeners' likings are learnt within 30 ratings, and no rating leads beyond its reach."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.taste import REACH, Taste

Listener = Callable[[np.ndarray, np.ndarray], float]  # wanted, played -> how much it is liked
RATINGS, NOISE, SEEDS = 30, 0.15, range(8)
GRID = np.stack(np.meshgrid(*[np.linspace(-REACH, REACH, 9)] * 2), axis=-1).reshape(-1, 2)


def likes_an_offset(random: np.random.Generator) -> Listener:
    """Always somewhat brighter and calmer than what is felt, say."""
    offset = random.choice([-1, 1], 2) * random.uniform(0.15, 0.35, 2)
    return lambda x, played: 0.9 - 2.5 * float(((played - x - offset) ** 2).sum())


def likes_a_place(random: np.random.Generator) -> Listener:
    """The same mood, whatever is felt."""
    place = random.uniform(-0.7, 0.7, 2)
    return lambda x, played: 0.9 - 1.2 * float(((played - place) ** 2).sum())


def likes_more_of_it(random: np.random.Generator) -> Listener:
    """What is felt, exaggerated or softened."""
    factor = random.choice([0.4, 1.6], 2)
    return lambda x, played: 0.8 - 2.0 * float(((played - factor * x) ** 2).sum())


def is_picky(random: np.random.Generator) -> Listener:
    """One offset, and nothing much else: not of the model's shape."""
    offset = random.choice([-1, 1], 2) * random.uniform(0.15, 0.35, 2)
    return lambda x, played: 2 * float(np.exp(-((played - x - offset) ** 2).sum() / 0.18)) - 1


def regret(
    listener: Listener, random: np.random.Generator, offset: Callable[[np.ndarray], np.ndarray]
) -> float:
    """How much less than the best offset is liked, on average over what may be felt."""
    missed = []
    for _ in range(20):
        x = random.uniform(-0.6, 0.6, 2)
        best = max(listener(x, x + each) for each in GRID)
        missed.append(best - listener(x, x + offset(x)))
    return float(np.mean(missed))


def taught(listener: Listener, seed: int) -> Taste:
    random, taste = np.random.default_rng(seed), Taste(seed)
    for _ in range(RATINGS):
        x = random.uniform(-0.6, 0.6, 2)
        played = x + taste.offset(*x)
        rating = float(np.clip(listener(x, played) + NOISE * random.normal(), -1, 1))
        taste.rate((x[0], x[1]), (played[0], played[1]), rating)
    return taste


def offset_of(taste: Taste) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.array(taste.liked(x[0], x[1]))


@pytest.mark.parametrize("kind", [likes_an_offset, likes_a_place, likes_more_of_it, is_picky])
def test_thirty_ratings_teach_what_is_liked(kind: Callable[[np.random.Generator], Listener]) -> None:
    """At most a third of the regret of playing what is felt is left, and 0.2 of a scale of 2 with any seed but one."""
    learnt, none = [], []
    for seed in SEEDS:
        listener = kind(np.random.default_rng(100 + seed))
        taste = taught(listener, seed)
        learnt.append(regret(listener, np.random.default_rng(seed), offset_of(taste)))
        none.append(regret(listener, np.random.default_rng(seed), lambda x: np.zeros(2)))
    assert np.mean(learnt) < np.mean(none) / 3
    assert sorted(learnt)[-2] < 0.2


def test_without_a_rating_nothing_is_moved() -> None:
    assert Taste(3).offset(0.5, -0.5) == (0.0, 0.0)


Point = tuple[float, float]
points = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


@given(st.integers(0, 2**31), st.lists(st.tuples(points, points, st.floats(-1, 1)), max_size=20), points)
def test_no_rating_leads_beyond_the_reach(
    seed: int, ratings: list[tuple[Point, Point, float]], wanted: tuple[float, float]
) -> None:
    taste = Taste(seed)
    for x, played, rating in ratings:
        taste.rate(x, played, rating)
    for offset in (taste.offset(*wanted), taste.liked(*wanted)):
        assert max(map(abs, offset)) <= REACH


def test_the_same_ratings_and_seed_give_the_same_offsets_also_when_kept_in_between() -> None:
    listener = likes_an_offset(np.random.default_rng(1))
    one, other = taught(listener, 5), taught(listener, 5)
    again = Taste.load(one.save())
    assert one.offset(0.1, 0.2) == other.offset(0.1, 0.2) == again.offset(0.1, 0.2)
    for taste in (one, again):
        taste.rate((0.0, 0.0), (0.1, 0.1), 0.3)
    assert one.offset(0.1, 0.2) == again.offset(0.1, 0.2)


@pytest.mark.parametrize("rating", [1.01, -2, float("nan")])
def test_what_is_no_rating_teaches_nothing(rating: float) -> None:
    taste = Taste()
    with pytest.raises(ValueError, match="-1"):
        taste.rate((0, 0), (0, 0), rating)
    assert taste.ratings == 0


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", Taste().save()[:-9], Taste().save().replace(b"taste 1", b"x")]
)
def test_what_is_no_taste_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no taste"):
        Taste.load(data)
