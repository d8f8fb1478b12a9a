"""The notes of melodies with all that decides their pitch: what the network said, the note before, chord and scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.emotion import encode
from emohost.networks.load import Network
from emohost.training.data_sets.songs import chord_tones
from emohost.training.melody.data import NONE, Melody, Stretch

IN_CHORD, SEMITONE_ABOVE, STRANGE = 0, 1, 2  # relation of a pitch to the chord
IN_SCALE, IN_CHORD_ONLY, OUTSIDE = 0, 1, 2
TONES = chord_tones().astype(bool)
MAJOR_SCALE = np.isin(np.arange(12), [0, 2, 4, 5, 7, 9, 11])
LEADING_NOTE, SEVENTH = 8, 7  # of A minor: G sharp in place of G, over a chord that has it


@dataclass(frozen=True)
class Notes:
    """Of C major or A minor; the first note of a melody, which has none before, is left out."""

    pitch: NDArray[np.int64]  # (N,)
    previous: NDArray[np.int64]  # (N,)
    network: NDArray[np.float32]  # (N, 128) its answer at the step
    chord: NDArray[np.int64]  # (N,)
    step: NDArray[np.int64]  # (N,) in the bar
    minor: NDArray[np.bool_]  # (N,)
    relation: NDArray[np.int8]  # (N, 128) of each pitch to the chord
    scale: NDArray[np.int8]  # (N, 128) and to the scale

    @property
    def weight(self) -> NDArray[np.int64]:
        """(N,) metrical_weight() of theory.h in a bar of four."""
        return metrical_weight(self.step)


def metrical_weight(step: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.select([step == 0, step == 8, step % 4 == 0, step % 2 == 0], [4, 3, 2, 1], 0)


def notes_of(found: Sequence[Melody], stretch: Stretch, network: Network | None) -> Notes:
    """The network hears each melody's emotions from its beginning. Without one, what it says is (N, 0)."""
    parts: dict[str, list[Any]] = {field.name: [] for field in fields(Notes)}
    pitch_class = np.arange(128) % 12
    for melody in found:
        said = _said(network, stretch(melody.emotion))
        at = np.flatnonzero(melody.pitch != NONE)
        if len(at) < 2:
            continue
        pitch, at = melody.pitch[at].astype(np.int64), at[1:]
        chord = melody.chord[at].astype(np.int64)
        tones = TONES[chord]
        relation = np.where(tones, IN_CHORD, np.where(np.roll(tones, 1, axis=1), SEMITONE_ABOVE, STRANGE))
        relation[~tones.any(axis=1)] = IN_CHORD  # no chord
        inside = np.tile(MAJOR_SCALE, (len(at), 1))
        if melody.minor:
            raised = tones[:, LEADING_NOTE] & ~tones[:, SEVENTH]
            inside[raised, LEADING_NOTE], inside[raised, SEVENTH] = True, False
        scale = np.where(inside, IN_SCALE, np.where(tones, IN_CHORD_ONLY, OUTSIDE))
        columns = (
            pitch[1:],
            pitch[:-1],
            said[at],
            chord,
            melody.step_in_bar[at].astype(np.int64),
            np.full(len(at), melody.minor),
            relation[:, pitch_class].astype(np.int8),
            scale[:, pitch_class].astype(np.int8),
        )
        for part, column in zip(parts.values(), columns, strict=True):
            part.append(column)
    return Notes(*(np.concatenate(part) for part in parts.values()))


def _said(network: Network | None, emotion: NDArray[np.float64]) -> NDArray[np.float32]:
    if network is None:
        return np.zeros((len(emotion), 0), dtype=np.float32)
    network.reset()
    return network.process(encode(emotion[:, 0], emotion[:, 1]))
