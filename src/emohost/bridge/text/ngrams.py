"""A text as counted n-grams: what the regressor knows of it. Training and playing share this room.

Words and pairs of words see what is said; runs of characters inside a word see its stem and ending. Each n-gram is
named by the CRC-32 of its UTF-8 bytes, which is the same in every process and on every machine. Pure; any thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 2000  # what follows is not read: time stays bounded whatever is typed
MAX_WORD = 40  # characters; a longer run without a space is no word
CHARACTER_RUNS = (3, 4, 5, 6)

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[!?]+|\.{2,}")


@dataclass(frozen=True)
class Ngrams:
    """One block of a text: distinct n-grams and how often each occurs."""

    names: NDArray[np.uint32]  # (n,)
    counts: NDArray[np.float64]  # (n,)


def tokens(text: str) -> list[str]:
    """Words in lower case, and runs of '!', '?' and '...'; digits and other signs are left out."""
    found = _TOKEN.findall(text[:MAX_CHARACTERS].lower().replace("\u2019", "'"))
    return [token[:MAX_WORD] for token in found]


def ngrams(text: str) -> tuple[Ngrams, Ngrams]:
    """The blocks `words` and `characters`, in this order. Empty for a text without a word."""
    found = tokens(text)
    return _counted(_words(found)), _counted(_characters(found))


def word_names(text: str) -> NDArray[np.uint32]:
    """(n,) the names of the single words, in order, signs left out."""
    return np.array([word_name(token) for token in tokens(text) if token[0].isalpha()], np.uint32)


def word_name(word: str) -> int:
    """Of one token."""
    return _name("w", word)


def _words(found: list[str]) -> Iterator[int]:
    for place, token in enumerate(found):
        yield word_name(token)
        if place:
            yield _name("w", f"{found[place - 1]} {token}")


def _characters(found: list[str]) -> Iterator[int]:
    for token in found:
        padded = f" {token} "
        for length in CHARACTER_RUNS:
            for start in range(max(len(padded) - length + 1, 1)):
                yield _name("c", padded[start : start + length])


def _name(block: str, ngram: str) -> int:
    return crc32(f"{block}:{ngram}".encode("utf-8", "replace"))


def _counted(names: Iterator[int]) -> Ngrams:
    counts = Counter(names)
    return Ngrams(
        np.fromiter(counts.keys(), np.uint32, len(counts)),
        np.fromiter(counts.values(), np.float64, len(counts)),
    )
