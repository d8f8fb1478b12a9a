"""Passages in a mood: what is moved moves, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.labels import emotion
from emohost.training.data_sets.notes import NOTE
from emohost.training.data_sets.pop909.files import song_names
from emohost.training.data_sets.pop909.scores import Piece, load_piece
from emohost.training.rendering.passages import PARTS, Mood, Passage, perform, random_mood

MOOD = Mood(
    minor=False,
    harmonic=False,
    tempo_bpm=100,
    transpose=0,
    octave=0,
    velocity=70,
    gate=0.8,
    ensemble="piano",
    programs=(0, 0, 0, 32),
)


@pytest.fixture(scope="module")
def piece() -> Piece:
    """I IV V I in C major in quarters, 96 beats, with a melody above."""
    rows: list[tuple[float, float, int, int, int]] = []
    for beat in range(96):
        root, chord = ((60, (0, 4, 7)), (65, (0, 4, 7)), (67, (0, 4, 7)), (60, (0, 4, 7)))[beat // 4 % 4]
        rows += [(beat, 1.0, root - 12 + step, 70, 2) for step in chord]
        rows += [(beat + half / 2, 0.5, root + chord[(beat + half) % 3] + 12, 80, 0) for half in range(2)]
    return Piece("scale", np.array(rows, dtype=NOTE), 96.0)


def played(piece: Piece, mood: Mood, seconds: float = 10.0) -> Passage:
    performance = perform(piece, 0.0, seconds, mood, (), np.random.default_rng(1))
    assert performance is not None
    return performance


def test_the_mode_alone_moves(piece: Piece) -> None:
    """Major to minor lowers thirds, sixths and sevenths; rhythm, velocities and the other notes stay."""
    major, minor = played(piece, MOOD), played(piece, replace(MOOD, minor=True))
    for name in ("onset", "duration", "velocity", "part"):
        np.testing.assert_array_equal(major.notes[name], minor.notes[name])
    lowered = (major.notes["pitch"] - minor.notes["pitch"]) == 1
    assert set(np.unique(major.notes["pitch"][lowered] % 12)) == {4, 9, 11}
    assert major.cues.mode > 0.5 > -0.5 > minor.cues.mode


@pytest.mark.parametrize(
    ("low", "high", "axis"),
    [
        ({"minor": True}, {"minor": False}, 0),
        ({"tempo_bpm": 60}, {"tempo_bpm": 120}, 1),
        ({"velocity": 40}, {"velocity": 100}, 1),
        ({"octave": -12}, {"octave": 12}, 0),
        ({"gate": 1.0}, {"gate": 0.3}, 1),
    ],
)
def test_the_label_follows_each_cue(
    piece: Piece, low: dict[str, Any], high: dict[str, Any], axis: int
) -> None:
    labels = [emotion(played(piece, replace(MOOD, **change)).cues)[axis] for change in (low, high)]
    assert labels[1] > labels[0] + 0.02


@pytest.mark.parametrize("transpose", range(-6, 6))
def test_the_key_does_not_move_the_label(piece: Piece, transpose: int) -> None:
    here = emotion(played(piece, MOOD).cues)[0]
    there = emotion(played(piece, replace(MOOD, transpose=transpose)).cues)[0]
    assert there == pytest.approx(here, abs=0.1)  # by the register, at most six semitones


@pytest.mark.parametrize("ensemble", sorted(PARTS))
def test_only_the_ensemble_plays_and_in_time(piece: Piece, ensemble: str) -> None:
    performance = played(piece, replace(MOOD, ensemble=ensemble), seconds=7.0)
    assert set(performance.notes["part"]) <= set(PARTS[ensemble])
    assert performance.notes["onset"].min() >= 0
    assert performance.notes["onset"].max() < 7.0
    assert performance.notes["pitch"].min() >= 24


def test_nothing_to_play_is_no_performance(piece: Piece) -> None:
    assert perform(piece, 500.0, 10.0, MOOD, (), np.random.default_rng(1)) is None


def test_moods_reach_far_in_both_directions() -> None:
    random = np.random.default_rng(3)
    moods = [random_mood(random, (0, 1, 2)) for _ in range(300)]
    assert 0.35 < np.mean([mood.minor for mood in moods]) < 0.65
    for name, low, high in (("tempo_bpm", 60, 160), ("velocity", 40, 105), ("gate", 0.4, 1.1)):
        values = [getattr(mood, name) for mood in moods]
        assert min(values) < low < high < max(values)


def test_a_piece_is_read_in_beats(tmp_path: Path) -> None:
    folder = tmp_path / "pop909" / "POP909" / "001"
    folder.mkdir(parents=True)
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="MELODY")])
    track += [
        mido.Message("note_on", note=60, velocity=80, time=480),
        mido.Message("note_on", note=60, velocity=0, time=240),
    ]
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(folder / "001.mid")
    assert load_piece(tmp_path, "001").notes.tolist() == [(1.0, 0.5, 60, 80.0, 0)]
    assert sum(song_names(tmp_path, split) == ["001"] for split in ("train", "validation", "test")) == 1


def test_a_missing_set_or_a_bad_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pop909"):
        song_names(tmp_path, "train")
    folder = tmp_path / "pop909" / "POP909" / "002"
    folder.mkdir(parents=True)
    (folder / "002.mid").write_bytes(b"no MIDI")
    with pytest.raises(DataError, match=r"002\.mid: expected a MIDI file"):
        load_piece(tmp_path, "002")
