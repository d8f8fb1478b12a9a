"""VADER's lexicon, from the package vaderSentiment (MIT licence) of the extra `train`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from emohost.bridge.text.lexicon import Lexicon
from emohost.bridge.text.ngrams import word_name
from emohost.errors import EmohostError
from emohost.training.data_sets.folders import DataError
from emohost.training.extra import TRAIN_EXTRA


def lexicon() -> Lexicon:
    """The valence of its words; emoticons and the like are left out. Raises EmohostError without the package."""
    found = importlib.util.find_spec("vaderSentiment")  # not imported: it would pull in requests
    if found is None or not found.submodule_search_locations:
        raise EmohostError(f"fitting the text regressor needs vaderSentiment: {TRAIN_EXTRA}")
    return read(Path(found.submodule_search_locations[0]) / "vader_lexicon.txt")


def read(file: Path) -> Lexicon:
    """Lines of word, mean rating from -4 to 4, and more, separated by tabs. Raises DataError."""
    rated: dict[int, float] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        word, *rest = line.split("\t")
        try:
            valence = float(rest[0])
        except (IndexError, ValueError):
            raise DataError(f"{file}:{number}: expected a word and its rating") from None
        if word.isalpha():
            rated[word_name(word.lower())] = valence
    names = sorted(rated)
    valences = np.array([rated[name] for name in names], np.float16).astype(np.float32)
    return Lexicon(np.array(names, np.uint32), valences)
