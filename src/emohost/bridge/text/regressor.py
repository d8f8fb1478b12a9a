"""The regressor at run time: a text to valence and arousal with a variance. numpy alone; nothing of a text is kept.

What it says of a text in English is the expected rating of EmoBank's readers and writers, in standard deviations of all
ratings. How far that can be trusted is told by `coverage`: the share of the text's words that the training texts held,
rare ones counting more. Gibberish and other languages have little, and get an estimate near 0 with a wide variance.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emohost.bridge.text.lexicon import MEASURES, Lexicon
from emohost.bridge.text.ngrams import Ngrams, ngrams, word_names
from emohost.errors import ModelError
from emohost.packaged import packaged

FILE = "textemotion.npz"
FORMAT = "emohost-text 2"
MAX_BYTES = 5_000_000

Float64 = NDArray[np.float64]


class TextEstimate(NamedTuple):
    """Of one text, in standard deviations of EmoBank's ratings: the expected rating, and the variance left."""

    mean: Float64  # (2,) valence, arousal
    variance: Float64  # (2,) of the rating around `mean`, up to 1: nothing is known
    coverage: float  # [0, 1] share of the words that are known


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that have a weight, and what each counts."""

    names: NDArray[np.uint32]  # (n,) ascending
    idf: NDArray[np.float32]  # (n,)
    unknown_idf: float  # of an n-gram that no training text held

    def weigh(self, block: Ngrams) -> tuple[NDArray[np.intp], Float64]:
        """Places in `names` of the block's known n-grams, and their values: logarithmic count times idf, over the
        length of the whole block, so that what is unknown makes the known count less."""
        places = np.minimum(np.searchsorted(self.names, block.names), max(len(self.names) - 1, 0))
        known = self.names[places] == block.names if len(self.names) else np.zeros(len(places), bool)
        values = (1 + np.log(block.counts)) * np.where(known, self.idf[places], self.unknown_idf)
        length = float(np.sqrt((values**2).sum()))
        return places[known], values[known] / max(length, 1e-12)

    def coverage(self, words: NDArray[np.uint32], lexicon: Lexicon) -> float:
        """Share of `words` (names) that are known here or in `lexicon`, each counting as its idf; 0 for none at all."""
        if not len(words) or not len(self.names):
            return 0.0
        places = np.minimum(np.searchsorted(self.names, words), len(self.names) - 1)
        seen = self.names[places] == words
        counts = np.where(seen, self.idf[places], self.unknown_idf)
        return float(counts[seen | lexicon.holds(words)].sum() / counts.sum())


@dataclass(frozen=True)
class TextRegressor:
    """Any number of threads may use one."""

    vocabulary: Vocabulary
    weights: NDArray[np.float32]  # (n, 2)
    lexicon: Lexicon
    lexicon_weights: Float64  # (MEASURES, 2)
    intercept: Float64  # (2,)
    explained: Float64  # (2,) share of the ratings' variance that a text of full coverage explains, in (0, 1)
    coverage_range: tuple[float, float]  # below the first nothing is believed, above the second all
    metadata: Mapping[str, Any]

    def raw(self, text: str) -> Float64:
        """(2,) the regression alone, without regard to coverage."""
        total = self.intercept + self.lexicon.strengths(text) @ self.lexicon_weights
        for block in ngrams(text):
            places, values = self.vocabulary.weigh(block)
            total += values @ self.weights[places]
        return np.asarray(total)

    def estimate(self, text: str) -> TextEstimate:
        """Never raises for a str. Reads its first 2,000 characters."""
        coverage = self.vocabulary.coverage(word_names(text), self.lexicon)
        low, high = self.coverage_range
        trust = float(np.clip((coverage - low) / (high - low), 0, 1))
        return TextEstimate(trust * self.raw(text), 1 - trust * self.explained, coverage)

    @cached_property
    def parameters(self) -> int:
        return int(self.weights.size + self.lexicon_weights.size + self.intercept.size)

    def save(self) -> bytes:
        """As the content of a file that `load` reads. Weights are rounded to float16."""
        meta = {**self.metadata, "format": FORMAT}
        out = io.BytesIO()
        np.savez_compressed(
            out,
            names=self.vocabulary.names,
            idf=self.vocabulary.idf.astype(np.float16),
            weights=self.weights.astype(np.float16),
            lexicon_names=self.lexicon.names,
            lexicon_valences=self.lexicon.valences.astype(np.float16),
            lexicon_weights=self.lexicon_weights,
            unknown_idf=np.float64(self.vocabulary.unknown_idf),
            intercept=self.intercept,
            explained=self.explained,
            coverage_range=np.array(self.coverage_range, np.float64),
            metadata=np.frombuffer(json.dumps(meta, indent=1).encode(), np.uint8),
        )
        return out.getvalue()


def packaged_file() -> Path:
    """The regressor that comes with emohost."""
    return packaged("models") / FILE


def load(path: Path) -> TextRegressor:
    """Raises ModelError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path}: found {path.stat().st_size} bytes; expected at most {MAX_BYTES}")
        with np.load(path, allow_pickle=False) as arrays:
            return _checked(path, {name: arrays[name] for name in arrays.files})
    except FileNotFoundError:
        raise ModelError(f"{path}: no such file; expected the text regressor (emohost train text)") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: found no text regressor: {error}") from None


