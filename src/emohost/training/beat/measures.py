"""How well beats are found: mir_eval's measures, as MIREX takes them (the first five seconds do not count)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emohost import _core
from emohost.offline.beats import beats_of
from emohost.training.beat.data import HOP_S
from emohost.training.rendering.render import Float32

Float64 = NDArray[np.float64]
MEASURES: Final = ("F", "CMLt", "AMLt", "downbeat F")


def tracked(activations: Float32, at_s: Float64) -> tuple[Float64, Float64]:
    """Beats and downbeats in seconds, by the listener's bar pointer, from the network's answers (hops, 2) to the hops
    that end at `at_s`. What comes later plays no part in when a beat is found."""
    heard = _core.track_beats(activations, HOP_S)
    return beats_of(at_s, heard["tempo"], heard["beat_phase"], heard["beat_in_bar"])


def f_of_beats(beats: Float64, said: Float64) -> float:
    from mir_eval import beat

    return float(beat.f_measure(beat.trim_beats(beats), beat.trim_beats(said)))


def measured(beats: Float64, downbeats: Float64, said: Float64, said_down: Float64) -> Mapping[str, float]:
    """Each of MEASURES, 0 to 1; F counts beats within 70 ms."""
    from mir_eval import beat

    truth, found = beat.trim_beats(beats), beat.trim_beats(said)
    _, correct, _, any_level = beat.continuity(truth, found)
    down = beat.f_measure(beat.trim_beats(downbeats), beat.trim_beats(said_down))
    values = (beat.f_measure(truth, found), correct, any_level, down)
    return {name: float(value) for name, value in zip(MEASURES, values, strict=True)}
