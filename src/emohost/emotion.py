"""The emotion embedding: encode, decode, blend and plot points of the circumplex (valence, arousal).

The embedding is a thermometer code: 64 numbers, entries 0-31 for valence and 32-63 for arousal, entry i of an
axis being `tanh(SLOPE * (value - CENTRES[i]))` with centres spread evenly over [-1, 1]. The mean of a half
therefore rises with its axis, and a weighted mean of two embeddings lies between them. `ext/core/emotion.cpp`
computes the same for the audio thread; the two agree to 1e-6. The circumplex: J. A. Russell, "A circumplex
model of affect", Journal of Personality and Social Psychology 39 (1980).

All functions are pure numpy, need no native core, and may be called from any thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EMBEDDING = 64
AXIS = 32
SLOPE = 4.0
CENTRES: NDArray[np.float64] = np.linspace(-1.0, 1.0, AXIS)

# Word, valence and arousal of the four quadrants and what lies between, for the plot.
WORDS = (
    ("excited", 0.62, 0.72),
    ("happy", 0.88, 0.33),
    ("content", 0.88, -0.33),
    ("calm", 0.62, -0.72),
    ("tired", -0.62, -0.72),
    ("sad", -0.88, -0.33),
    ("upset", -0.88, 0.33),
    ("tense", -0.62, 0.72),
)


def encode(valence: ArrayLike, arousal: ArrayLike) -> NDArray[np.float32]:
    """Points of the circumplex to embeddings.

    valence, arousal: numbers or arrays that broadcast to a common shape (...), in [-1, 1]; what lies outside
    is clamped. Returns float32 (..., 64). Raises ValueError for NaN.
    """
    axes = np.broadcast_arrays(_axis("valence", valence), _axis("arousal", arousal))
    return np.concatenate([np.tanh(SLOPE * (axis[..., None] - CENTRES)) for axis in axes], axis=-1).astype(
        np.float32
    )


def decode(embedding: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Embeddings to points: per half, the value whose code has the same mean (or the nearer end).

    embedding: (..., 64). Returns valence and arousal, float64 of shape (...), in [-1, 1]; they rise with the
    mean of their half whatever the entries are. Raises ValueError for NaN or infinity, or another last axis.
    """
    halves = _embedding("embedding", embedding).reshape(*np.shape(embedding)[:-1], 2, AXIS)
    values = _value_of_mean(halves.mean(axis=-1))
    return values[..., 0], values[..., 1]


def blend(a: ArrayLike, b: ArrayLike, weight: ArrayLike) -> NDArray[np.float32]:
    """`(1 - weight) * a + weight * b`: from `a` at weight 0 to `b` at weight 1.

    a, b: (..., 64); weight: a number or (...), clamped to [0, 1]. Returns float32 (..., 64). Raises
    ValueError for NaN or infinity in `a` or `b`, NaN in `weight`, or another last axis than 64.
    """
    share = np.clip(_numbers("weight", weight), 0.0, 1.0)[..., None]
    mixed = (1.0 - share) * _embedding("a", a) + share * _embedding("b", b)
    return np.asarray(mixed, dtype=np.float32)


def plot_track(axes: Axes, time_s: ArrayLike, valence: ArrayLike, arousal: ArrayLike) -> None:
    """Draws a track over time on the circumplex: a line whose colour is time, with its start and end marked.

    axes: a matplotlib Axes, which is given limits, labels and a colour bar; time_s, valence, arousal: (n,),
    n >= 1, in seconds and [-1, 1]. Raises ValueError for lengths that differ, for n = 0 and for NaN.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Circle

    time, x, y = _numbers("time_s", time_s), _axis("valence", valence), _axis("arousal", arousal)
    if time.ndim != 1 or len(time) == 0 or not time.shape == x.shape == y.shape:
        raise ValueError(
            "time_s, valence and arousal must be of one length, at least 1: "
            f"found shapes {time.shape}, {x.shape} and {y.shape}"
        )
    points = np.stack([x, y], axis=-1)
    axes.add_patch(Circle((0, 0), 1, fill=False, color="0.8"))
    axes.axhline(0, color="0.85", linewidth=0.8)
    axes.axvline(0, color="0.85", linewidth=0.8)
    for word, right, up in WORDS:
        axes.text(right, up, word, color="0.55", ha="center", va="center", fontsize="small")
    line = LineCollection(
        list(np.stack([points[:-1], points[1:]], axis=1)), cmap="viridis", linewidths=1.5, zorder=2
    )
    line.set_array(time[1:])
    line.set_clim(float(time[0]), float(max(time[-1], time[0] + 1e-9)))
    axes.add_collection(line)
    for place, marker, label in ((points[:1], "o", "start"), (points[-1:], "s", "end")):
        axes.plot(*place.T, marker, color="black", markersize=5, label=label, zorder=3)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xlabel="valence", ylabel="arousal", aspect="equal")
    axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.legend(loc="lower right", fontsize="small", frameon=False)
    axes.figure.colorbar(line, ax=axes, label="time (s)", location="bottom", shrink=0.7, aspect=40)


def _numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    if np.isnan(array).any():
        raise ValueError(f"{name} holds NaN; numbers expected")
    return array


def _axis(name: str, value: ArrayLike) -> NDArray[np.float64]:
    return np.clip(_numbers(name, value), -1.0, 1.0)


def _embedding(name: str, value: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] != EMBEDDING:
        raise ValueError(f"{name} must have shape (..., {EMBEDDING}), found {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; finite numbers expected")
    return array


def _value_of_mean(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverts the mean of a code by bisection: 50 halvings of [-1, 1] leave less than 2e-15."""
    low = np.full(mean.shape, -1.0)
    high = np.full(mean.shape, 1.0)
    for _ in range(50):
        middle = 0.5 * (low + high)
        below = np.tanh(SLOPE * (middle[..., None] - CENTRES)).mean(axis=-1) < mean
        low = np.where(below, middle, low)
        high = np.where(below, high, middle)
    middle = 0.5 * (low + high)
    return np.where(mean >= _END, 1.0, np.where(mean <= -_END, -1.0, middle))


_END = float(np.tanh(SLOPE * (1.0 - CENTRES)).mean())
