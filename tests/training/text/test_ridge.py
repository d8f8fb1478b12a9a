"""Fitting the text regressor: the solution is the ridge solution, and bad data is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emohost.bridge.text.regressor import load
from emohost.training.data_sets.emobank import CORPUS
from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.vader import lexicon, read
from emohost.training.text.ridge import Sparse, ridge
from emohost.training.text.training import train


def test_ridge_is_the_closed_solution() -> None:
    random = np.random.default_rng(3)
    dense = random.normal(size=(40, 25)) * (random.random((40, 25)) < 0.3)
    dense[7] = 0  # a row without entries
    rows = [(np.flatnonzero(row), row[np.flatnonzero(row)]) for row in dense]
    matrix, y = Sparse.of(rows, 25), random.normal(size=40)
    np.testing.assert_allclose(matrix.times(y[:25]), dense @ y[:25], atol=1e-12)
    np.testing.assert_allclose(matrix.transposed_times(y), dense.T @ y, atol=1e-12)
    expected = np.linalg.solve(dense.T @ dense + 0.7 * np.eye(25), dense.T @ y)
    np.testing.assert_allclose(ridge(matrix, y, 0.7), expected, atol=1e-6)


def test_rated_words_are_read_and_turned_around_by_a_negation(tmp_path: Path) -> None:
    file = tmp_path / "rated.txt"
    file.write_text(":)\t2.0\t0.1\t[2]\ngood\t2.0\t0.1\t[2]\nawful\t-2.5\t0.1\t[-2]\n", encoding="utf-8")
    rated = read(file)
    assert len(rated.names) == 2
    np.testing.assert_allclose(rated.strengths("a good day"), [2 / 2, 0])
    turned = np.array([0.74 * 2.5, 0.74 * 2]) / 7**0.5
    np.testing.assert_allclose(rated.strengths("It wasn't a good, awful day"), turned, rtol=1e-3)
    file.write_text("good\tvery\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"rated\.txt:1: expected a word and its rating"):
        read(file)


def test_the_lexicon_of_the_package_is_whole() -> None:
    assert len(lexicon().names) > 7000
    assert np.abs(lexicon().valences).max() <= 4


def corpus(folder: Path, lines: list[str]) -> Path:
    file = folder / "emobank" / CORPUS
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_what_good_and_bad_words_mean_is_learnt_and_written(tmp_path: Path) -> None:
    """A made-up set in which 'sun' is pleasant and 'storm' is exciting, among words that mean nothing."""
    random = np.random.default_rng(1)
    words = ["sun", "storm", *["table", "chair", "window", "letter", "paper", "street", "house", "garden"]]
    lines = ["id,split,V,A,D,text"]
    for number in range(400):
        chosen = list(random.choice(words, 4))
        valence = 3 + 0.5 * chosen.count("sun") + 0.1 * random.normal()
        arousal = 3 + 0.5 * chosen.count("storm") + 0.1 * random.normal()
        split = ("train", "train", "dev", "test")[number % 4]
        lines.append(f"{number},{split},{valence},{arousal},3,{' '.join(chosen)}")
    out = tmp_path / "made.npz"
    scores = train(corpus(tmp_path, lines), out, lambda what, done, total: None)
    assert scores[0].value > 0.8
    assert scores[1].value > 0.8
    regressor = load(out)
    sun, storm = regressor.estimate("sun table").mean, regressor.estimate("storm table").mean
    assert sun[0] > storm[0] + 1
    assert storm[1] > sun[1] + 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["id,split,V,text"], r"emobank\.csv:1: expected the columns .* none named A"),
        (["id,split,V,A,text", "1,train,3,3,fine", "2,train,high,3,x"], r"emobank\.csv:3: expected a split"),
        (["id,split,V,A,text", "1,other,3,3,fine"], r"emobank\.csv:2: expected a split"),
    ],
)
def test_bad_data_is_named_with_its_line(lines: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        train(corpus(tmp_path, lines), tmp_path / "x.npz", lambda what, done, total: None)
    assert not (tmp_path / "x.npz").exists()
