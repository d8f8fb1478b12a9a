"""What the networks are given while the engine plays is what calibration and training compute of the same moments."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from small_engine import MakeEngine

from emohost import _core

RATE = 48000
SECONDS = 14


def transposed(chord: int, semitones: int) -> int:
    """Of theory/chords.h: roots of triads and sevenths, diminished sevenths, fifths alone."""
    if chord < 0 or chord == 60:
        return chord
    if chord < 60:
        return (chord // 5 + semitones) % 12 * 5 + chord % 5
    return 61 + (chord - 61 + semitones) % 3 if chord < 64 else 64 + (chord - 64 + semitones) % 12


def sound(seed: int) -> NDArray[np.float32]:
    """Chords of any kind, soft and loud, some of them held over from the last, some silent."""
    random = np.random.default_rng(seed)
    length = RATE // 2
    time = np.arange(length) / RATE
    pieces = []
    notes = np.array([60, 64, 67])
    for _ in range(2 * SECONDS):
        if random.random() < 0.7:
            kinds = [(0, 4, 7), (0, 3, 7), (0, 3, 6, 9), (0, 4, 7, 10), (0, 7)]
            notes = random.integers(48, 66) + np.array(kinds[random.integers(len(kinds))])
        level = random.choice([0.0, 0.02, 0.1])
        hertz = 440 * 2 ** ((notes[:, None] - 69) / 12)
        pieces.append(level * (np.sin(2 * np.pi * hertz * time).sum(axis=0)) * np.exp(-3 * time))
    return np.concatenate(pieces).astype(np.float32)


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_gives_networks_what_the_exported_functions_say(
    make_engine: MakeEngine, seed: int
) -> None:
    random = np.random.default_rng(seed)
    beats, tempo = int(random.integers(2, 8)), float(random.uniform(60, 280))
    engine = make_engine(
        seed=1 + seed,
        tempo=tempo,
        beats_per_bar=beats,
        key=["auto", "C major", "F# minor", "Bb major", "auto", "B minor"][seed],
        play=["when_heard", "always"][seed % 2],
    )
    engine.render(sound(seed), 700, keep_steps=True)
    steps = engine.take_steps()
    assert len(steps) > SECONDS * tempo / 60 * 4 - 4
    assert len(np.unique(steps["chord_in_force"])) > 1

    tonic = steps["tonic"]
    turned = (np.arange(12) + tonic[:, None]) % 12
    chords = {
        name: np.array([transposed(int(c), -int(t)) for c, t in zip(steps[name], tonic, strict=True)])
        for name in ("chord_heard", "chord_in_force")
    }
    ear = _core.tell_of_ear(np.take_along_axis(steps["chroma_heard"], turned, axis=1), chords["chord_heard"])
    remembered = np.zeros((len(steps), 24), np.float32)
    for each in np.unique(tonic):
        recalled = _core.recall_chords(steps["chord_heard"], int(each), 4 * beats)
        remembered[tonic == each] = recalled[tonic == each]
    np.testing.assert_array_equal(steps["remembered"], remembered)
    played = np.take_along_axis(steps["chroma_played"], turned, axis=1)
    context = _core.harmony_context(ear, played, chords["chord_in_force"], remembered, steps["step_in_bar"])
    np.testing.assert_array_equal(steps["harmony"], np.hstack([steps["embedding"], context]))

    assert (steps["steps_per_bar"] == 4 * beats).all()
    heard = np.vstack(
        [
            _core.dynamics_context(steps[i : i + 1], steps["step_in_bar"][i : i + 1], row["tempo"], 4 * beats)
            for i, row in enumerate(steps)
        ]
    )
    pooled = _core.pool_embedding(steps["embedding"])
    np.testing.assert_array_equal(steps["dynamics"], np.hstack([pooled, heard]))


def test_notes_count_as_the_listener_weighs_them() -> None:
    upper, bass = _core.note_weights(np.array([40, 60, 80, 50]))
    np.testing.assert_allclose(upper, [np.exp(-0.5), 1, np.exp(-0.5), np.exp(-0.125)], rtol=1e-6)
    np.testing.assert_allclose(bass[3], 0.5, rtol=1e-6)
    assert bass[0] > 0.9
    assert bass[2] < 0.01
