"""Scores of the text regressor on EmoBank's test split. It needs only numpy."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from emohost.bridge.text.regressor import load
from emohost.training.data_sets.emobank import AXES, read
from emohost.training.progress import Progress
from emohost.training.score import Score

TARGETS = (0.50, 0.28)  # correlations, by axis
LONGEST_MS = 5.0
LARGEST_MB = 5.0


def evaluate(data: Path, file: Path, progress: Progress) -> list[Score]:
    """Of the regressor in `file`. Raises DataError, ModelError."""
    regressor = load(file)
    test = read(data)["test"]
    started, estimates = time.thread_time(), []
    for done, text in enumerate(test.texts):
        if done % 100 == 0:
            progress("scoring the test split", done, len(test.texts))
        estimates.append(regressor.estimate(text).mean)
    each_ms = 1e3 * (time.thread_time() - started) / len(test.texts)
    progress("scoring the test split", len(test.texts), len(test.texts))
    found = np.array(estimates)
    correlations = [np.corrcoef(found[:, axis], test.ratings[:, axis])[0, 1] for axis in range(len(AXES))]
    scores = [
        Score(f"{name}, correlation with ratings", float(correlation), target)
        for name, correlation, target in zip(AXES, correlations, TARGETS, strict=True)
    ]
    return [
        *scores,
        Score("processor time a sentence, mean", each_ms, LONGEST_MS, higher_is_better=False, unit="ms"),
        Score("file", len(regressor.save()) / 1e6, LARGEST_MB, higher_is_better=False, unit="MB"),
    ]
