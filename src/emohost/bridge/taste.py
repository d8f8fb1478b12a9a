"""Learns from ratings how far from the wanted point a person, or an audience, likes the music to be.

A rating is modelled as linear in features of the wanted point x and the offset d that was played (both axes, quadratic
in d), with Gaussian noise: Bayesian linear regression (C. M. Bishop, "Pattern Recognition and Machine Learning", 2006,
ch. 3). The next offset is drawn by Thompson sampling (W. R. Thompson, Biometrika 25, 1933; O. Chapelle and L. Li, "An
empirical evaluation of Thompson sampling", NIPS 2011): the best one under weights drawn from the posterior. An offset
is at most REACH in either axis, whatever the ratings. Without a rating it is 0. One thread at a time.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

REACH = 0.4
NOISE = 0.25  # standard deviation of one rating about the model
FEATURES = 11

# Before any rating: the further from what is wanted, the worse, and nothing else is known.
_PRIOR_MEAN = np.array([0.0, 0, 0, -0.3, -0.3, 0, 0, 0, 0, 0, 0])
_PRIOR_PRECISION = np.diag(np.full(FEATURES, 1 / 0.6**2))
_STEPS = np.linspace(-1, 1, 9)
_CANDIDATES = np.stack(np.meshgrid(_STEPS, _STEPS, indexing="ij"), axis=-1).reshape(-1, 2)
_FORMAT = "emohost-taste 1"


class Taste:
    """`seed` decides the draws: the same ratings and seed give the same offsets."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.ratings = 0
        self._precision: Float64 = _PRIOR_PRECISION.copy()
        self._moment: Float64 = _PRIOR_PRECISION @ _PRIOR_MEAN
        self._draw()

    def offset(self, valence: float, arousal: float) -> tuple[float, float]:
        """To add to the wanted point, for the next time it is played. Stays the same until the next rating."""
        return self._best(self._drawn, valence, arousal) if self.ratings else (0.0, 0.0)

    def liked(self, valence: float, arousal: float) -> tuple[float, float]:
        """The offset that is best as far as is known: what `offset` settles on."""
        return self._best(self.weights, valence, arousal) if self.ratings else (0.0, 0.0)

    def rate(self, wanted: tuple[float, float], played: tuple[float, float], rating: float) -> None:
        """Learns that `played`, where `wanted` was asked for, was liked by `rating`: -1 (not at all) to 1 (very much).
        What bounds held further away than REACH counts as that far. Raises ValueError for another rating."""
        if not -1 <= rating <= 1:
            raise ValueError("rating: expected a number from -1 (not at all) to 1 (very much)")
        offsets = np.clip((np.array(played) - np.array(wanted)) / REACH, -1, 1)
        features = _features(np.array(wanted), offsets[None])[0]
        self._precision += np.outer(features, features) / NOISE**2
        self._moment += features * rating / NOISE**2
        self.ratings += 1
        self._draw()

    @property
    def weights(self) -> Float64:
        """(FEATURES,) mean of the posterior."""
        return np.asarray(np.linalg.solve(self._precision, self._moment))

    def save(self) -> bytes:
        return json.dumps(
            {
                "format": _FORMAT,
                "seed": self.seed,
                "ratings": self.ratings,
                "precision": self._precision.tolist(),
                "moment": self._moment.tolist(),
            }
        ).encode()

    @classmethod
    def load(cls, data: bytes) -> Taste:
        """Raises ValueError for what `save` has not written."""
        try:
            found = json.loads(data)
            taste = cls(int(found["seed"]))
            taste.ratings = int(found["ratings"])
            taste._precision = np.array(found["precision"], float).reshape(FEATURES, FEATURES)
            taste._moment = np.array(found["moment"], float).reshape(FEATURES)
            if found["format"] != _FORMAT or not np.isfinite(taste._moment).all() or taste.ratings < 0:
                raise ValueError
            taste._draw()
        except (ValueError, KeyError, TypeError, RecursionError, np.linalg.LinAlgError):
            raise ValueError("no taste") from None
        return taste

    def _draw(self) -> None:
        """Weights from the posterior: mean plus a standard normal through the precision's factor."""
        random = np.random.default_rng([self.seed, self.ratings])
        factor = np.linalg.cholesky(self._precision)
        self._drawn: Float64 = self.weights + np.linalg.solve(factor.T, random.standard_normal(FEATURES))

    @staticmethod
    def _best(weights: Float64, valence: float, arousal: float) -> tuple[float, float]:
        expected = _features(np.array([valence, arousal]), _CANDIDATES) @ weights
        offset = REACH * _CANDIDATES[int(np.argmax(expected))]
        return float(offset[0]), float(offset[1])


def _features(wanted: Float64, offsets: Float64) -> Float64:
    """(n, FEATURES) for offsets (n, 2) in units of REACH."""
    (x, y), (d, e) = wanted, offsets.T
    one = np.ones(len(offsets))
    return np.stack(
        [one, d, e, d * d, e * e, x * one, y * one, x * x * one, y * y * one, x * d, y * e], axis=-1
    )
