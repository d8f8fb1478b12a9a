"""Which part of the data a piece belongs to: for ever the same, and for all its bars the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from emohost.training.data_sets.folders import DataError

Split = Literal["train", "validation", "test"]


def require_all(found: Mapping[str, int], what: str) -> None:
    """Raises DataError unless something is found for each split."""
    if missing := [split for split in ("train", "validation", "test") if not found.get(split)]:
        raise DataError(
            f"{what}: expected some for each of train, validation and test; found "
            f"{sum(found.values())} in all and none for {' and '.join(missing)}: more data is needed"
        )


def split_of(piece: str, validation: float = 0.1, test: float = 0.1) -> Split:
    """By a hash of the piece's name (not its path, which differs between machines): no piece changes sides when others
    come or go. Networks are fitted on 'train', their training is stopped by 'validation', scores are of 'test'."""
    digest = hashlib.sha256(piece.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"
