"""The callback under seccomp from Python: what a machine's own kernel says of it."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from small_engine import MakeEngine

from emohost import _core

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")


@pytest.fixture(autouse=True)
def _seal() -> None:
    endings = _core.try_seal()
    if "refuses" in "".join(endings.values()):
        pytest.skip(endings["a system call"])
    assert endings == {"a system call": "killed", "a heap that grows": "killed"}


def test_the_callback_lives_under_a_seal_that_kills(make_engine: MakeEngine, music: np.ndarray) -> None:
    engine = make_engine(play="always")
    result = engine.play_sealed(music[:, None], [64, 17, 480], 3000)
    assert result["ending"] == "came to its end"
    assert result["blocks"] == 3000
    assert result["notes"] > 0
    assert engine.frame == 0  # a copy played


def test_what_it_cannot_play_is_refused(make_engine: MakeEngine) -> None:
    engine = make_engine()
    for audio, sizes in ((np.zeros((0, 1), np.float32), [64]), (np.zeros((10, 1), np.float32), [0])):
        with pytest.raises(ValueError, match="at least"):
            engine.play_sealed(audio, sizes, 10)
    with pytest.raises(ValueError, match="at least"):
        engine.cost(np.zeros((10, 1), np.float32), 0)


def test_costs_are_told_for_each_kind_of_input(make_engine: MakeEngine, music: np.ndarray) -> None:
    costs = make_engine().cost(music[:, None], 480, rounds=1)
    assert next(iter(costs)) == "music"
    assert {len(durations) for durations in costs.values()} == {100}
    assert all(durations.min() > 0 for durations in costs.values())
