"""What many nodes feel together: mean, spread and resonance, and how strongly that may pull one rig.

Resonance is the order parameter of Kuramoto's coupled oscillators, r in

    r exp(i psi) = sum_j s_j exp(i theta_j)

(Y. Kuramoto, "Self-entrainment of a population of coupled non-linear oscillators", Lecture Notes in Physics 39 (1975)
420-422; Chemical Oscillations, Waves, and Turbulence, Springer 1984). The phase theta of a node is its angle on the
circumplex, atan2(arousal, valence): what kind of emotion it is, whatever its strength (Russell orders emotions on the
circle by just that angle). It is not the phase of a beat: rigs of one field may play at different tempi, each by its
own clock, and a beat says nothing of what is felt. A node nearer than `NEUTRAL` to the middle has hardly an angle, and
counts in proportion to its distance. s_j are the nodes' shares of the mean, in Kuramoto's own case all 1/n.

r is 1 where all feel alike and 0 where they cancel out. n nodes at random come to about 0.9 / sqrt(n), not to 0: with
few of them a middling r says little.

Pure numpy; any thread.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emohost import emotion

FLOOR = 0.25  # a node that is not sure at all counts as a quarter of one that is, so none more than four times another
NEUTRAL = 0.2  # distance from the middle of the circumplex from which an angle counts in full


class Collective(NamedTuple):
    """What a field feels. All zero where nobody is."""

    nodes: int = 0  # that have a part in it, this one included
    present: float = 0.0  # the same, each counted by how fresh it is; sinks to 0 as nodes fall silent
    valence: float = 0.0  # mean, [-1, 1]
    arousal: float = 0.0
    spread: float = 0.0  # root mean square distance from the mean, [0, sqrt 2]
    resonance: float = 0.0  # Kuramoto's r, [0, 1]
    phase: float = 0.0  # Kuramoto's psi, radians in (-pi, pi]


def shares(weights: NDArray[np.float64], fresh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each node in the mean, (n,), together 1 (all 0 if nobody is fresh).

    weights: (n,) as told by the nodes, in [0, 1]; fresh: (n,) in [0, 1], how much each still counts. One of n fresh
    nodes has at most 4 / (n + 3), whatever it and the others claim; it moves the mean by that share of its distance
    from the others' mean, and no further.
    """
    parts = fresh * (FLOOR + (1.0 - FLOOR) * np.clip(weights, 0.0, 1.0))
    total = parts.sum()
    return parts / total if total > 0 else np.zeros_like(parts)


def collective(
    valence: NDArray[np.float64],
    arousal: NDArray[np.float64],
    weights: NDArray[np.float64],
    fresh: NDArray[np.float64],
) -> Collective:
    """All (n,), n >= 0; valence and arousal in [-1, 1], weights and fresh as in `shares`."""
    share = shares(weights, fresh)
    if not share.any():
        return Collective()
    x, y = float(share @ valence), float(share @ arousal)
    spread = float(np.sqrt(share @ ((valence - x) ** 2 + (arousal - y) ** 2)))
    points = valence + 1j * arousal
    distance = np.abs(points)
    order = complex(share @ (points / np.maximum(distance, NEUTRAL)))
    return Collective(
        nodes=int(np.count_nonzero(fresh > 0)),
        present=float(fresh.sum()),
        valence=x,
        arousal=y,
        spread=spread,
        resonance=min(abs(order), 1.0),
        phase=float(np.angle(order)),
    )


def pull(felt: Collective, others: float, influence: float) -> tuple[NDArray[np.float32], float]:
    """What to write to the ring of emotions: the embedding (64,) of the collective, and its weight in [0, 1].

    others: how many other nodes are present, each counted by how fresh it is; influence: [0, 1], the rig's
    `bridge.field.influence`. The weight is influence x r x min(1, others). In proportion to r because Kuramoto's mean
    field pulls so: d theta / dt = omega + K r sin(psi - theta). A field at odds with itself pulls nobody anywhere.
    """
    weight = influence * felt.resonance * min(1.0, max(0.0, others))
    return emotion.encode(felt.valence, felt.arousal), min(max(weight, 0.0), 1.0)
