"""Labels of emotion: what the cue model promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.training.data_sets.labels import (
    WEIGHTS,
    Cues,
    cues_of_notes,
    emotion,
    key_of_chroma,
    mode_of_chroma,
)

MIDDLE = Cues(0.0, 100.0, 3.5, 62.0, 0.58, 0.35, 0.5)
STEPS = {
    "mode": (-0.7, 0.7),
    "tempo_bpm": (70.0, 140.0),
    "density": (2.0, 6.0),
    "register": (50.0, 74.0),
    "dynamics": (0.4, 0.8),
    "articulation": (0.1, 0.7),
    "brightness": (0.3, 0.7),
}
CUES = st.builds(
    Cues,
    mode=st.floats(-1, 1),
    tempo_bpm=st.floats(20, 300),
    density=st.floats(0, 30),
    register=st.floats(0, 127),
    dynamics=st.floats(0, 1),
    articulation=st.floats(0, 1),
    brightness=st.floats(0, 1),
)


@given(CUES)
def test_labels_lie_on_the_circumplex(cues: Cues) -> None:
    valence, arousal = emotion(cues)
    assert -1 <= valence <= 1
    assert -1 <= arousal <= 1


@pytest.mark.parametrize("cue", STEPS)
def test_each_cue_moves_its_axes_up_and_adds_up(cue: str) -> None:
    """Raising one cue raises every axis on which it has a weight, by the same amount whatever the other cues are."""
    low, high = STEPS[cue]
    other = Cues(0.5, 130.0, 5.0, 70.0, 0.7, 0.5, 0.6)
    moves = []
    for base in (MIDDLE, other):
        before, after = emotion(replace(base, **{cue: low})), emotion(replace(base, **{cue: high}))
        moves.append(np.subtract(after, before))
    assert np.all((moves[0] > 0) == (np.array(WEIGHTS[cue]) > 0))
    np.testing.assert_allclose(moves[0], moves[1], atol=1e-12)


def test_the_order_of_importance_is_the_papers_but_for_loudness_in_arousal() -> None:
    tempo = np.add(WEIGHTS["tempo_bpm"], WEIGHTS["density"])
    rows = [
        WEIGHTS["mode"],
        tempo,
        *(WEIGHTS[c] for c in ("register", "dynamics", "articulation", "brightness")),
    ]
    valence, arousal = np.array(rows).T
    assert list(valence) == sorted(valence, reverse=True)
    assert arousal[1] > arousal[3] > arousal[4] > arousal[5] > arousal[2] > arousal[0] == 0
    assert valence.sum() == pytest.approx(1)
    assert arousal.sum() == pytest.approx(1)


def test_the_four_quadrants_sound_as_the_literature_says() -> None:
    happy = Cues(1, 150, 6, 70, 0.75, 0.6, 0.65)
    angry = Cues(-1, 150, 7, 55, 0.9, 0.5, 0.8)
    sad = Cues(-1, 60, 1.5, 52, 0.4, 0.1, 0.3)
    tender = Cues(1, 65, 1.5, 64, 0.4, 0.1, 0.35)
    assert [tuple(np.sign(emotion(c))) for c in (happy, angry, sad, tender)] == [
        (1, 1),
        (-1, 1),
        (-1, -1),
        (1, -1),
    ]


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("minor", [False, True])
def test_cadences_tell_their_key_and_mode(tonic: int, minor: bool) -> None:
    """I-IV-V-I in all 24 keys (with the leading note in minor)."""
    third = 3 if minor else 4
    chords = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)]
    chroma = np.zeros(12)
    for chord in chords:
        for tone in chord:
            chroma[(tonic + tone) % 12] += 1
    assert key_of_chroma(chroma) == (tonic, minor)
    assert np.sign(mode_of_chroma(chroma)) == np.sign(mode_of_chroma(chroma, tonic)) == (-1 if minor else 1)


def passage(gate: float, velocity: float = 80, step_s: float = 0.25) -> Cues:
    onsets = step_s * np.arange(16)
    pitches = np.tile([60, 64, 67, 72], 4)
    return cues_of_notes(
        onsets, np.full(16, gate * step_s), pitches, np.full(16, velocity), tempo_bpm=120, length_s=4.0
    )


def test_cues_are_read_off_the_notes() -> None:
    cues = passage(gate=0.5, velocity=127 * 0.6)
    assert cues.density == pytest.approx(4.0)
    assert cues.register == pytest.approx(65.75)
    assert cues.dynamics == pytest.approx(0.6)
    assert cues.articulation == pytest.approx(0.5)
    assert cues.mode > 0.5
    assert cues.tempo_bpm == 120


def test_legato_is_0_and_shorter_notes_are_more_staccato() -> None:
    values = [passage(gate).articulation for gate in (1.2, 1.0, 0.7, 0.3, 0.1)]
    assert values[0] == values[1] == 0
    assert values == sorted(values)


def test_a_chord_is_one_event() -> None:
    notes = ([0.0, 0.005, 0.01, 1.0], [0.9] * 4, [60, 64, 67, 60], [80] * 4)
    assert cues_of_notes(*notes, tempo_bpm=60, length_s=2.0).density == pytest.approx(1.0)


def test_what_is_no_passage_is_refused_with_what_was_found() -> None:
    with pytest.raises(ValueError, match="at least 1: found 0, 0, 0 and 0"):
        cues_of_notes([], [], [], [], tempo_bpm=100, length_s=1.0)
    with pytest.raises(ValueError, match="length_s must be above 0"):
        cues_of_notes([0], [1], [60], [80], tempo_bpm=100, length_s=0.0)
    with pytest.raises(ValueError, match="pitch holds NaN"):
        cues_of_notes([0], [1], [np.nan], [80], tempo_bpm=100, length_s=1.0)
    with pytest.raises(ValueError, match="register must be a finite number"):
        emotion(replace(MIDDLE, register=float("inf")))