_SHAPES: dict[str, tuple[str, int]] = {
    "names": ("u", 1),
    "idf": ("f", 1),
    "weights": ("f", 2),
    "lexicon_names": ("u", 1),
    "lexicon_valences": ("f", 1),
    "lexicon_weights": ("f", 2),
    "unknown_idf": ("f", 0),
    "intercept": ("f", 1),
    "explained": ("f", 1),
    "coverage_range": ("f", 1),
    "metadata": ("u", 1),
}


def _checked(path: Path, arrays: dict[str, NDArray[Any]]) -> TextRegressor:
    for name, (kind, dimensions) in _SHAPES.items():
        found = arrays.get(name)
        if found is None:
            raise ModelError(f"{path}: found no {name}; expected a text regressor")
        if found.dtype.kind != kind or found.ndim != dimensions:
            raise ModelError(f"{path}: {name}: found {found.dtype} of {found.ndim} axes")
        if kind == "f" and not np.isfinite(found).all():
            raise ModelError(f"{path}: {name}: found NaN or infinity; expected finite numbers")
    names, explained = arrays["names"], arrays["explained"]
    low, high = (float(each) for each in _sized(path, arrays, "coverage_range", (2,)))
    rated = arrays["lexicon_names"]
    for name, shape in {
        "idf": (len(names),),
        "weights": (len(names), 2),
        "lexicon_valences": (len(rated),),
        "lexicon_weights": (MEASURES, 2),
        "intercept": (2,),
    }.items():
        _sized(path, arrays, name, shape)
    for name in ("names", "lexicon_names"):
        if (np.diff(arrays[name].astype(np.int64)) <= 0).any():
            raise ModelError(f"{path}: {name}: found an order that does not rise")
    if not (_sized(path, arrays, "explained", (2,)) > 0).all() or not (explained < 1).all():
        raise ModelError(f"{path}: explained: expected shares between 0 and 1")
    if not 0 <= low < high <= 1:
        raise ModelError(f"{path}: coverage_range: found {low:g} to {high:g}; expected 0 <= low < high <= 1")
    try:
        metadata = json.loads(arrays["metadata"].tobytes())
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise ModelError(f"{path}: metadata: expected the format {FORMAT!r}")
    vocabulary = Vocabulary(
        names.astype(np.uint32), arrays["idf"].astype(np.float32), float(arrays["unknown_idf"])
    )
    return TextRegressor(
        vocabulary,
        arrays["weights"].astype(np.float32),
        Lexicon(rated.astype(np.uint32), arrays["lexicon_valences"].astype(np.float32)),
        arrays["lexicon_weights"].astype(np.float64),
        arrays["intercept"].astype(np.float64),
        explained.astype(np.float64),
        (low, high),
        metadata,
    )


def _sized(path: Path, arrays: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if arrays[name].shape != shape:
        raise ModelError(f"{path}: {name}: found shape {arrays[name].shape}; expected {shape}")
    return arrays[name]
