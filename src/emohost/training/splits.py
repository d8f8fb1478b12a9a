"""Which part of the data a piece belongs to: for ever the same, and for all its bars the same."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "validation", "test"]


def split_of(piece: str, validation: float = 0.1, test: float = 0.1) -> Split:
    """By a hash of the piece's name (not its path, which differs between machines): no piece changes sides when others
    come or go. Networks are fitted on 'train', their training is stopped by 'validation', scores are of 'test'."""
    digest = hashlib.sha256(piece.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"
