"""What the harmony network is told and asked, and its scores: no torch, no data, no fluidsynth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emohost._core import harmony_context, tell_of_ear
from emohost.labels import NO_CHORD
from emohost.training.data_sets.songs import NOTE, OTHERS, STEPS_PER_BAR, Song, chord_class
from emohost.training.harmony.chroma import HeardSong, estimated_hearing
from emohost.training.harmony.data import (
    Steps,
    chords_in_force,
    chroma_of_chords,
    in_another_key,
    inputs,
    passage_emotion,
    steps_of,
)
from emohost.training.harmony.scores import follow, last_heard, next_chord, recall, valence_steering

ONE, FOUR, FIVE, SIX = (chord_class(*each) for each in ((0, "maj"), (5, "maj"), (7, "7"), (9, "min")))
STEP_S = 0.15


def song(tonic: int = 2, bars: int = 16) -> Song:
    """I vi IV V7, a bar each, as block chords."""
    chords = np.repeat(np.resize([ONE, SIX, FOUR, FIVE], bars), STEPS_PER_BAR)
    tones = {ONE: (0, 4, 7), SIX: (9, 12, 16), FOUR: (5, 9, 12), FIVE: (7, 11, 14, 17)}
    rows = [
        (step, 16, 60 + tonic + tone, 80, OTHERS, step * STEP_S, (step + 16) * STEP_S)
        for step in range(0, len(chords), STEPS_PER_BAR)
        for tone in tones[int(chords[step])]
    ]
    absolute = (chords // 5 + tonic) % 12 * 5 + chords % 5
    return Song(
        "pop909/001",
        tonic,
        False,
        STEP_S * np.arange(len(chords) + 1.0),
        (np.arange(len(chords)) % 16).astype(np.int8),
        absolute.astype(np.int8),
        np.array(rows, dtype=NOTE),
    )


def steps() -> Steps:
    return steps_of(song(), estimated_hearing(song()))


class Oracle:
    """A network that names the chord whose tones it hears most of; or knows the answers."""

    def __init__(self, answers: np.ndarray | None = None) -> None:
        self.answers = answers

    def reset(self) -> None: ...

    def process(self, x: np.ndarray) -> np.ndarray:
        said = np.zeros((len(x), 64), np.float32)
        if self.answers is not None:
            said[np.arange(len(x)), self.answers[: len(x)]] = 1
            return said
        tones = {ONE: (0, 4, 7), SIX: (9, 0, 4), FOUR: (5, 9, 0), FIVE: (7, 11, 2, 5)}
        for i, row in enumerate(x):
            triads = {chord: row[[64 + tone for tone in of]].sum() for chord, of in tones.items()}
            said[i, max(triads, key=lambda c: triads[c])] = 1
        return said


def test_the_context_is_laid_out_as_the_host_describes_a_step() -> None:
    heard, played = np.full((1, 12), 0.1, np.float32), np.full((1, 12), 0.2, np.float32)
    nothing = np.zeros((1, 24), np.float32)
    told = harmony_context(heard, played, np.array([FIVE]), nothing, np.array([6]))[0]
    assert told.shape == (64,)
    assert (told[:12] == np.float32(0.1)).all()
    assert (told[12:24] == np.float32(0.2)).all()
    assert list(np.flatnonzero(told[24:36])) == [2, 5, 7, 11]
    assert list(np.flatnonzero(told[36:48])) == [7]
    assert list(np.flatnonzero(told[48:])) == [6]
    assert not harmony_context(heard, played, np.array([NO_CHORD]), nothing, np.array([0]))[0, 24:48].any()


def test_what_is_remembered_is_what_was_heard_at_this_place_four_and_eight_bars_ago() -> None:
    """As ChordMemory in ext/core/music tells it: the ear is two steps behind, a half bar counts."""
    named = np.full(3 * 128, NO_CHORD)
    named[2:] = np.where(np.arange(3 * 128 - 2) % 16 < 8, SIX, NO_CHORD)  # first halves of bars
    found = replace(steps(), named=named).remembered
    assert not found[:55].any()
    for step, weight in ((64, 0.5), (112, 0.5), (128, 0.75), (256, 0.75), (260, 0.375), (264, 0.0)):
        wanted = np.zeros(24)
        wanted[[9, 0, 4, 12 + 9]] = weight
        np.testing.assert_allclose(found[step], wanted, atol=1e-6, err_msg=str(step))


def test_half_of_what_is_told_of_the_ear_is_chroma_and_the_rest_the_chord_named() -> None:
    heard = np.full((3, 12), 0.1, np.float32)
    told = tell_of_ear(heard, np.array([FIVE, NO_CHORD, NO_CHORD + 1]))
    assert [round(float(x), 4) for x in told[0]] == [
        0.3625 if p == 7 else 0.1125 if p in (2, 5, 11) else 0.05 for p in range(12)
    ]
    np.testing.assert_allclose(told[1], 0.05, rtol=1e-6)
    assert [round(float(x), 4) for x in told[2, :4]] == [0.3625, 0.05, 0.05, 0.1125]


def test_the_chord_that_comes_is_asked_where_the_host_chooses_and_elsewhere_the_one_heard() -> None:
    found = steps()
    changes = np.flatnonzero(np.diff(found.chord)) + 1  # at bars
    assert (found.asked[changes] == found.chord[changes]).all()
    assert (found.asked[changes + 1] == found.chord[changes - 1]).all()
    assert (found.asked[changes + 2] == found.chord[changes]).all()


def test_the_chord_in_force_is_that_of_the_last_choice() -> None:
    chord = np.arange(6)
    decides = np.array([True, False, False, True, False, False])
    assert list(chords_in_force(chord, decides)) == [NO_CHORD, 0, 0, 0, 3, 3]


def test_the_chroma_played_fades_towards_the_chord_in_force() -> None:
    played = chroma_of_chords(np.array([ONE] * 32 + [FIVE] * 32))
    assert not played[0].any()
    np.testing.assert_allclose(played[2:].sum(axis=1), 1, atol=1e-5)
    assert played[31, [0, 4, 7]].sum() == pytest.approx(1)
    assert played[63, [7, 11, 2, 5]].sum() > 0.9


def test_the_estimate_hears_the_chord_that_sounds_and_is_relative_to_the_tonic() -> None:
    found = steps()
    late = found.place >= 8
    assert found.heard[late & (found.chord == SIX)][:, [9, 0, 4]].sum(axis=1).min() > 0.85
    early = (found.place == 0) & (np.arange(len(found.place)) > 0)
    assert (
        found.heard[early & (found.chord == SIX)][:, [0, 4, 7]].sum(axis=1).min() > 0.85
    )  # still the one before


def test_the_listeners_chord_finder_names_the_chord_that_sounds_a_little_late() -> None:
    found = steps()
    late = found.place >= 4
    assert (found.named[late] == found.chord[late]).mean() > 0.95
    changes = np.flatnonzero(np.diff(found.chord)) + 1
    assert (found.named[changes] == found.chord[changes - 1]).all()  # what comes is not known


def test_as_many_steps_are_known_as_were_heard() -> None:
    short = HeardSong(np.zeros((40, 12), np.float32), np.full(40, NO_CHORD))
    found = steps_of(song(), short)
    assert len(found.chord) == len(found.named) == len(found.place) == 40
    assert len(found.time_s) == 41


def test_a_wrong_tonic_turns_everything_alike() -> None:
    found, turned = steps(), in_another_key(steps(), 9)
    np.testing.assert_array_equal(turned.heard[:, 0], found.heard[:, 9])
    np.testing.assert_allclose(turned.ear[:, 0], found.ear[:, 9], atol=1e-6)
    assert (turned.chord[found.chord == SIX] == chord_class(0, "min")).all()


def test_inputs_are_the_embedding_and_the_context() -> None:
    found = steps()
    before = chords_in_force(found.chord, found.decides)
    x = inputs(found, before, chroma_of_chords(before))
    assert x.shape == (len(before), 128)
    happy = inputs(found, before, chroma_of_chords(before), np.full((len(before), 2), 1, np.float32))
    assert (happy[:, :64] >= x[:, :64]).all()
    assert (happy[:, 64:] == x[:, 64:]).all()


def test_major_passages_are_more_positive_than_minor_ones() -> None:
    major = song()
    minor = Song(major.piece, 11, True, major.step_s, major.step_in_bar, major.chord, major.notes)
    assert passage_emotion(major)[0, 0] > passage_emotion(minor)[0, 0]


def test_recall_is_1_for_the_truth_and_counts_time() -> None:
    pytest.importorskip("mir_eval", reason="recall needs mir_eval")
    found = steps()
    assert recall([found], [found.chord], 0) == 1
    wrong = np.where(found.chord == FOUR, ONE, found.chord)
    assert recall([found], [wrong], 0) == pytest.approx(0.75)
    late = np.concatenate([found.chord[:2], found.chord[:-2]])
    assert recall([found], [late], 2) == pytest.approx(1)
    assert recall([found], [late], 0) < 0.95


def test_a_network_with_ears_follows_the_chords_that_are_heard() -> None:
    pytest.importorskip("mir_eval", reason="recall needs mir_eval")
    found = steps()
    followed = follow(Oracle(), found)  # type: ignore[arg-type]
    assert recall([found], [followed.argmax(axis=1)], 2) > 0.9


def test_where_it_is_asked_what_comes_what_was_heard_before_still_stands() -> None:
    found = steps()
    said = np.eye(len(found.chord), dtype=np.float32)
    stands = last_heard(found, said).argmax(axis=1)
    assert list(stands[6:11]) == [6, 7, 7, 9, 10]
    assert list(stands[15:18]) == [15, 15, 17]


def test_next_chord_is_scored_against_the_best_of_the_baselines() -> None:
    found = steps()
    asked = found.chord[np.flatnonzero(found.decides)[1:]]
    top_1, top_3 = next_chord(Oracle(asked), [song()], [found])  # type: ignore[arg-type]
    assert top_1.value == top_3.value == 1
    assert top_1.baselines["chord bigram"] > top_1.baselines["most frequent"]
    assert top_1.baselines["stay"] == pytest.approx(16 / 31)  # a chord a bar, asked twice a bar
    assert top_1.target == pytest.approx(max(top_1.baselines.values()) + 0.05)


def test_a_network_that_does_not_hear_the_emotion_does_not_pass_for_steered() -> None:
    assert not valence_steering(Oracle(), [steps()]).reached  # type: ignore[arg-type]
