"""What the listener hears of clips hop by hop, and the beats that the network is to tell from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emohost import _core
from emohost.training.beat.clips import BATCH, COUNT, SETS, VERSION, Clip, batch_of_clips, sheets_of
from emohost.training.data_sets.folders import Arrays, kept, stamp
from emohost.training.data_sets.splits import Split
from emohost.training.progress import Progress
from emohost.training.rendering.render import RATE, Float32

HOP_S: Final = 0.02
BANDS: Final = 64
FULL_RISE: Final = 3.0  # decades, as in ext/core/hearing/beat/beat_features.cpp
DECADES: Final = 6.0
# The network tells of a beat so long after it: time enough to hear how the note begins.
DELAY_S: Final = 0.03  # kDelay_s of ext/core/hearing/beat/bar_pointer.cpp
NEIGHBOUR: Final = 0.5  # target of the hops before and after


@dataclass(frozen=True)
class HeardClips:
    """n clips of one length."""

    levels: NDArray[
        np.float16
    ]  # (n, hops, BANDS): the first of the listener's features; the others follow from them
    target: NDArray[np.float16]  # (n, hops, 2) of beat and downbeat, 0 to 1
    kind: NDArray[np.str_]  # (n,) one of clips.KINDS
    beats: list[NDArray[np.float64]]  # seconds, of each clip
    downbeats: list[NDArray[np.float64]]


def load(data: Path, cache: Path, split: Split, progress: Progress) -> HeardClips:
    """Raises DataError, EmohostError."""

    depends = {
        **{name: stamp(data / name) for name in SETS},
        "clips": VERSION,
        "listener": _fingerprint(),
        "delay": DELAY_S,
    }
    found = sheets_of(data, cache, split, progress)
    parts = []
    for batch in range(COUNT[split] // BATCH):

        def make(batch: int = batch) -> Arrays:
            return _heard_of(batch_of_clips(data, found, split, batch))

        parts.append(kept(cache, f"beat-heard-{split}-{batch:02d}", {**depends, "batch": batch}, make))
        progress(f"hearing for {split}", batch + 1, COUNT[split] // BATCH)
    levels, target, kind = (
        np.concatenate([part[name] for part in parts]) for name in ("levels", "target", "kind")
    )
    beats, downbeats = (
        [times for part in parts for times in _split(part, name)] for name in ("beats", "downbeats")
    )
    return HeardClips(
        levels.astype(np.float16), target.astype(np.float16), kind.astype(np.str_), beats, downbeats
    )


def _heard_of(clips: list[Clip]) -> Arrays:
    rows: dict[str, list[Any]] = {"levels": [], "target": [], "kind": []}
    for clip in clips:
        features, at_s = heard(clip.audio)
        rows["levels"].append(features[:, :BANDS].astype(np.float16))
        beats, downbeats = targets(clip.beats, at_s), targets(clip.downbeats, at_s)
        rows["target"].append(np.stack([beats, downbeats], axis=1).astype(np.float16))
        rows["kind"].append(clip.kind)
    arrays: Arrays = {name: np.array(row) for name, row in rows.items()}
    for name in ("beats", "downbeats"):
        arrays[name] = np.concatenate([getattr(clip, name) for clip in clips])
        arrays[f"{name}_count"] = np.array([len(getattr(clip, name)) for clip in clips])
    return arrays


def _split(part: Arrays, name: str) -> list[NDArray[np.float64]]:
    ends = np.cumsum(np.asarray(part[f"{name}_count"], dtype=np.int64))[:-1]
    return np.split(np.asarray(part[name], dtype=np.float64), ends)


def heard(audio: Float32) -> tuple[Float32, NDArray[np.float64]]:
    """Mono at RATE to the features (hops, 128), and the seconds at which the hops end."""
    rows = _core.Listener(float(RATE), layout="emohost1", hop_s=HOP_S).process(audio)
    return np.asarray(rows["beat_features"], dtype=np.float32), rows["frame"] / RATE


def with_rises(levels: Float32) -> Float32:
    """(..., hops, 128): the levels (..., hops, BANDS) and the rises that the listener makes of them."""
    before = np.concatenate([levels[..., :1, :], levels[..., :-1, :]], axis=-2)
    above, below = np.roll(before, -1, axis=-1), np.roll(before, 1, axis=-1)
    above[..., -1], below[..., 0] = before[..., -1], before[..., 0]
    rise = (levels - np.maximum(before, np.maximum(above, below))) * (DECADES / 2 / FULL_RISE)
    return np.concatenate([levels, np.clip(rise, 0, 1)], axis=-1)


def targets(times: NDArray[np.float64], at_s: NDArray[np.float64]) -> Float32:
    """(hops,) 1 at the hop whose end is nearest to DELAY_S after each of `times`, NEIGHBOUR beside it."""
    target = np.zeros(len(at_s), dtype=np.float32)
    nearest = np.round((times + DELAY_S - at_s[0]) / HOP_S).astype(int)
    for offset, value in ((-1, NEIGHBOUR), (1, NEIGHBOUR), (0, 1.0)):
        hop = nearest + offset
        hop = hop[(hop >= 0) & (hop < len(target))]
        target[hop] = np.maximum(target[hop], value)
    return target


def _fingerprint() -> str:
    """Another when the listener hears otherwise."""
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    return hashlib.sha256(np.round(heard(noise)[0], 3).tobytes()).hexdigest()[:16]
