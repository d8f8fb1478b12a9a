"""The text regressor: what it scores, that it knows what it does not know, and that nothing makes it fail."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.text.ngrams import MAX_CHARACTERS, ngrams
from emohost.bridge.text.regressor import MAX_BYTES, load, packaged_file
from emohost.errors import ModelError
from emohost.training.text.scores import TARGETS, evaluate

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("EMOHOST_DATA", ROOT.parent / "shared" / "data"))
REGRESSOR = load(packaged_file())

ELSEWHERE = (
    "Ich bin heute so traurig und allein in der Nacht",
    "Je suis tellement heureux aujourd'hui, c'est magnifique",
    "Estoy muy triste y solo esta noche",
    "Oggi sono felice e il sole splende",
    "Jag är så ledsen i natt och alla är borta",
    "Nie mam siły, jest mi bardzo smutno",
    "私はとても悲しい",
    "Сегодня я очень счастлив",
    "أنا سعيد جدا اليوم",
    "asdf qwer zxcv lkjh",
    "xkcd blorf snarg wibble",
    "",
    "!!! 12345 ...",
)
PAIRS = (  # happier, sadder
    ("I am so happy today!", "I am so sad and lonely"),
    ("What a wonderful, lovely day", "What a terrible, awful day"),
    ("They won the prize and celebrated.", "He was killed in the war."),
    ("Thank you, I love it", "I hate it, it hurts"),
    ("I am happy", "I am not happy"),
)


def nothing(what: str, done: float, total: float) -> None:
    pass


@pytest.mark.skipif(not (DATA / "emobank").is_dir(), reason=f"needs EmoBank in {DATA}")
def test_scores_on_the_test_split_reach_their_targets() -> None:
    valence, arousal, _, size = evaluate(DATA, packaged_file(), nothing)
    assert (valence.target, arousal.target) == TARGETS
    assert valence.reached
    assert arousal.reached
    assert size.reached


@pytest.mark.parametrize(("happier", "sadder"), PAIRS)
def test_opposite_sentences_come_out_in_order(happier: str, sadder: str) -> None:
    assert REGRESSOR.estimate(happier).mean[0] > REGRESSOR.estimate(sadder).mean[0] + 0.5


@pytest.mark.parametrize("text", ELSEWHERE)
def test_other_languages_and_gibberish_are_near_neutral_with_a_wide_variance(text: str) -> None:
    english = REGRESSOR.estimate("I am so happy today!")
    found = REGRESSOR.estimate(text)
    assert np.abs(found.mean).max() < 0.1
    assert (found.variance > 0.95).all()
    assert (found.variance > english.variance + 0.2).all()


@given(st.text(max_size=300))
def test_any_text_gets_an_estimate(text: str) -> None:
    mean, variance, coverage = REGRESSOR.estimate(text)
    assert np.isfinite(mean).all()
    assert ((variance > 0) & (variance <= 1)).all()
    assert 0 <= coverage <= 1


def test_lone_surrogates_and_endless_words_get_an_estimate() -> None:
    for text in ("\ud800 happy", "a" * 10**6, "happy " * 10**5):
        assert np.isfinite(REGRESSOR.estimate(text).mean).all()


def test_what_follows_the_limit_is_not_read() -> None:
    head = "calm " * (MAX_CHARACTERS // 5)
    for one, other in zip(ngrams(head), ngrams(head + "furious"), strict=True):
        np.testing.assert_array_equal(one.names, other.names)


def test_the_licence_travels_in_the_file() -> None:
    assert "CC BY-SA 4.0" in REGRESSOR.metadata["licence"]
    assert "EmoBank" in REGRESSOR.metadata["data"]
    assert packaged_file().stat().st_size < MAX_BYTES


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "again.npz"
    file.write_bytes(REGRESSOR.save())
    np.testing.assert_array_equal(
        load(file).estimate("a fine day").mean, REGRESSOR.estimate("a fine day").mean
    )


def arrays() -> dict[str, np.ndarray]:
    with np.load(packaged_file()) as found:
        return {name: found[name] for name in found.files}


BROKEN: dict[str, Callable[[Any], Any]] = {
    "names": lambda x: x[::-1],
    "idf": lambda x: x[:-1],
    "weights": lambda x: np.where(np.arange(len(x))[:, None] == 7, np.nan, x),
    "explained": lambda x: x * 0,
    "coverage_range": lambda x: x[::-1],
    "lexicon_names": lambda x: x[::-1],
    "lexicon_weights": lambda x: x[:1],
    "metadata": lambda x: x[:5],
    "intercept": lambda x: x.astype(int),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_file_is_one_error_that_names_it(name: str, tmp_path: Path) -> None:
    found = arrays()
    found[name] = BROKEN[name](found[name])
    out = io.BytesIO()
    np.savez(out, allow_pickle=True, **found)
    file = tmp_path / "bad.npz"
    file.write_bytes(out.getvalue())
    with pytest.raises(ModelError, match=rf"bad\.npz: {name}: ") as caught:
        load(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all", None])
def test_what_is_no_archive_is_one_error(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "x.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.npz: ") as caught:
        load(file)
    assert "\n" not in str(caught.value)
