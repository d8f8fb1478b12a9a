"""What makes one doubt that a model file holds a trained network, though every number in it is in order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from emohost.networks.formats.layers import WEIGHTED, Layer

ABSURD = 100.0  # root of the mean square of a layer's weights; those that training leaves are below 3
_NUMBERS = re.compile(rb"\[[-+0-9.eE,\s]*\]")
_MOST_KEYS = 3  # that are named


def doubts_about(layers: Sequence[Layer]) -> Iterator[str]:
    """A line for each layer whose weights no training leaves."""
    for layer in layers:
        if layer.kind not in WEIGHTED:
            continue
        weights = np.concatenate([each.ravel() for each in layer.weights])
        name = layer.label or layer.kind
        if not weights.any():
            yield f"{name}: all its weights are zero: its output never changes"
        elif (size := float(np.sqrt(np.mean(np.square(weights, dtype=np.float64))))) > ABSURD:
            yield (
                f"{name}: its weights are of the size of {size:.3g}, which no training leaves: its outputs jump "
                "from one limit to the other"
            )


def keys_given_twice(raw: bytes) -> str | None:
    """Names the keys of the same object that stand in a JSON text twice; the last one counts. `raw` is valid JSON."""
    twice: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen and key not in twice:
                twice.append(key)
            seen.add(key)

    json.loads(_NUMBERS.sub(b"[]", raw), object_pairs_hook=collect)  # numbers are nearly all of it
    if not twice:
        return None
    more = f" and {len(twice) - _MOST_KEYS} more" if len(twice) > _MOST_KEYS else ""
    return f"{', '.join(map(ascii, twice[:_MOST_KEYS]))}{more}: given twice; the last one counts"
