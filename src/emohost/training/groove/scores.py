"""How well the groove network says what drummers do whom it has not heard: the test split of the Groove MIDI Dataset.

Errors are mean squares, of which the mean per step is the best constant. What can be reached at all from this input is
told by nearest neighbours among the training passages: by the same valence and arousal, and by tempo, density and
loudness themselves, which the network is not told. What a groove leaves open is told by the mean of the very drummer's
other passages in the same take, which nobody can know beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost import emotion
from emohost.networks.load import Network
from emohost.training.data_sets.drummers import STEPS
from emohost.training.data_sets.folders import default_cache
from emohost.training.groove.data import Passages, load
from emohost.training.groove.sweeps import drums_at
from emohost.training.progress import Progress
from emohost.training.score import Score

SHARE = 0.85  # of the error of the mean per step: the target
NEIGHBOURS = 64
AROUSALS = tuple(np.linspace(-0.9, 0.9, 7).tolist())
VALENCES = (-0.8, 0.0, 0.8)

Float64 = NDArray[np.float64]
Guess = tuple[Float64, Float64]  # emphasis and offset, (n, 16)


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    passages = load(data, default_cache(), progress)
    train, test = passages.of("train"), passages.of("test")
    guesses = {
        "network": said(network, test.emotion),
        "mean per step": _mean(train, len(test.emotion)),
        f"{NEIGHBOURS} neighbours in emotion": _neighbours(train, train.emotion, test.emotion),
        f"{NEIGHBOURS} neighbours in tempo, density, loudness": _neighbours(
            train, np.log(train.cues), np.log(test.cues)
        ),
        "rest of the same take": _rest_of_take(test, _mean(train, len(test.emotion))),
    }
    squared, absolute = np.square, np.abs
    return [
        _score(
            "step emphasis, mean square error", guesses, lambda guess: emphasis_error(guess, test, squared)
        ),
        _score("timing offset, mean square error", guesses, lambda guess: offset_error(guess, test, squared)),
        _score(
            "step emphasis, mean absolute error",
            guesses,
            lambda guess: emphasis_error(guess, test, absolute),
            aim=False,
        ),
        _score(
            "timing offset, mean absolute error",
            guesses,
            lambda guess: offset_error(guess, test, absolute),
            aim=False,
        ),
        *_steering(network, progress),
        *_played_timing(network, passages, progress),
    ]


def said(network: Network, points: Float64) -> Guess:
    """Emphasis and offset for (n, 2) valence and arousal."""
    network.reset()
    steps = (
        network.process(emotion.encode(points[:, 0], points[:, 1])).astype(np.float64).reshape(-1, STEPS, 2)
    )
    return np.clip(steps[..., 0], -1, 1), np.clip(steps[..., 1], -0.5, 0.5)


def emphasis_error(guess: Guess, passages: Passages, size: Callable[[Float64], Float64]) -> float:
    return float(size(guess[0] - passages.emphasis).mean())


def offset_error(guess: Guess, passages: Passages, size: Callable[[Float64], Float64]) -> float:
    """Each sixteenth counts as often as it was struck."""
    return float((passages.hits * size(guess[1] - passages.offset)).sum() / passages.hits.sum())


def _score(name: str, guesses: dict[str, Guess], error: Callable[[Guess], float], aim: bool = True) -> Score:
    errors = {who: error(guess) for who, guess in guesses.items()}
    value = errors.pop("network")
    target = SHARE * errors["mean per step"] if aim else None
    return Score(name, value, target, higher_is_better=False, baselines=errors)


def _mean(train: Passages, count: int) -> Guess:
    offset = (train.hits * train.offset).sum(axis=0) / train.hits.sum(axis=0)
    return np.tile(train.emphasis.mean(axis=0), (count, 1)), np.tile(offset, (count, 1))


def _neighbours(train: Passages, known: Float64, asked: Float64) -> Guess:
    middle, scale = known.mean(axis=0), known.std(axis=0)
    known, asked = (known - middle) / scale, (asked - middle) / scale
    distance = np.square(asked[:, None] - known[None]).sum(axis=-1)
    nearest = np.argsort(distance, axis=1)[:, :NEIGHBOURS]
    hits = train.hits[nearest].sum(axis=1)
    offset = (train.hits * train.offset)[nearest].sum(axis=1) / np.maximum(hits, 1)
    return train.emphasis[nearest].mean(axis=1), offset


def _rest_of_take(passages: Passages, otherwise: Guess) -> Guess:
    """The mean of the take's other passages, where there are any that struck the sixteenth."""
    emphasis, offset = (guess.copy() for guess in otherwise)
    for index, take in enumerate(passages.take):
        others = passages.take == take
        others[index] = False
        hits = passages.hits[others].sum(axis=0)
        late = (passages.hits * passages.offset)[others].sum(axis=0) / np.maximum(hits, 1)
        offset[index] = np.where(hits > 0, late, offset[index])
        if others.any():
            emphasis[index] = passages.emphasis[others].mean(axis=0)
    return emphasis, offset


def _steering(network: Network, progress: Progress) -> list[Score]:
    """What the host's drums play of it, at rising arousal."""
    rises: dict[str, list[bool]] = {"density": [], "velocity": []}
    for done, valence in enumerate(VALENCES):
        progress("playing at rising arousal", done, len(VALENCES))
        played = [drums_at(network, valence, arousal) for arousal in AROUSALS]
        rises["density"] += list(np.diff([each.per_bar for each in played]) > 0)
        rises["velocity"] += list(np.diff([each.velocity for each in played]) > 0)
    progress("playing at rising arousal", len(VALENCES), len(VALENCES))
    return [
        Score(
            f"{what} of the drums played rises with arousal, share of {len(each)} steps",
            float(np.mean(each)),
            1.0,
        )
        for what, each in rises.items()
    ]


def _played_timing(network: Network, passages: Passages, progress: Progress) -> list[Score]:
    """The middle distance of hits from their sixteenth's own mean, as the host plays them and as drummers do."""
    drummers = float(np.nanmedian(passages.of("test").deviation))
    played = drums_at(network, 0.0, 0.3)
    return [
        Score(
            "micro-timing played, median deviation over that of the drummers",
            played.deviation / drummers,
            0.8,
            baselines={"straight time": 0.0},
        )
    ]
