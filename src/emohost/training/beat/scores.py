"""How well the beat network and the listener's bar pointer tell beats, hop by hop, of clips of songs and drummers that
the network has not heard, rendered with another soundfont. The baseline is the bar pointer on the mean rise of all
bands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from emohost.networks.load import Network
from emohost.training.beat.clips import COUNT, KINDS, Clip, clips
from emohost.training.beat.data import heard
from emohost.training.beat.measures import MEASURES, measured, tracked
from emohost.training.data_sets.folders import default_cache
from emohost.training.progress import Progress
from emohost.training.rendering.render import Float32
from emohost.training.score import Score

# Of what is asked of a band that follows its player: F of each kind, and what is asked of pop songs.
AIMS = {"band": 0.95, "pop": 0.90, "rubato": 0.70, "drums": 0.90}
POP = ("band", "pop")
POP_AIMS = {"CMLt": 0.85, "downbeat F": 0.70}
Answers = Callable[[Float32], Float32]  # features (hops, 128) to activations (hops, 2)


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    rows = []
    for done, clip in enumerate(clips(data, default_cache(), "test", progress)):
        rows.append((clip.kind, scores_of(clip, lambda x: _answers(network, x)), scores_of(clip, rises)))
        progress("telling beats", done + 1, COUNT["test"])
    scores = [
        Score(
            name=f"{name} of beats" if name != "downbeat F" else "F of downbeats",
            value=float(np.mean([network[name] for _, network, _ in rows])),
            baselines={"mean rise": float(np.mean([plain[name] for _, _, plain in rows]))},
        )
        for name in MEASURES
    ]
    for kind in KINDS:
        scores.append(_of((kind,), "F", rows, AIMS.get(kind)))
    return scores + [_of(POP, name, rows, aim) for name, aim in POP_AIMS.items()]


Row = tuple[
    str, dict[str, float], dict[str, float]
]  # kind of a clip, what the network reaches, and the baseline


def _of(kinds: tuple[str, ...], measure: str, rows: list[Row], aim: float | None) -> Score:
    chosen = [(network[measure], plain[measure]) for kind, network, plain in rows if kind in kinds]
    value, baseline = np.mean(chosen, axis=0).tolist()
    name = "F of downbeats" if measure == "downbeat F" else f"{measure} of beats"
    return Score(
        name=f"{name}, {' and '.join(kinds)}", value=value, target=aim, baselines={"mean rise": baseline}
    )


def scores_of(clip: Clip, answers: Answers) -> dict[str, float]:
    features, at_s = heard(clip.audio)
    return dict(measured(clip.beats, clip.downbeats, *tracked(answers(features), at_s)))


def rises(features: Float32) -> Float32:
    """The mean rise of all bands against its largest lately, as beat; downbeats unknown."""
    rise = features[:, features.shape[1] // 2 :].mean(axis=1)
    largest = np.empty_like(rise)
    top = 1e-6
    for k, value in enumerate(rise):
        top = max(0.995 * top, float(value))
        largest[k] = top
    activation = np.clip(rise / largest, 0, 1)
    return np.stack([activation, 0.3 * activation], axis=1).astype(np.float32)


def _answers(network: Network, features: Float32) -> Float32:
    network.reset()
    return network.process(features)
