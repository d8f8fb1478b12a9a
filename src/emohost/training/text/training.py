"""Fits the text regressor to EmoBank: ridge regression over weighted n-grams and rated words. There is no chance in it.

The training split is fitted; the penalty of each axis, the scale of the estimates and what they explain are settled on
the dev split; only scores.py reads the test split.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost import __version__
from emohost.bridge.text.lexicon import MEASURES, Lexicon
from emohost.bridge.text.ngrams import Ngrams, ngrams
from emohost.bridge.text.regressor import TextRegressor, Vocabulary
from emohost.files import write_whole
from emohost.training.data_sets.emobank import AXES, Sentences, read
from emohost.training.data_sets.vader import lexicon
from emohost.training.progress import Progress
from emohost.training.score import Score
from emohost.training.text.ridge import Sparse, ridge
from emohost.training.text.scores import evaluate

MIN_TEXTS = 2  # an n-gram of fewer training texts has no weight
PENALTIES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
# A text in English has most of its words known (95 of 100 dev sentences more than half); one in German or Spanish has
# some in common by chance, up to about a third.
COVERAGE_RANGE = (0.35, 0.65)

DATA = (
    "EmoBank, S. Buechel and U. Hahn, EACL 2017 (https://github.com/JULIELab/EmoBank), CC BY-SA 4.0; "
    "its texts are from MASC (Ide et al. 2010) and SemEval-2007 Task 14 (Strapparava and Mihalcea 2007). "
    "Ratings of single words: VADER, C. J. Hutto and E. Gilbert, ICWSM 2014 "
    "(https://github.com/cjhutto/vaderSentiment), MIT, Copyright (c) 2016 C.J. Hutto"
)
LICENCE = "CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/), derived from EmoBank"

Float64 = NDArray[np.float64]
Blocks = tuple[Ngrams, ...]


def train(data: Path, out: Path, progress: Progress) -> list[Score]:
    """Fits, writes `out` (one file, .npz) and scores what was written on the test split. Raises EmohostError (DataError
    for bad data), OSError."""
    splits = read(data)
    regressor = fit(splits["train"], splits["dev"], lexicon(), progress)
    write_whole(out, regressor.save())
    return evaluate(data, out, progress)


def fit(train: Sentences, dev: Sentences, rated: Lexicon, progress: Progress) -> TextRegressor:
    blocks = _blocks(train, progress)
    vocabulary = _vocabulary(blocks)
    matrix = _matrix(train, blocks, vocabulary, rated)
    held_out = _matrix(dev, _blocks(dev, progress), vocabulary, rated)
    mean, spread = train.ratings.mean(axis=0), train.ratings.std(axis=0)
    wanted, dev_wanted = (train.ratings - mean) / spread, (dev.ratings - mean) / spread
    weights, chosen = np.zeros((matrix.width, 2)), []
    for axis, name in enumerate(AXES):
        found = []
        for done, penalty in enumerate(PENALTIES):
            progress(f"{name}: penalties", done, len(PENALTIES))
            w = ridge(matrix, wanted[:, axis], penalty)
            found.append((_correlation(held_out.times(w), dev_wanted[:, axis]), penalty, w))
        progress(f"{name}: penalties", len(PENALTIES), len(PENALTIES))
        _, penalty, weights[:, axis] = max(found, key=lambda each: each[0])
        chosen.append(penalty)
    slope, intercept, explained = _calibrated(held_out, weights, dev_wanted)
    metadata = {
        "role": "text",
        "version": __version__,
        "status": "trained",
        "outputs": "expected valence and arousal of EmoBank, in standard deviations of all training ratings",
        "rating_mean": mean.tolist(),
        "rating_spread": spread.tolist(),
        "data": DATA,
        "licence": LICENCE,
        "penalties": chosen,
        "command": "emohost train text --data DIR",
    }
    weights *= slope
    return TextRegressor(
        vocabulary,
        weights[:-MEASURES].astype(np.float32),
        rated,
        weights[-MEASURES:],
        intercept,
        explained,
        COVERAGE_RANGE,
        metadata,
    )


def _blocks(sentences: Sentences, progress: Progress) -> list[Blocks]:
    count = len(sentences.texts)
    found: list[Blocks] = []
    for done, text in enumerate(sentences.texts):
        if done % 500 == 0:
            progress(f"n-grams of {count} sentences", done, count)
        found.append(ngrams(text))
    progress(f"n-grams of {count} sentences", count, count)
    return found


def _vocabulary(texts: Sequence[Blocks]) -> Vocabulary:
    """Inverse document frequency, smoothed as if one more text held everything."""
    names, held_by = np.unique(
        np.concatenate([block.names for blocks in texts for block in blocks]), return_counts=True
    )
    names, held_by = names[held_by >= MIN_TEXTS], held_by[held_by >= MIN_TEXTS]
    idf = np.log((len(texts) + 1) / (held_by + 1)) + 1
    # As they will be read from the file.
    rounded = idf.astype(np.float16).astype(np.float32)
    return Vocabulary(names, rounded, float(np.log(len(texts) + 1) + 1))


def _matrix(sentences: Sentences, texts: Sequence[Blocks], vocabulary: Vocabulary, rated: Lexicon) -> Sparse:
    """N-grams, and in the last columns the strengths of rated words."""
    last = len(vocabulary.names) + np.arange(MEASURES)
    rows = []
    for text, blocks in zip(sentences.texts, texts, strict=True):
        weighed = [*(vocabulary.weigh(block) for block in blocks), (last, rated.strengths(text))]
        rows.append((np.concatenate([w[0] for w in weighed]), np.concatenate([w[1] for w in weighed])))
    return Sparse.of(rows, len(vocabulary.names) + MEASURES)


def _calibrated(matrix: Sparse, weights: Float64, wanted: Float64) -> tuple[Float64, Float64, Float64]:
    """Per axis: slope and intercept of the ratings over the estimates, and the share of variance they explain."""
    lines = []
    for axis in range(len(AXES)):
        estimate, rating = matrix.times(weights[:, axis]), wanted[:, axis]
        slope, intercept = np.polyfit(estimate, rating, 1)
        lines.append((slope, intercept, _correlation(estimate, rating) ** 2))
    slopes, intercepts, explained = np.array(lines).T
    return slopes, intercepts, explained


def _correlation(a: Float64, b: Float64) -> float:
    return float(np.corrcoef(a, b)[0, 1])
