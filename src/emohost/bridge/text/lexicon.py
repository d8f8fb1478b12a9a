"""Words whose valence people have rated one by one: what the regressor knows of words that EmoBank is too small for.

The ratings are VADER's (C. J. Hutto and E. Gilbert, "VADER: A parsimonious rule-based model for sentiment analysis of
social media text", ICWSM 2014), from its package when the regressor is fitted, and then part of its file. A word after
a negation counts for less, and the other way round. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.bridge.text.ngrams import tokens, word_name

NEGATED = -0.74  # of its valence is left to a negated word; measured by Hutto and Gilbert
NEGATION_REACH = 3  # words after a negation
NEGATIONS = frozenset(
    {
        "not",
        "no",
        "never",
        "neither",
        "nor",
        "nobody",
        "none",
        "nothing",
        "nowhere",
        "without",
        "cannot",
        "hardly",
        "rarely",
        "seldom",
        "barely",
        "scarcely",
    }
)
MEASURES = 2  # numbers that `strengths` returns


@dataclass(frozen=True)
class Lexicon:
    names: NDArray[np.uint32]  # (n,) of words (ngrams.py), ascending
    valences: NDArray[np.float32]  # (n,) -4 to 4

    def strengths(self, text: str) -> NDArray[np.float64]:
        """(MEASURES,) how much is pleasant, how much unpleasant: sums over words by the root of their number."""
        found = tokens(text)
        valences = self._valences(found)
        for place, valence in enumerate(valences):
            before = found[max(place - NEGATION_REACH, 0) : place]
            if valence and any(word in NEGATIONS or word.endswith("n't") for word in before):
                valences[place] = NEGATED * valence
        words = sum(word[0].isalpha() for word in found)
        sums: list[float] = [valences[valences > 0].sum(), -valences[valences < 0].sum()]
        scaled: NDArray[np.float64] = np.array(sums) / np.sqrt(words + 1)
        return scaled

    def holds(self, names: NDArray[np.uint32]) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = self._find(names)[1]
        return known

    def _valences(self, words: list[str]) -> NDArray[np.float64]:
        places, known = self._find(np.array([word_name(word) for word in words], np.uint32))
        valences = np.zeros(len(words))
        valences[known] = self.valences[places[known]]
        return valences

    def _find(self, names: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each name is, and whether it is there at all."""
        if not len(self.names):
            return np.zeros(len(names), np.intp), np.zeros(len(names), np.bool_)
        places = np.minimum(np.searchsorted(self.names, names), len(self.names) - 1)
        return places, self.names[places] == names
