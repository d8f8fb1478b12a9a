"""What comes of one input, and the way from it to the ring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emohost.bridge.consent import ConsentError

Embedding = NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """Of `UnifiedFramework.create_with_consent`. Holds what was inferred, nothing of what was sent."""

    created: bool
    reason: str | None = None  # why nothing was created
    valence: float | None = None  # [-1, 1], what is felt; None where nothing was created, as are
    arousal: float | None = None  # [-1, 1]
    variance: tuple[float, float] | None = None  # of valence and arousal
    weight: float | None = (
        None  # [0, 1] how much is known: a share for the ring, `ring.write(e, result.weight)`
    )
    intent: str | None = None
    used: tuple[str, ...] = ()  # signals that told something
    left_out: Mapping[str, str] = field(default_factory=dict)  # signal: why
    _release: Callable[[], Embedding] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def refused(cls, reason: str) -> Result:
        return cls(created=False, reason=reason)


def extract_emotion_embedding(result: Result) -> Embedding:
    """float32 (64,): the point to play, coded for the ring, as far as the bounds on steering let it go now.

    Extracting later again goes on from there. Raises ConsentError if nothing was created, or if since then consent has
    ended or a stop was asked for.
    """
    if not result.created or result._release is None:
        raise ConsentError(f"nothing was created: {result.reason}")
    return result._release()
