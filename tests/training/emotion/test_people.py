"""Scores against people: what the measures say of answers that are known, and what is wrong in the labels is said."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.vgmidi import phrases
from emohost.training.emotion.people import Answers, area, of_answers


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    people = np.array([True, True, False, False])
    assert area(np.array([3.0, 4, 1, 2]), people) == 1.0
    assert area(np.array([1.0, 2, 3, 4]), people) == 0.0
    assert area(np.array([1.0, 1, 1, 1]), people) == 0.5
    assert area(np.array([1.0, 4, 2, 3]), people) == 0.5
    assert area(np.array([1.0, 2]), np.array([True, True])) == 0.5


def test_a_right_answer_with_a_wrong_zero_is_right_at_the_median_alone() -> None:
    people = np.array([[True, True], [True, False], [False, True], [False, False]])
    said = np.where(people, -0.1, -0.5)
    told = {each.name: each for each in of_answers(Answers(said, said, people), "")}
    assert told["people, valence, AUC"].value == 1.0
    assert told["people, valence, right at 0"].value == 0.5
    assert told["people, valence, right at the median"].value == 1.0
    assert told["people, quadrant at 0"].value == 0.25
    assert told["people, quadrant at the medians"].value == 1.0
    assert told["people, quadrant at 0"].baselines == {"chance": 0.25}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "vgmidi" / "phrases"
    folder.mkdir(parents=True)
    track = mido.MidiTrack(
        [mido.Message("note_on", note=60, velocity=80), mido.Message("note_off", note=60, time=480)]
    )
    mido.MidiFile(tracks=[track]).save(folder / "000.mid")
    return tmp_path


def test_phrases_are_read_with_their_labels(data: Path) -> None:
    (data / "vgmidi" / "labels.csv").write_text("file,piece,valence,arousal\nphrases/000.mid,A game,1,-1\n")
    (phrase,) = phrases(data)
    assert (phrase.valence, phrase.arousal) == (1, -1)
    assert phrase.midi.length == 0.5


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("phrases/000.mid,A game,2,-1", r"labels\.csv:2: expected file, valence and arousal"),
        ("phrases/999.mid,A game,1,-1", r"999\.mid: expected a MIDI file"),
    ],
)
def test_what_is_wrong_is_said(data: Path, row: str, error: str) -> None:
    (data / "vgmidi" / "labels.csv").write_text(f"file,piece,valence,arousal\n{row}\n")
    with pytest.raises(DataError, match=error):
        phrases(data)
    (data / "vgmidi" / "labels.csv").unlink()
    with pytest.raises(DataError, match="expected labels of phrases"):
        phrases(data)
