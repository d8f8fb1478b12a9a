"""Scores of melodies: what the pieces they are made of promise. No torch, no data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emohost._core import melody_weights
from emohost.training.data_sets.songs import NOTE, STEPS_PER_BAR, Song, chord_class
from emohost.training.melody.baselines import PitchBaselines
from emohost.training.melody.data import NONE, Melody, Stretch, melody_of
from emohost.training.melody.memory import longest_shared_run
from emohost.training.melody.notes import IN_CHORD, SEMITONE_ABOVE, STRANGE, notes_of
from emohost.training.melody.scores import bits_per_note, weights_of

C_MAJOR, G_DOMINANT, E_MAJOR = chord_class(0, "maj"), chord_class(7, "7"), chord_class(4, "maj")


def song(
    pitches: list[int], gap: int = 2, piece: str = "pop909/001", tonic: int = 0, minor: bool = False
) -> Song:
    steps = (len(pitches) * gap // STEPS_PER_BAR + 1) * STEPS_PER_BAR
    notes = np.zeros(len(pitches), dtype=NOTE)
    notes["step"], notes["steps"], notes["pitch"] = gap * np.arange(len(pitches)), gap, pitches
    notes["velocity"] = 80
    return Song(
        piece,
        tonic,
        minor,
        0.125 * np.arange(steps + 1.0),
        (np.arange(steps) % 16).astype(np.int8),
        np.full(steps, C_MAJOR + 5 * tonic, dtype=np.int8),
        notes,
    )


def uniform(n: int) -> np.ndarray:
    return np.full((n, 128), 0.01, dtype=np.float32)


def test_weights_of_the_native_core_prefer_scale_chord_and_small_steps() -> None:
    weights = melody_weights(uniform(1), np.array([64]), 0, False, np.array([C_MAJOR]), np.array([0]))[0]
    assert weights[64] > 20 * weights[66]  # F sharp is out of the scale
    assert weights[67] > weights[65]  # on the beat a chord tone beats a stranger, though it is further
    assert weights[62] > weights[74]


def test_weights_move_with_the_key() -> None:
    network = np.random.default_rng(1).random((1, 128), dtype=np.float32)
    home = melody_weights(network, np.array([60]), 0, False, np.array([C_MAJOR]), np.array([4]))[0]
    for semitones in (-6, -3, 2, 5):
        moved = melody_weights(
            network,
            np.array([60 + semitones]),
            semitones % 12,
            False,
            np.array([chord_class(semitones % 12, "maj")]),
            np.array([4]),
        )[0]
        np.testing.assert_allclose(moved[40 + semitones : 90 + semitones], home[40:90], rtol=1e-6)


def test_the_leading_note_of_minor_is_in_the_scale_over_its_dominant() -> None:
    weights = melody_weights(uniform(1), np.array([-1]), 9, True, np.array([E_MAJOR]), np.array([0]))[0]
    assert weights[68] > 10 * weights[67]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": np.zeros((1, 64), np.float32)}, r"shape \(n, 128\), found \(1, 64\)"),
        ({"network": np.full((1, 128), 2, np.float32)}, "probabilities"),
        ({"previous": np.array([128])}, "previous must be -1 to 127"),
        ({"chord": np.array([64])}, "chord must be -1 to 63"),
        ({"step": np.array([16])}, "step must be 0 to 15"),
        ({"step": np.array([1, 2])}, r"step must have shape \(1,\)"),
        ({"tonic": 12}, "tonic must be 0 to 11"),
    ],
)
def test_weights_refuse_what_they_cannot_read(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "network": uniform(1),
        "previous": [60],
        "tonic": 0,
        "minor": False,
        "chord": [0],
        "step": [0],
    }
    with pytest.raises(ValueError, match=message):
        melody_weights(**(given | change))


def test_a_melody_is_moved_to_c_major_and_labelled() -> None:
    melody = melody_of(song([62, 66, 69, 74] * 16, tonic=2))
    assert set(melody.pitch[melody.pitch != NONE]) == {60, 64, 67, 72}
    assert set(melody.chord) == {C_MAJOR}
    assert np.isfinite(melody.emotion).all()
    assert (melody.emotion[:, 0] > 0.3).all()


def test_more_notes_a_bar_are_more_arousal_whatever_the_tempo() -> None:
    calm, busy = (melody_of(song([60, 64, 67, 72] * 16, gap)).emotion[0, 1] for gap in (4, 1))
    assert busy > calm + 0.1


def test_where_nobody_sings_nothing_is_taught() -> None:
    sparse = song([60, 64] * 16)
    notes = sparse.notes.copy()
    notes["step"][16:] += 64
    late = Song("x", 0, False, 0.125 * np.arange(193.0), np.tile(np.arange(16), 12).astype(np.int8),
                np.zeros(192, np.int8), notes)  # fmt: skip
    melody = melody_of(late)
    assert len(melody.pitch) < 192
    assert (melody.pitch != NONE).sum() == 32


def test_bits_of_a_certain_answer_are_none_and_of_128_equal_ones_seven() -> None:
    certain = np.eye(128)[[60, 61]] + 1e-30
    assert bits_per_note(certain, np.array([60, 61])) == pytest.approx(0, abs=1e-9)
    assert bits_per_note(np.ones((3, 128)), np.array([1, 2, 3])) == pytest.approx(7)


class Constant:
    """A network that says the same for ever."""

    def reset(self) -> None: ...

    def process(self, x: np.ndarray) -> np.ndarray:
        return uniform(len(x))


def test_notes_know_their_neighbours_chord_and_scale() -> None:
    melody = melody_of(song([60, 62, 64, 65, 67] * 12))
    notes = notes_of([melody], Stretch(np.array([-1.0, -1.0]), np.array([1.0, 1.0])), Constant())  # type: ignore[arg-type]
    np.testing.assert_array_equal(notes.previous[1:], notes.pitch[:-1])
    assert list(notes.relation[0, [60, 62, 64, 65]]) == [IN_CHORD, STRANGE, IN_CHORD, SEMITONE_ABOVE]
    assert weights_of(notes).shape == (len(notes.pitch), 128)


def test_baselines_know_what_they_were_fitted_on() -> None:
    stretch = Stretch(np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    notes = notes_of([melody_of(song([60, 62, 64, 72] * 64))], stretch, None)
    bits = PitchBaselines.of(notes).bits(notes)
    assert bits["pitch histogram"] < bits["uniform in scale"]
    assert bits["interval bigram"] < bits["uniform in scale"]  # three intervals
    assert bits["pitch histogram"] == pytest.approx(2, abs=0.8)  # four notes


def test_a_run_learnt_by_heart_is_found_in_any_key_and_a_changed_rhythm_is_another() -> None:
    random = np.random.default_rng(3)
    known = song(list(random.integers(55, 80, 64)), piece="pop909/002")
    other = np.stack([np.arange(40) * 7, random.integers(55, 80, 40)], axis=1)
    assert longest_shared_run(other, [known]) <= 2
    stolen = np.stack([100 + 2 * np.arange(15), known.notes["pitch"][20:35] + 5], axis=1)
    assert longest_shared_run(np.concatenate([other[:10], stolen]), [known]) >= 15
    slower = stolen * [3, 1]
    assert longest_shared_run(slower, [known]) == 1


def test_stretching_fills_the_circumplex_in_order() -> None:
    labels = np.linspace(-0.3, 0.2, 101, dtype=np.float32)
    silence: list[Any] = [*[np.zeros(101, np.int16)] * 4, False]
    melody = Melody("x", np.stack([labels, labels], axis=1), *silence)
    stretched = Stretch.of([melody])(melody.emotion)
    assert stretched.min() < -0.8
    assert stretched.max() > 0.8
    assert (np.diff(stretched, axis=0) >= 0).all()
