"""Melodies as the host draws them, without a host: rhythm from how often the network says that a note begins, pitches
from melody_weights, over a chord a bar, while the emotion wanders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emohost._core import melody_weights
from emohost.emotion import encode
from emohost.networks.load import Network
from emohost.training.data_sets.songs import STEPS_PER_BAR, chord_class
from emohost.training.melody.data import STEP_S

RANGE = (60, 84)  # of the melody part, unless configured
BY_WEIGHT = (0.4, 0.9, 1.4, 1.6, 1.8)  # how much likelier notes begin on heavier steps
CHORDS = {
    False: [chord_class(*each) for each in ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"), (2, "min"))],
    True: [chord_class(*each) for each in ((9, "min"), (5, "maj"), (2, "min"), (4, "min"), (7, "maj"))],
}
EMOTION_BARS = 8  # between its changes


def play(network: Network, seconds: float, seed: int = 1) -> NDArray[np.int64]:
    """(N, 2): step and pitch of each note."""
    from emohost.training.melody.notes import metrical_weight

    random = np.random.default_rng(seed)
    bars = int(seconds / STEP_S / STEPS_PER_BAR)
    changes = random.uniform(-0.9, 0.9, (bars // EMOTION_BARS + 1, 2))
    emotion = np.repeat(changes, EMOTION_BARS * STEPS_PER_BAR, axis=0)[: bars * STEPS_PER_BAR]
    minor = np.repeat(emotion[:: EMOTION_BARS * STEPS_PER_BAR, 0] < 0, EMOTION_BARS)[:bars]
    chord = np.array([random.choice(CHORDS[bool(each)]) for each in minor])
    network.reset()
    said = network.process(encode(emotion[:, 0], emotion[:, 1]))
    place = np.arange(len(emotion)) % STEPS_PER_BAR
    begins = random.random(len(emotion)) < said.sum(axis=1) * np.take(BY_WEIGHT, metrical_weight(place))
    inside = (np.arange(128) >= RANGE[0]) & (np.arange(128) <= RANGE[1])
    notes, previous = [], -1
    for step in np.flatnonzero(begins):
        bar = step // STEPS_PER_BAR
        mode = bool(minor[bar])
        weights = melody_weights(
            said[step : step + 1],
            np.array([previous]),
            9 if mode else 0,
            mode,
            np.array([chord[bar]]),
            np.array([place[step]]),
        )[0].astype(np.float64)
        weights *= inside
        previous = int(random.choice(128, p=weights / weights.sum()))
        notes.append((step, previous))
    return np.array(notes, dtype=np.int64).reshape(-1, 2)
