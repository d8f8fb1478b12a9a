"""How well the dynamics network says how loud and how long players play whom it has not heard: held-out songs of POP909
and the test split of the Groove MIDI Dataset, rendered with a soundfont that was not used in training.

Errors are mean squares in units of the network's outputs, averaged over the parts, of which the mean per place in the
bar is the best constant; mean absolute errors are told besides. The gate of drums is no player's doing (pads send
pulses) and does not count.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.networks.load import Network
from emohost.training.data_sets.folders import Arrays, default_cache
from emohost.training.data_sets.take import PARTS, STEPS
from emohost.training.dynamics.data import load, pooled
from emohost.training.progress import Progress
from emohost.training.score import Score

SHARE = 0.85  # of the error of the mean per place: the target
PITCHED = 3  # parts whose gate counts
AROUSALS = np.linspace(-0.9, 0.9, 7)
VALENCES = (-0.8, 0.0, 0.8)

Float64 = NDArray[np.float64]


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    train, test = (load(data, default_cache(), progress, split) for split in ("train", "test"))
    said = outputs(network, np.asarray(test["emotion"], dtype=np.float64), _column(test, "context"))
    scores, details = [], []
    for name, first, parts in (("velocity", 0, len(PARTS)), ("gate", 4, PITCHED)):
        wanted = _column(test, name)
        guesses = {
            "network": said[:, first : first + 4],
            "mean per place": _mean(train, name, test["place"]),
            "mean of the player": _mean_of_take(wanted, test["take"]),
        }
        by_part = {who: _errors(guess, wanted, 2)[:parts] for who, guess in guesses.items()}
        absolute = {who: _errors(guess, wanted, 1)[:parts] for who, guess in guesses.items()}
        scores.append(
            _score(f"{name}, mean square error", {who: float(e.mean()) for who, e in by_part.items()}, True)
        )
        scores.append(
            _score(f"{name}, mean absolute error", {w: float(e.mean()) for w, e in absolute.items()}, False)
        )
        details += [
            _score(
                f"{name} of {PARTS[part]}, mean square error",
                {w: float(e[part]) for w, e in by_part.items()},
                False,
            )
            for part in range(parts)
        ]
    return [*scores, *details, _steering(network, test)]


def outputs(network: Network, emotion: Float64, context: Float64) -> Float64:
    """(n, 16) for (n, 2) valence and arousal and (n, 16) context."""
    network.reset()
    return network.process(np.concatenate([pooled(emotion[:, 0], emotion[:, 1]), context], axis=1)).astype(
        np.float64
    )


def _column(arrays: Arrays, name: str) -> Float64:
    return np.asarray(arrays[name], dtype=np.float64)


def _errors(guess: Float64, wanted: Float64, power: int) -> Float64:
    """By part."""
    return np.asarray(np.nanmean(np.abs(guess - wanted) ** power, axis=0))


def _mean(train: Arrays, name: str, place: NDArray[np.generic]) -> Float64:
    values, places = _column(train, name), np.asarray(train["place"])
    table = np.stack([np.nanmean(values[places == each], axis=0) for each in range(STEPS)])
    return np.asarray(table[np.asarray(place, dtype=np.int64)])


def _mean_of_take(wanted: Float64, take: NDArray[np.generic]) -> Float64:
    """Of the very performance that is scored, which nobody can know beforehand: what a part's own mean reaches."""
    guess = np.zeros_like(wanted)
    for each in np.unique(take):
        own = take == each
        known = ~np.isnan(wanted[own])
        guess[own] = np.where(known, wanted[own], 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return guess


def _score(name: str, errors: dict[str, float], aim: bool) -> Score:
    simpler = {who: error for who, error in errors.items() if who != "network"}
    target = SHARE * simpler["mean per place"] if aim else None
    return Score(name, errors["network"], target, higher_is_better=False, baselines=simpler)


def _steering(network: Network, test: Arrays) -> Score:
    """Over contexts of the test split, as many as are spread evenly over it."""
    context = _column(test, "context")
    context = context[:: max(1, len(context) // 200)]
    rises = []
    for valence in VALENCES:
        means = []
        for arousal in AROUSALS:
            points = np.tile([valence, float(arousal)], (len(context), 1))
            means.append(outputs(network, points, context)[:, :4].mean(axis=0))
        rises.append(np.diff(means, axis=0) > 0)
    share = float(np.mean(rises))
    return Score(f"each part's velocity rises with arousal, share of {np.size(rises)} steps", share, 1.0)
